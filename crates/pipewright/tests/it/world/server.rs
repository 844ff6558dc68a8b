//! A running server, and just enough HTTP to ask it something.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

/// How long a server may take to end when it is told to.
const END: Duration = Duration::from_secs(15);

/// A server that is ready; killed when dropped.
pub struct Server {
    child: Child,
    output: BufReader<ChildStdout>,
    /// The line it printed when it was ready.
    pub line: String,
}

/// How a server ended.
pub struct Ended {
    pub code: Option<i32>,
    /// What it printed after the line that it is ready.
    pub printed: String,
}

/// An answer.
pub struct Answer {
    pub status: u16,
    pub text: String,
}

impl Server {
    /// Starts it and waits for its first line; its log goes to `log`.
    pub fn start(mut command: Command, log: PathBuf) -> Self {
        let stderr = File::create(&log).unwrap();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(stderr).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "the server ended: {}", std::fs::read_to_string(log).unwrap());
        Self { child, output, line }
    }

    /// Waits for the next line it prints.
    pub fn next_line(&mut self) -> String {
        let mut line = String::new();
        assert!(self.output.read_line(&mut line).unwrap() > 0, "the server ended");
        line
    }

    /// The number of its process.
    pub fn number(&self) -> u32 {
        self.child.id()
    }

    /// HOST:PORT, from the line it printed.
    pub fn address(&self) -> &str {
        self.line.trim_end().rsplit_once("http://").expect("the line names the address").1
    }

    /// Opens a connection and says nothing on it.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream
    }

    /// Asks for a page.
    pub fn get(&self, path: &str, token: Option<&str>) -> Answer {
        let mut stream = self.connect();
        let authorization = token.map(|token| format!("Authorization: Bearer {token}\r\n")).unwrap_or_default();
        let address = self.address();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{authorization}\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status line");
        Answer { status, text }
    }

    /// Sends SIGTERM and waits for the end.
    pub fn stop(mut self) -> Ended {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(begun.elapsed() < END, "the server does not end");
            std::thread::sleep(Duration::from_millis(20));
        };
        let mut printed = String::new();
        self.output.read_to_string(&mut printed).unwrap();
        Ended { code: status.code(), printed }
    }

    /// Holds it still; nothing is answered until [`Server::resume`].
    pub fn pause(&self) {
        kill_process(Pid::from_child(&self.child), Signal::STOP).unwrap();
    }

    /// Lets it go on.
    pub fn resume(&self) {
        kill_process(Pid::from_child(&self.child), Signal::CONT).unwrap();
    }

    /// Ends it as a power cut would.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
