//! What is measured in a process of its own: how long it takes to start, how much it weighs.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use store::DatabaseUrl;

use crate::{
    Arguments, BenchError, Result, aims,
    arguments::Part,
    organization::{address, database},
    reading,
    report::Figure,
    served,
    subject::Subject,
    writing,
};

/// Starts are measured so often; the median counts.
const STARTS: usize = 5;

/// Start time and memory.
pub(crate) fn figures(arguments: &Arguments, url: &DatabaseUrl) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    if arguments.wants(aims::START) {
        let mut starts = (0..STARTS).map(|_| start(url)).collect::<Result<Vec<_>>>()?;
        starts.sort_unstable();
        figures.push(Figure::new(aims::START, starts[STARTS / 2].as_secs_f64() * 1e3));
    }
    if arguments.wants(aims::MEMORY) {
        let output = child(url, Part::Memory)?.arg("--seconds").arg("1").stderr(Stdio::inherit()).output()?;
        let weight: Vec<f64> = String::from_utf8_lossy(&output.stdout)
            .split_whitespace()
            .filter_map(|number| number.parse().ok())
            .collect();
        let [resident, peak] = weight.as_slice() else {
            return Err(BenchError::other("the process that measures memory failed"));
        };
        figures.extend([Figure::new(aims::MEMORY, *resident), Figure::new(aims::PEAK, *peak)]);
    }
    Ok(figures)
}

/// From the start of the process to its first line: `pipewright serve` where it is built beside
/// the benchmark, otherwise a child that opens the database and runs one query.
fn start(url: &DatabaseUrl) -> Result<Duration> {
    let mut command = match server() {
        Some(server) => {
            let mut command = Command::new(server);
            command.args(["serve", "--listen", "127.0.0.1:0", "--database", &address(url)]);
            command
        }
        None => child(url, Part::Start)?,
    };
    let begun = Instant::now();
    let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut line = String::new();
    if let Some(output) = process.stdout.take() {
        BufReader::new(output).read_line(&mut line)?;
    }
    let took = begun.elapsed();
    // The database is closed properly, as an administrator would.
    let _ = Command::new("kill").arg(process.id().to_string()).status();
    process.wait()?;
    if line.contains("ready") { Ok(took) } else { Err(BenchError::other("the server did not start")) }
}

fn server() -> Option<PathBuf> {
    let beside = std::env::current_exe().ok()?.with_file_name("pipewright");
    beside.exists().then_some(beside)
}

pub(crate) fn child(url: &DatabaseUrl, part: Part) -> Result<Command> {
    let part = match part {
        Part::Start => "start",
        Part::Memory => "memory",
        Part::Fill => "fill",
        Part::Listening => "listening",
    };
    let mut command = Command::new(std::env::current_exe()?);
    command.args(["--part", part, "--database", &address(url)]);
    Ok(command)
}

/// The child's part: opens the database, reads something and says so.
pub(crate) async fn open_and_say_so(arguments: &Arguments) -> Result<()> {
    let app = crm::App::open(&database(arguments)?).await?;
    let engine = app.engine().await?;
    app.query(&engine, app.new_query(&engine, "lead").select(["fullname"])).await?;
    println!("ready");
    app.close().await;
    Ok(())
}

/// The child's part: does everything a while with 16 clients, then prints its resident memory
/// and the peak of it, in megabytes. Nothing raw is run, so that it is the product's weight.
pub(crate) async fn work_and_weigh(arguments: &Arguments) -> Result<()> {
    let mut subject = Subject::open(&database(arguments)?).await?;
    subject.file = None;
    reading::cases(arguments, &subject).await?;
    served::cases(arguments, &subject).await?;
    writing::cases(arguments, &subject).await?;
    println!("{} {}", own("VmRSS")?, own("VmHWM")?);
    subject.app.close().await;
    Ok(())
}

pub(crate) fn own(fact: &str) -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with(fact));
    let kilobytes: Option<f64> =
        line.and_then(|line| line.split_whitespace().nth(1)).and_then(|number| number.parse().ok());
    kilobytes
        .map(|kilobytes| kilobytes / 1024.0)
        .ok_or_else(|| BenchError::other(format!("the system does not tell {fact}")))
}
