//! The body of a batch: requests in the parts of a multipart message. Clients write it by hand, so
//! line ends may be CR LF or LF, blank lines may be too many and the last one may be missing.

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};

use crate::error::{Error, Result};

/// Most requests of a batch, as in Dataverse.
const MOST: usize = 1_000;

/// What is carried out together: one request, or several of which all or none are.
#[derive(Debug, PartialEq)]
pub enum Piece {
    /// One request.
    Single(Part),
    /// A change set.
    ChangeSet(Vec<Part>),
}

/// A request in a part.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// `1`, by which later parts of a change set refer to its row as `$1`.
    pub content_id: Option<String>,
    /// The method.
    pub method: Method,
    /// The address as it is written: whole, from the root, or below the version.
    pub target: String,
    /// Headers of the request, and those of the part that are not about the part itself.
    pub headers: HeaderMap,
    /// The body, without blank lines around it.
    pub body: String,
}

/// Reads a batch. `content_type` is that of the whole.
pub fn read(content_type: &str, body: &str) -> Result<Vec<Piece>> {
    let boundary = boundary(content_type).ok_or_else(|| {
        Error::BadBody("$batch: send Content-Type: multipart/mixed; boundary=… and its parts".to_owned())
    })?;
    let mut count = 0;
    let mut pieces = Vec::new();
    for part in split(body, &boundary)? {
        let (headers, content) = head_and_body(part);
        let kind = header_text(&headers, "content-type");
        let piece = match self::boundary(&kind) {
            Some(inner) => {
                let parts = split(content, &inner)?.into_iter().map(|part| request(part, &mut count));
                Piece::ChangeSet(parts.collect::<Result<_>>()?)
            }
            None => Piece::Single(request(part, &mut count)?),
        };
        pieces.push(piece);
    }
    Ok(pieces)
}

/// The boundary of a multipart type; nothing where it is another type.
fn boundary(content_type: &str) -> Option<String> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/mixed") {
        return None;
    }
    let named = parameters.split(';').filter_map(|parameter| parameter.split_once('='));
    let (_, value) = named.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case("boundary"))?;
    Some(value.trim().trim_matches('"').to_owned()).filter(|boundary| !boundary.is_empty())
}

/// What stands between the lines of a boundary.
fn split<'a>(body: &'a str, boundary: &str) -> Result<Vec<&'a str>> {
    let mut parts = Vec::new();
    let mut begin = None;
    let mut at = 0;
    for line in body.split_inclusive('\n') {
        if let Some(rest) = line.trim_end().strip_prefix("--").and_then(|line| line.strip_prefix(boundary)) {
            if !matches!(rest, "" | "--") {
                at += line.len();
                continue;
            }
            parts.extend(begin.map(|begin| &body[begin..at]));
            if rest == "--" {
                return Ok(parts);
            }
            begin = Some(at + line.len());
        }
        at += line.len();
    }
    // The last line is missing where a client forgot it.
    match begin {
        Some(begin) => {
            parts.push(&body[begin..]);
            Ok(parts)
        }
        None => Err(Error::BadBody(format!("$batch: no line begins with --{boundary}"))),
    }
}

/// Headers up to the first blank line, and what is behind it.
fn head_and_body(text: &str) -> (HeaderMap, &str) {
    let mut headers = HeaderMap::new();
    let mut rest = text.trim_start_matches(['\r', '\n']);
    while let Some(line) = rest.split_inclusive('\n').next() {
        let behind = &rest[line.len()..];
        let line = line.trim();
        if line.is_empty() {
            return (headers, behind);
        }
        let Some((name, value)) = line.split_once(':') else { return (headers, rest) };
        let name = HeaderName::from_bytes(name.trim().as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value.trim())) {
            headers.append(name, value);
        }
        rest = behind;
    }
    (headers, rest)
}

fn request(part: &str, count: &mut usize) -> Result<Part> {
    *count += 1;
    if *count > MOST {
        return Err(Error::BadBody(format!("$batch: at most {MOST} requests a batch; send them in several")));
    }
    let (about, content) = head_and_body(part);
    let content = content.trim_start();
    let line = content.lines().next().unwrap_or_default().trim();
    let (method, target) = request_line(line).ok_or_else(|| {
        Error::BadBody(format!("$batch: part {count}: a line such as 'GET accounts HTTP/1.1' is missing"))
    })?;
    let behind = content.split_once('\n').map_or("", |(_, behind)| behind);
    // Directly behind a request without headers stands its body.
    let (mut headers, body) = if behind.trim_start_matches('\r').starts_with('\n') {
        (HeaderMap::new(), behind)
    } else {
        head_and_body(behind)
    };
    let content_id =
        [&headers, &about].iter().map(|headers| header_text(headers, "content-id")).find(|id| !id.is_empty());
    for (name, value) in &about {
        if !name.as_str().starts_with("content-") && !headers.contains_key(name) {
            headers.append(name, value.clone());
        }
    }
    Ok(Part { content_id, method, target: target.to_owned(), headers, body: body.trim().to_owned() })
}

fn request_line(line: &str) -> Option<(Method, &str)> {
    let (method, rest) = line.split_once(' ')?;
    let method = Method::from_bytes(method.as_bytes()).ok()?;
    let rest = rest.trim();
    let target = match rest.rsplit_once(' ') {
        Some((target, version)) if version.starts_with("HTTP/") => target.trim(),
        _ => rest,
    };
    Some((method, target)).filter(|(_, target)| !target.is_empty())
}

fn header_text(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn single(piece: &Piece) -> &Part {
        match piece {
            Piece::Single(part) => part,
            Piece::ChangeSet(_) => panic!("a change set: {piece:?}"),
        }
    }

    const BODY: &str = "preamble\n--b1\nContent-Type: application/http\nContent-Transfer-Encoding: binary\n\n\
        GET accounts?$filter=name eq 'a b' HTTP/1.1\nPrefer: odata.maxpagesize=3\n\n\n--b1\n\
        Content-Type: multipart/mixed; boundary=\"c 1\"\n\n--c 1\nContent-Type: application/http\nContent-ID: 1\n\n\
        POST /api/data/v9.2/leads HTTP/1.1\nContent-Type: application/json; type=entry\n\n\n{\"subject\":\"x\"}\n\n\
        --c 1--\n--b1--\n";

    #[test]
    fn parts_are_read_with_any_line_ends() {
        for body in [BODY.to_owned(), BODY.replace('\n', "\r\n"), BODY.trim_end_matches("--b1--\n").to_owned()] {
            let pieces = read("multipart/mixed;boundary=b1", &body).unwrap();
            let [first, Piece::ChangeSet(set)] = pieces.as_slice() else { panic!("{pieces:?}") };
            let first = single(first);
            assert_eq!((&first.method, first.target.as_str()), (&Method::GET, "accounts?$filter=name eq 'a b'"));
            assert_eq!(first.headers["prefer"], "odata.maxpagesize=3");
            assert_eq!(first.body, "");
            assert_eq!((set.len(), set[0].content_id.as_deref()), (1, Some("1")));
            assert_eq!(set[0].body, "{\"subject\":\"x\"}");
        }
    }

    #[test]
    fn a_request_without_headers_has_a_body_too() {
        let body = "--b\nContent-Type: application/http\n\nPATCH accounts(1) HTTP/1.1\n\n{\"name\":\"x: y\"}\n--b--";
        assert_eq!(single(&read("multipart/mixed; boundary=b", body).unwrap()[0]).body, "{\"name\":\"x: y\"}");
    }

    #[test]
    fn what_is_no_batch_is_refused() {
        for (kind, body) in
            [("application/json", "{}"), ("multipart/mixed; boundary=", ""), ("multipart/mixed; boundary=b", "text")]
        {
            assert!(read(kind, body).is_err(), "{kind}: {body}");
        }
        let nameless = "--b\nContent-Type: application/http\n\nhello\n--b--";
        assert!(read("multipart/mixed; boundary=b", nameless).is_err());
        let many = "--b\nContent-Type: application/http\n\nGET leads HTTP/1.1\n\n".repeat(1_001);
        assert!(read("multipart/mixed; boundary=b", &many).is_err());
    }

    proptest::proptest! {
        #[test]
        fn nothing_that_is_sent_breaks_the_reader(body in "(--b|--b--|--c|\r\n|\n|Content-Type: |multipart/mixed; boundary=c|GET x|:|\\PC){0,40}") {
            let _ = read("multipart/mixed; boundary=b", &body);
        }
    }
}
