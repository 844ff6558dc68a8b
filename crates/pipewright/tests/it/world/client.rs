//! A client of the Web API that expects the server to go away at any moment.

use std::{
    io::{self, Read, Write},
    net::TcpStream,
    time::Duration,
};

use serde_json::Value;

/// Where requests go.
const ROOT: &str = "/api/data/v9.2/";
/// Longest wait for an answer. Longer than any server here may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Somebody with a token at an address.
#[derive(Debug, Clone)]
pub struct Client {
    pub address: String,
    pub token: String,
}

/// An answer whose status line has arrived.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Client {
    pub fn new(address: impl Into<String>, token: impl Into<String>) -> Self {
        Self { address: address.into(), token: token.into() }
    }

    /// One request, on a connection of its own. An error means that nobody knows what became of it.
    pub fn send(&self, method: &str, path: &str, body: Option<&Value>) -> io::Result<Reply> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let Self { address, token } = self;
        let body = body.map(ToString::to_string).unwrap_or_default();
        let path = path.replace(' ', "%20");
        // HTTP/1.0, so that an answer ends where the connection does.
        let request = format!(
            "{method} {ROOT}{path} HTTP/1.0\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        let ended = stream.read_to_end(&mut answer);
        let text = String::from_utf8_lossy(&answer);
        let status = text.split(' ').nth(1).filter(|_| text.contains("\r\n")).and_then(|status| status.parse().ok());
        match (status, ended) {
            (Some(status), _) => {
                let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
                Ok(Reply { status, head: head.to_owned(), body: body.to_owned() })
            }
            (None, Err(error)) => Err(error),
            (None, Ok(_)) => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    /// Reads something that is there.
    #[track_caller]
    pub fn get(&self, path: &str) -> Value {
        let reply = self.send("GET", path, None).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        reply.json()
    }

    /// All rows of a listing, page after page.
    #[track_caller]
    pub fn list(&self, path: &str) -> Vec<Value> {
        let mut rows = Vec::new();
        let mut next = Some(path.to_owned());
        while let Some(path) = next {
            let mut page = self.get(&path);
            rows.append(page["value"].as_array_mut().expect("a listing"));
            next = page["@odata.nextLink"]
                .as_str()
                .and_then(|link| link.split_once(ROOT))
                .map(|(_, rest)| rest.to_owned());
        }
        rows
    }
}

impl Reply {
    #[track_caller]
    pub fn json(&self) -> Value {
        super::json(&self.body)
    }

    /// The key of the row that was created, which ends its address.
    #[track_caller]
    pub fn key(&self) -> String {
        let line = self.head.lines().find(|line| line.to_lowercase().starts_with("odata-entityid"));
        let key = line.and_then(|line| line.rsplit_once('(')).map(|(_, key)| key.trim_end_matches(')').to_owned());
        key.unwrap_or_else(|| panic!("no key in {self:?}"))
    }

    /// The server says that it was done.
    pub fn is_done(&self) -> bool {
        (200..300).contains(&self.status)
    }
}
