//! What open pages weigh: connections that wait for news, each of a page with a list of fifty rows.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, ChildStdin, ChildStdout, Stdio},
    time::{Duration, Instant},
};

use crm::{Caller, Origin, Row};
use model::{Filter, Order, Reference, Value};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::{
    Arguments, BenchError, Result, aims,
    arguments::Part,
    children::{child, own},
    organization::database,
    report::Figure,
    subject::Subject,
};

/// Pages open at once. A person may have sixteen of them.
const PAGES: usize = 500;
const A_PERSON: usize = 15;
/// Rows on a page.
const ROWS: u32 = 50;
/// News must be there by then.
const PATIENCE: Duration = Duration::from_secs(20);

/// Weight of [`PAGES`] connections together, and how long a change takes to reach all of them.
pub(crate) fn figures(arguments: &Arguments, url: &store::DatabaseUrl) -> Result<Vec<Figure>> {
    if !arguments.wants(aims::LISTENING) {
        return Ok(Vec::new());
    }
    let mut server = Server::start(url)?;
    // What SQLite and others keep of the rows shown is there before, as in a server that has worked.
    for person in 0..server.people.len() {
        drop(server.open(person)?);
    }
    std::thread::sleep(Duration::from_secs(1));
    let before = server.weight()?;
    let mut pages = (0..PAGES).map(|page| server.open(page / A_PERSON)).collect::<Result<Vec<_>>>()?;
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
    /// Of each person the session, and what their pages show.
    people: Vec<(String, String)>,
}

impl Server {
    fn start(url: &store::DatabaseUrl) -> Result<Self> {
        let mut process = child(url, Part::Listening)?.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let (Some(tell), Some(said)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(BenchError::other("the serving process has no pipes"));
        };
        let mut server = Self { process, tell, said: BufReader::new(said), address: String::new(), people: Vec::new() };
        server.address = server.line()?;
        for _ in 0..PAGES.div_ceil(A_PERSON) {
            let person = (server.line()?, server.line()?);
            server.people.push(person);
        }
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

    /// A page opens its connection and is greeted.
    fn open(&self, person: usize) -> Result<BufReader<TcpStream>> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let (session, watched) = &self.people[person];
        write!(
            stream,
            "GET /live?watch=lead&{watched} HTTP/1.1\r\nHost: localhost\r\nCookie: pipewright_session={session}\r\nAccept: text/event-stream\r\n\r\n",
        )?;
        let mut page = BufReader::new(stream);
        let mut line = String::new();
        page.read_line(&mut line)?;
        if !line.contains(" 200 ") {
            let mut rest = [0; 300];
            let length = page.read(&mut rest)?;
            return Err(BenchError::other(format!("{line}{}", String::from_utf8_lossy(&rest[..length]))));
        }
        // It is greeted with what it has missed.
        while !line.starts_with("data:") {
            line.clear();
            if page.read_line(&mut line)? == 0 {
                return Err(BenchError::other("a page was not greeted"));
            }
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
    let people = PAGES.div_ceil(A_PERSON);
    if subject.sellers.len() < people {
        return Err(BenchError::other(format!("{PAGES} open pages take {people} sellers; generate more leads")));
    }
    let mut changed = Vec::new();
    for seller in subject.sellers.iter().take(people) {
        let shown = shown(&subject, seller).await?;
        println!("{}", crate::served::session(&subject, seller.user).await?);
        println!("rows=lead:{}", shown.iter().map(Uuid::to_string).collect::<Vec<_>>().join(","));
        changed.extend(shown.first().copied());
    }
    let serving = tokio::spawn(async move { axum::serve(listener, router.into_make_service()).await });
    for line in std::io::stdin().lines() {
        match line?.as_str() {
            "weigh" => println!("{}", own("VmRSS")?),
            "change" => change(&subject, &changed).await?,
            _ => break,
        }
    }
    serving.abort();
    Ok(())
}

/// The newest open leads of a seller.
async fn shown(subject: &Subject, seller: &Caller) -> Result<Vec<Uuid>> {
    let own = Filter::eq("statecode", 0).and(Filter::eq("ownerid", Reference::new("systemuser", seller.user)));
    let query = subject.app.new_query(seller, "lead").select(["leadid"]).matching(own);
    let rows = subject.app.query(seller, query.order_by(Order::descending("createdon")).take(ROWS)).await?;
    Ok(rows.rows.iter().filter_map(|row| row.first().and_then(Value::as_id)).collect())
}

/// A row of each person's pages is changed by somebody else.
async fn change(subject: &Subject, leads: &[Uuid]) -> Result<()> {
    for lead in leads {
        let changes = Row::new().with("jobtitle", "Changed while others look");
        subject.app.update(&subject.administrator, Origin::Page, "lead", *lead, changes, None).await?;
    }
    Ok(())
}
