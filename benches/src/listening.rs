//! What open pages weigh: connections that wait for news, each of a page with a list of fifty rows.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, ChildStdin, ChildStdout, Stdio},
    time::{Duration, Instant},
};

use crm::{Origin, Row};
use tokio::net::TcpListener;

use crate::{
    Arguments, BenchError, Result, aims,
    arguments::Part,
    children::{child, own},
    organization::database,
    report::Figure,
    subject::Subject,
};

/// Pages open at once. A session may have sixteen of them.
const PAGES: usize = 500;
const A_SESSION: usize = 10;
/// News must be there by then.
const PATIENCE: Duration = Duration::from_secs(20);

/// Weight of [`PAGES`] connections together, and how long a change takes to reach all of them.
pub(crate) fn figures(arguments: &Arguments, url: &store::DatabaseUrl) -> Result<Vec<Figure>> {
    if !arguments.wants(aims::LISTENING) {
        return Ok(Vec::new());
    }
    let mut server = Server::start(url)?;
    let before = server.weight()?;
    let mut pages = (0..PAGES).map(|page| server.open(page / A_SESSION)).collect::<Result<Vec<_>>>()?;
    let after = server.weight()?;
    let begun = Instant::now();
    server.ask("change")?;
    for page in &mut pages {
        hear(page)?;
    }
    let heard = begun.elapsed();
    server.end()?;
    Ok(vec![
        Figure::new(aims::LISTENING, (after - before).max(0.0)),
        Figure::new(aims::HEARD, heard.as_secs_f64() * 1e3),
    ])
}

/// The process that serves; what it is told and says goes by lines.
struct Server {
    process: Child,
    tell: ChildStdin,
    said: BufReader<ChildStdout>,
    address: String,
    sessions: Vec<String>,
    watched: String,
}

impl Server {
    fn start(url: &store::DatabaseUrl) -> Result<Self> {
        let mut process = child(url, Part::Listening)?.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(tell), Some(said)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(BenchError::other("the serving process has no pipes"));
        };
        let mut server = Self {
            process,
            tell,
            said: BufReader::new(said),
            address: String::new(),
            sessions: Vec::new(),
            watched: String::new(),
        };
        server.address = server.line()?;
        server.watched = server.line()?;
        server.sessions = server.line()?.split(' ').map(str::to_owned).collect();
        Ok(server)
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        self.said.read_line(&mut line)?;
        let line = line.trim().to_owned();
        if line.is_empty() { Err(BenchError::other("the serving process said nothing")) } else { Ok(line) }
    }

    fn ask(&mut self, what: &str) -> Result<()> {
        writeln!(self.tell, "{what}")?;
        Ok(self.tell.flush()?)
    }

    fn weight(&mut self) -> Result<f64> {
        self.ask("weigh")?;
        self.line()?.parse().map_err(|_| BenchError::other("the serving process did not say its weight"))
    }

    /// A page opens its connection and has the head of the answer.
    fn open(&self, session: usize) -> Result<BufReader<TcpStream>> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let session = &self.sessions[session % self.sessions.len()];
        write!(
            stream,
            "GET /live?watch=lead&{} HTTP/1.1\r\nHost: localhost\r\nCookie: pipewright_session={session}\r\nAccept: text/event-stream\r\n\r\n",
            self.watched
        )?;
        let mut page = BufReader::new(stream);
        let mut line = String::new();
        page.read_line(&mut line)?;
        if !line.contains(" 200 ") {
            let mut rest = [0; 300];
            let length = page.read(&mut rest)?;
            return Err(BenchError::other(format!("{line}{}", String::from_utf8_lossy(&rest[..length]))));
        }
        while line.trim() != "" {
            line.clear();
            page.read_line(&mut line)?;
        }
        Ok(page)
    }

    fn end(mut self) -> Result<()> {
        self.ask("end")?;
        self.process.wait()?;
        Ok(())
    }
}

/// Reads until there is news of a row.
fn hear(page: &mut BufReader<TcpStream>) -> Result<()> {
    let mut line = String::new();
    loop {
        line.clear();
        if page.read_line(&mut line)? == 0 {
            return Err(BenchError::other("a page lost its connection"));
        }
        if line.starts_with("data:") && line.contains("\"row\"") {
            return Ok(());
        }
    }
}

/// The child's part: serves pages on loopback and does what it is told.
pub(crate) async fn serve(arguments: &Arguments) -> Result<()> {
    let subject = Subject::open(&database(arguments)?).await?;
    let router = web::router(subject.app.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let shown: Vec<String> = subject.open_leads.iter().take(50).map(ToString::to_string).collect();
    println!("rows=lead:{}", shown.join(","));
    let mut sessions = Vec::new();
    for _ in 0..PAGES.div_ceil(A_SESSION) {
        sessions.push(crate::served::session(&subject, subject.administrator.user).await?);
    }
    println!("{}", sessions.join(" "));
    let serving = tokio::spawn(async move { axum::serve(listener, router).await });
    for line in std::io::stdin().lines() {
        match line?.as_str() {
            "weigh" => println!("{}", own("VmRSS")?),
            "change" => change(&subject).await?,
            _ => break,
        }
    }
    serving.abort();
    Ok(())
}

async fn change(subject: &Subject) -> Result<()> {
    let Some(lead) = subject.open_leads.first() else { return Err(BenchError::other("there is no open lead")) };
    let changes = Row::new().with("jobtitle", "Changed while others look");
    subject.app.update(&subject.administrator, Origin::Page, "lead", *lead, changes, None).await?;
    Ok(())
}
