//! Running something over and over with a watch in hand.

use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use rusqlite::Connection;
use serde::Serialize;

use crate::Result;

/// Clients at a time when throughput is measured.
pub(crate) const CLIENTS: u64 = 16;

/// When a measurement ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// After this time, once with one client and once with [`CLIENTS`].
    pub time: Duration,
    /// After so many turns in all.
    pub turns: u64,
}

/// Waiting times of one client, in microseconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Latency {
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    pub turns: usize,
}

/// How fast something is.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Measured {
    /// With one client.
    pub alone: Latency,
    /// With [`CLIENTS`] clients; of a raw writer, of the whole group.
    pub together: Latency,
    /// Turns a second with [`CLIENTS`] clients.
    pub per_second: f64,
    /// Rows of an answer, or bytes of a page, on average of one client's turns.
    pub answer: f64,
}

/// What the turns of one client took and were answered.
#[derive(Debug, Default)]
struct Turns {
    waits: Vec<Duration>,
    answered: usize,
}

impl Turns {
    /// Notes one.
    fn took(&mut self, wait: Duration, answered: usize) {
        self.waits.push(wait);
        self.answered += answered;
    }

    fn and(mut self, other: Self) -> Self {
        self.waits.extend(other.waits);
        Self { answered: self.answered + other.answered, ..self }
    }
}

impl Measured {
    fn of(alone: Turns, together: Turns, took: Duration) -> Self {
        let per_second = together.waits.len() as f64 / took.as_secs_f64();
        let answer = alone.answered as f64 / alone.waits.len() as f64;
        Self { alone: Latency::of(alone.waits), together: Latency::of(together.waits), per_second, answer }
    }

    /// Counts what each turn does as so many.
    pub(crate) fn counting(self, each: u64) -> Self {
        Self { per_second: self.per_second * each as f64, ..self }
    }
}

impl Limits {
    pub(crate) const fn of(time: Duration) -> Self {
        Self { time, turns: u64::MAX }
    }

    /// A tenth of the time fills caches and prepares statements; it is not counted.
    fn warming(&self) -> Self {
        Self { time: self.time / 10, turns: (self.turns / 10).min(1000) }
    }

    /// The same number of turns, where some were made before.
    fn from(self, begun_with: u64) -> Self {
        Self { turns: self.turns.saturating_add(begun_with), ..self }
    }

    fn half(&self, begun_with: u64) -> Self {
        Self { time: self.time, turns: begun_with + (self.turns - begun_with) / 2 }
    }
}

impl Latency {
    fn of(mut waits: Vec<Duration>) -> Self {
        waits.sort_unstable();
        let at = |share: f64| {
            let position = (waits.len() as f64 * share) as usize;
            waits.get(position.min(waits.len().saturating_sub(1))).map_or(f64::NAN, |wait| wait.as_secs_f64() * 1e6)
        };
        Self { p50: at(0.5), p90: at(0.9), p99: at(0.99), turns: waits.len() }
    }
}

/// Measures what `act` does, first with one client, then with [`CLIENTS`]; it is told the number
/// of the turn and says how much it was answered.
pub(crate) async fn measure<F>(limits: Limits, act: impl Fn(u64) -> F + Send + Sync + 'static) -> Result<Measured>
where
    F: Future<Output = Result<usize>> + Send + 'static,
{
    let (act, turn) = (Arc::new(act), Arc::new(AtomicU64::new(0)));
    clients(1, limits.warming(), &act, &turn).await?;
    let half = limits.half(turn.load(Ordering::Relaxed));
    let (waits, _) = clients(1, half, &act, &turn).await?;
    // Other connections than that of the one client have caches to fill, too.
    let warming = limits.warming().from(turn.load(Ordering::Relaxed));
    clients(CLIENTS, warming, &act, &turn).await?;
    let (together, took) = clients(CLIENTS, limits, &act, &turn).await?;
    Ok(Measured::of(waits, together, took))
}

async fn clients<F>(
    count: u64,
    limits: Limits,
    act: &Arc<impl Fn(u64) -> F + Send + Sync + 'static>,
    turn: &Arc<AtomicU64>,
) -> Result<(Turns, Duration)>
where
    F: Future<Output = Result<usize>> + Send + 'static,
{
    let begun = Instant::now();
    let clients: Vec<_> = (0..count)
        .map(|_| {
            let (act, turn) = (Arc::clone(act), Arc::clone(turn));
            tokio::spawn(async move {
                let mut turns = Turns::default();
                while begun.elapsed() < limits.time {
                    let turn = turn.fetch_add(1, Ordering::Relaxed);
                    if turn >= limits.turns {
                        break;
                    }
                    let start = Instant::now();
                    let answered = act(turn).await?;
                    turns.took(start.elapsed(), answered);
                }
                Ok::<_, crate::BenchError>(turns)
            })
        })
        .collect();
    let mut all = Turns::default();
    for client in clients {
        all = all.and(client.await??);
    }
    Ok((all, begun.elapsed()))
}

/// The same for what waits on its own thread: every client is a thread with a connection of its own,
/// to the database or to a server.
pub(crate) fn measure_threads<C>(
    limits: Limits,
    open: impl Fn() -> Result<C> + Sync,
    act: impl Fn(&mut C, u64) -> Result<usize> + Sync,
) -> Result<Measured> {
    tokio::task::block_in_place(|| {
        let mut connection = open()?;
        repeat(&mut connection, limits.warming(), 0, 1, &act)?;
        let waits = repeat(&mut connection, limits, 0, 1, &act)?;
        let all_are_warm = Barrier::new(CLIENTS as usize + 1);
        let client = |client| {
            let warm = open().and_then(|mut connection| {
                repeat(&mut connection, limits.warming(), client, CLIENTS, &act).map(|_| connection)
            });
            all_are_warm.wait();
            repeat(&mut warm?, limits, client, CLIENTS, &act)
        };
        std::thread::scope(|scope| {
            let client = &client;
            let clients: Vec<_> = (0..CLIENTS).map(|number| scope.spawn(move || client(number))).collect();
            all_are_warm.wait();
            let begun = Instant::now();
            let mut turns = clients.into_iter().map(|client| client.join().unwrap_or_else(|_| Ok(Turns::default())));
            let together = turns.try_fold(Turns::default(), |all, turns| turns.map(|turns| all.and(turns)))?;
            Ok(Measured::of(waits, together, begun.elapsed()))
        })
    })
}

/// One raw writer: `alone` commits each turn, `grouped` a group of [`CLIENTS`] turns at once.
pub(crate) fn measure_raw_writer(
    limits: Limits,
    mut connection: &Connection,
    act: impl Fn(&Connection, u64) -> Result<()>,
) -> Result<Measured> {
    tokio::task::block_in_place(|| {
        let act_alone = |connection: &mut &Connection, turn| act(connection, turn).map(|()| 1);
        repeat(&mut connection, limits.warming(), 1 << 40, 1, &act_alone)?;
        let waits = repeat(&mut connection, limits, 1 << 41, 1, &act_alone)?;
        let begun = Instant::now();
        let mut waits_together = Vec::new();
        while begun.elapsed() < limits.time {
            let start = Instant::now();
            connection.execute_batch("BEGIN IMMEDIATE")?;
            for turn in 0..CLIENTS {
                act(connection, (1 << 42) + waits_together.len() as u64 + turn)?;
            }
            connection.execute_batch("COMMIT")?;
            waits_together.extend([start.elapsed(); CLIENTS as usize]);
        }
        let together = Turns { answered: waits_together.len(), waits: waits_together };
        Ok(Measured::of(waits, together, begun.elapsed()))
    })
}

fn repeat<C>(
    connection: &mut C,
    limits: Limits,
    first: u64,
    step: u64,
    act: &impl Fn(&mut C, u64) -> Result<usize>,
) -> Result<Turns> {
    let begun = Instant::now();
    let (mut turns, mut turn) = (Turns::default(), first);
    while begun.elapsed() < limits.time {
        let start = Instant::now();
        let answered = act(connection, turn)?;
        turns.took(start.elapsed(), answered);
        turn += step;
    }
    Ok(turns)
}
