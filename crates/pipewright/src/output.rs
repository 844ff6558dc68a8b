//! Printing. Whoever reads may stop reading (`pipewright … | head`): that is no reason to panic, as
//! the macros of the standard library do, so these stand in their place everywhere in this program.

use std::{
    fmt::Arguments,
    io::{self, ErrorKind, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// A line for whoever reads the result.
macro_rules! println {
    () => { $crate::output::line(format_args!("")) };
    ($($words:tt)*) => { $crate::output::line(format_args!($($words)*)) };
}

/// A line beside the result: what failed, how far it is.
macro_rules! eprintln {
    () => { $crate::output::remark(format_args!("")) };
    ($($words:tt)*) => { $crate::output::remark(format_args!($($words)*)) };
}

/// Prints a line to standard output. What cannot be kept, on a full disk, ends the program: a
/// script must not take half a result for the whole.
pub fn line(words: Arguments<'_>) {
    let mut output = io::stdout().lock();
    match writeln!(output, "{words}").and_then(|()| output.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            remark(format_args!("pipewright: the result cannot be written: {error}"));
            std::process::exit(4);
        }
        _ => {}
    }
}

/// Prints a line to standard error, where anybody looks there.
pub fn remark(words: Arguments<'_>) {
    let _ = writeln!(io::stderr(), "{words}");
}

/// Standard output for a long result, which knows when nobody reads any more.
#[derive(Clone, Default)]
pub struct Stream {
    unread: Arc<AtomicBool>,
}

impl Stream {
    /// True once the reader has gone.
    pub fn is_unread(&self) -> bool {
        self.unread.load(Ordering::Relaxed)
    }

    fn watched<T>(&self, result: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &result
            && error.kind() == ErrorKind::BrokenPipe
        {
            self.unread.store(true, Ordering::Relaxed);
        }
        result
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.watched(io::stdout().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.watched(io::stdout().flush())
    }
}
