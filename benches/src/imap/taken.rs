//! What a run takes.

use std::error::Error;
use std::fs;

/// What a run has taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Taken {
    /// Of all processors, in nanoseconds.
    pub(crate) processor: f64,
    /// On the clock, in nanoseconds.
    pub(crate) clock: f64,
    /// The most memory that the process has had so far, in bytes.
    pub(crate) memory: u64,
}

impl Taken {
    /// As one process tells it to another.
    pub(crate) fn to_line(self) -> String {
        let Self {
            processor,
            clock,
            memory,
        } = self;
        format!("{processor} {clock} {memory}")
    }

    pub(crate) fn from_line(line: &str) -> Result<Self, Box<dyn Error>> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [processor, clock, memory] = words[..] else {
            return Err(format!("`{line}` says not what was taken").into());
        };
        Ok(Self {
            processor: processor.parse()?,
            clock: clock.parse()?,
            memory: memory.parse()?,
        })
    }
}

/// The most memory that a process has had, in bytes. None when it has ended.
pub(crate) fn peak_of(process: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let peak: u64 = peak.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(peak * 1024)
}

/// The nanoseconds that a process with one thread has been on a processor. They are told until somebody has asked how it
/// ended.
pub(crate) fn processor_time_of(process: &str) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{process}/schedstat")).ok()?;
    text.split_whitespace().next()?.parse().ok()
}

/// Whether a process has ended, and nobody has asked yet how.
pub(crate) fn has_ended(process: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // The program's name comes second, in brackets, and may have spaces in it.
    stat.rsplit_once(')')
        .is_none_or(|(_, rest)| rest.trim_start().starts_with('Z'))
}
