//! Formatted text that is safe to stand on a page. What comes in is taken apart and put together
//! anew: only tags named here are written, without attributes but for a link's address, and
//! everything else is text. So what comes out holds nothing that was not meant, however bent what
//! came in.

use maud::{Markup, PreEscaped};

/// Tags that are kept, with the name they are written by.
const KEPT: &[(&str, &str)] = &[
    ("p", "p"),
    ("div", "p"),
    ("h1", "p"),
    ("h2", "p"),
    ("h3", "p"),
    ("h4", "p"),
    ("b", "strong"),
    ("strong", "strong"),
    ("i", "em"),
    ("em", "em"),
    ("u", "u"),
    ("s", "s"),
    ("strike", "s"),
    ("ul", "ul"),
    ("ol", "ol"),
    ("li", "li"),
    ("blockquote", "blockquote"),
    ("a", "a"),
];
/// Tags whose content is no text.
const DROPPED: &[&str] = &["script", "style", "title", "template", "iframe", "noscript", "svg", "math", "textarea"];
/// What a link may lead to.
const SCHEMES: &[&str] = &["https://", "http://", "mailto:", "tel:"];
/// How deep tags may stand in each other.
const DEEPEST: usize = 20;

/// The longest entity, in bytes.
const LONGEST_ENTITY: usize = 12;

/// The text with its formatting, fit for a page and for keeping. Each part of it is looked at once,
/// so that no text takes long.
pub fn clean(html: &str) -> String {
    let mut writer = Writer::default();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        writer.text(&rest[..at]);
        let behind = &rest[at + 1..];
        if !opens_tag(behind) {
            writer.text("<");
            rest = behind;
            continue;
        }
        // Where this tag does not end, none behind it is looked for.
        let Some(end) = tag_end(behind) else {
            rest = &rest[at..];
            break;
        };
        let name = writer.tag(&behind[..end]);
        rest = &behind[end + 1..];
        if DROPPED.contains(&name.as_str()) {
            rest = behind_closing(rest, &name);
        }
    }
    writer.text(rest);
    writer.finish()
}

/// The same as a part of a page.
pub(crate) fn shown(html: &str) -> Markup {
    PreEscaped(clean(html))
}

/// A "<" before anything else is text: "5 < 6".
fn opens_tag(behind: &str) -> bool {
    behind.starts_with(|sign: char| sign.is_ascii_alphabetic() || matches!(sign, '/' | '!' | '?'))
}

/// Where the tag ends that begins the text: ">" within quotes is a part of a value.
fn tag_end(text: &str) -> Option<usize> {
    let mut quote = None;
    for (place, sign) in text.char_indices() {
        match (quote, sign) {
            (None, '>') => return Some(place),
            (None, '"' | '\'') => quote = Some(sign),
            (Some(open), sign) if open == sign => quote = None,
            _ => {}
        }
    }
    None
}

/// What follows the closing tag of this name; nothing where it is never closed.
fn behind_closing<'t>(text: &'t str, name: &str) -> &'t str {
    let closes = |at: &usize| {
        let place = at + 2..at + 2 + name.len();
        text.get(place).is_some_and(|found| found.eq_ignore_ascii_case(name))
    };
    let closing = text.match_indices("</").map(|(at, _)| at).find(closes);
    let end = closing.and_then(|at| Some(at + tag_end(&text[at..])? + 1));
    end.map_or("", |end| &text[end..])
}

#[derive(Default)]
struct Writer {
    written: String,
    /// Tags that are open.
    open: Vec<&'static str>,
}

impl Writer {
    fn text(&mut self, text: &str) {
        for (place, sign) in text.char_indices() {
            match sign {
                '<' => self.written.push_str("&lt;"),
                '>' => self.written.push_str("&gt;"),
                '"' => self.written.push_str("&quot;"),
                '&' if !is_entity(&text[place..]) => self.written.push_str("&amp;"),
                sign => self.written.push(sign),
            }
        }
    }

    /// Takes the inside of a tag; its name.
    fn tag(&mut self, inside: &str) -> String {
        let (closes, inside) = inside.strip_prefix('/').map_or((false, inside), |rest| (true, rest));
        let end = inside.find(|sign: char| !sign.is_ascii_alphanumeric()).unwrap_or(inside.len());
        let name = inside[..end].to_ascii_lowercase();
        if name == "br" {
            self.written.push_str("<br>");
            return name;
        }
        let kept = KEPT.iter().find(|(known, _)| *known == name).map(|(_, written)| *written);
        match kept {
            Some(kept) if closes => self.close(kept),
            Some(kept) => self.open(kept, &inside[end..]),
            None => {}
        }
        name
    }

    fn open(&mut self, name: &'static str, attributes: &str) {
        // A paragraph ends where the next one begins, and so does an item of a list.
        if name == "p" && self.open.last() == Some(&"p") {
            self.close("p");
        }
        if name == "li" {
            match self.open.iter().rposition(|open| matches!(*open, "ul" | "ol" | "li")) {
                Some(at) if self.open[at] == "li" => self.close("li"),
                Some(_) => {}
                None => return,
            }
        }
        if self.open.len() >= DEEPEST {
            return;
        }
        match name {
            "a" => {
                let Some(address) = address(attributes) else { return };
                self.written.push_str("<a href=\"");
                self.text(&address);
                self.written.push_str("\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">");
            }
            name => {
                self.written.push('<');
                self.written.push_str(name);
                self.written.push('>');
            }
        }
        self.open.push(name);
    }

    /// Closes the tag and what was opened within it; nothing where it is not open.
    fn close(&mut self, name: &str) {
        let Some(at) = self.open.iter().rposition(|open| *open == name) else { return };
        while self.open.len() > at {
            if let Some(open) = self.open.pop() {
                self.written.push_str("</");
                self.written.push_str(open);
                self.written.push('>');
            }
        }
    }

    fn finish(mut self) -> String {
        if let Some(first) = self.open.first().copied() {
            while !self.open.is_empty() {
                self.close(self.open.last().copied().unwrap_or(first));
            }
        }
        self.written
    }
}

/// True where the text begins with something like `&amp;` or `&#39;`.
fn is_entity(text: &str) -> bool {
    let end = text.bytes().take(LONGEST_ENTITY).position(|sign| sign == b';');
    let Some(end) = end.filter(|end| *end >= 2) else { return false };
    let name = &text[1..end];
    let name = name.strip_prefix('#').unwrap_or(name);
    name.chars().all(|sign| sign.is_ascii_alphanumeric())
}

/// The address of a link, where it may lead there.
fn address(attributes: &str) -> Option<String> {
    let lower = attributes.to_ascii_lowercase();
    let at = lower.find("href=")?;
    let value = &attributes[at + 5..];
    let value = match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next()?,
        _ => value.split_whitespace().next()?,
    };
    let value = value.trim();
    let begins = value.to_ascii_lowercase();
    let fits = SCHEMES.iter().any(|scheme| begins.starts_with(scheme));
    (fits && !value.contains(char::is_whitespace)).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn formatting_stays() {
        for text in [
            "<p>Budget <strong>confirmed</strong></p>",
            "<ul><li>one</li><li>two</li></ul>",
            "a<br>b",
            "5 &lt; 6 &amp; more",
        ] {
            assert_eq!(clean(text), text);
        }
        assert_eq!(
            clean("<div>see <a href='https://a.example/?q=1&amp;r=2' onclick=x>there</a></div>"),
            "<p>see <a href=\"https://a.example/?q=1&amp;r=2\" target=\"_blank\" rel=\"noopener noreferrer nofollow\">there</a></p>"
        );
    }

    #[test]
    fn nothing_that_runs_comes_through() {
        for bent in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<a href=\"javascript:alert(1)\">x</a>",
            "<a href=\" jAvascript:alert(1)\">x</a>",
            "<b onmouseover=alert(1)>x",
            "<style>*{}</style><svg onload=alert(1)><p>x</svg>",
            "<a href='https://x.example/\"onclick=alert(1)//'>x</a>",
            "<<script>alert(1)</script>",
            "<p title=\"><script>alert(1)</script>\">x",
            "<a href=\"https://x.example\" <script>",
        ] {
            let safe = clean(bent);
            let tags: Vec<&str> = safe.split('<').skip(1).filter_map(|tag| tag.split('>').next()).collect();
            for tag in tags {
                let plain = tag.trim_start_matches('/');
                let is_known = ["p", "strong", "em", "br"].contains(&plain);
                let is_link =
                    plain == "a" || (plain.starts_with("a href=\"https://") && plain.matches('"').count() == 6);
                assert!(is_known || is_link, "{bent}: {safe}");
            }
        }
    }

    #[test]
    fn what_is_left_open_is_closed() {
        assert_eq!(clean("<ul><li><b>one<li>two"), "<ul><li><strong>one</strong></li><li>two</li></ul>");
        assert_eq!(clean("<p>one<p>two</b></i>"), "<p>one</p><p>two</p>");
        assert_eq!(clean("<li>alone"), "alone");
        assert_eq!(clean("1 < 2 and <"), "1 &lt; 2 and &lt;");
        assert_eq!(clean("1 < 2 <b>and</b> <i never"), "1 &lt; 2 <strong>and</strong> &lt;i never");
        assert_eq!(clean("a<SCRIPT>b</script >c</STYLE><style>d</ Style></styLE>e"), "ace");
    }

    #[test]
    fn no_text_takes_long() {
        for part in ["<", "<a", "<a \"", "</", "<script>x</script>", "<style>", "&", "<p>&", "<svg></", "<a href='"] {
            let begun = std::time::Instant::now();
            clean(&part.repeat(200_000));
            assert!(begun.elapsed() < std::time::Duration::from_secs(5), "{part}: {:?}", begun.elapsed());
        }
    }
}
