//! Looking at and signalling server processes, through `/proc`.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// Is this process a server on that data directory? A process number alone proves nothing: after
/// a restart of the machine it may belong to anybody. A process that ended but was not yet
/// collected by its parent has no command line and counts as gone.
pub(crate) fn is_server(pid: u32, data: &Path) -> bool {
    let Ok(line) = fs::read(format!("/proc/{pid}/cmdline")) else {
        return false;
    };
    line.split(|byte| *byte == 0).any(|word| word == data.as_os_str().as_encoded_bytes())
}

/// Sends a signal; a process that has gone meanwhile is what every caller wants anyway.
pub(crate) fn signal(pid: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}

/// Ends a server and all its workers at once, as a power cut would: nothing is flushed.
pub(crate) fn kill_tree(pid: u32) {
    // Held still first, so that it starts no worker between the look and the kill.
    signal(pid, Signal::STOP);
    let workers = workers_of(pid);
    signal(pid, Signal::KILL);
    for worker in workers {
        signal(worker, Signal::KILL);
    }
}

/// Sends a signal to a server, then to all its workers.
pub(crate) fn signal_tree(pid: u32, which: Signal) {
    signal(pid, which);
    for worker in workers_of(pid) {
        signal(worker, which);
    }
}

/// Gives back the segment of System V memory that a killed server could not give back itself; the
/// system has only a few thousand of them. To be called when the server has ended for good.
pub(crate) fn release_memory(data: &Path) {
    // A server that ended in order has removed this file. Its seventh line is "key identifier".
    let Ok(facts) = fs::read_to_string(data.join("postmaster.pid")) else {
        return;
    };
    let segment = facts.lines().nth(6).and_then(|line| line.split_whitespace().nth(1));
    if let Some(segment) = segment {
        // A segment that is gone already makes the command complain, which is fine.
        let _ = Command::new("ipcrm").args(["-m", segment]).output();
    }
}

fn workers_of(server: u32) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|pid| parent_of(*pid) == Some(server))
        .collect()
}

fn parent_of(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // "pid (name) state parent …", and the name may hold spaces and brackets.
    let (_, after_name) = stat.rsplit_once(')')?;
    after_name.split_whitespace().nth(1)?.parse().ok()
}

/// Asks every few milliseconds until the answer is yes or the time is over; says which.
pub(crate) fn wait_until(limit: Duration, mut reached: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + limit;
    loop {
        if reached() {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
