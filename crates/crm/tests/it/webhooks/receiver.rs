//! A server on this machine that is told of changes.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
};

use serde_json::Value as Json;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// What it was told at once.
#[derive(Debug, Clone)]
pub struct Heard {
    pub headers: HashMap<String, String>,
    pub body: String,
}

impl Heard {
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap()
    }

    pub fn kind(&self) -> String {
        self.json()["type"].as_str().unwrap().to_owned()
    }
}

/// Answers as it is told to beforehand, and well otherwise.
pub struct Receiver {
    pub address: String,
    heard: Arc<Mutex<Vec<Heard>>>,
    answers: Arc<Mutex<VecDeque<&'static str>>>,
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/hooks?from=crm", listener.local_addr().unwrap());
        let receiver = Self { address, heard: Arc::default(), answers: Arc::default() };
        let (told, given) = (Arc::clone(&receiver.heard), Arc::clone(&receiver.answers));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&told), Arc::clone(&given)));
            }
        });
        receiver
    }

    /// Status line and headers of the next answers.
    pub fn answer_next(&self, answers: &[&'static str]) {
        self.answers.lock().unwrap().extend(answers);
    }

    /// What it was told since it was last asked.
    pub fn heard(&self) -> Vec<Heard> {
        std::mem::take(&mut self.heard.lock().unwrap())
    }
}

async fn answer(stream: TcpStream, heard: Arc<Mutex<Vec<Heard>>>, answers: Arc<Mutex<VecDeque<&'static str>>>) {
    let mut stream = BufReader::new(stream);
    let mut first = String::new();
    stream.read_line(&mut first).await.unwrap();
    assert_eq!(first, "POST /hooks?from=crm HTTP/1.1\r\n");
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(name.to_lowercase(), value.to_owned());
    }
    let mut body = vec![0; headers["content-length"].parse().unwrap()];
    stream.read_exact(&mut body).await.unwrap();
    heard.lock().unwrap().push(Heard { headers, body: String::from_utf8(body).unwrap() });
    let status = answers.lock().unwrap().pop_front().unwrap_or("204 No Content");
    let words = if status.starts_with("204") { "" } else { "no room for it" };
    let text = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{words}", words.len());
    stream.write_all(text.as_bytes()).await.unwrap();
}
