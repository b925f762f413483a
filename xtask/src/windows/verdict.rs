//! Whether test programs ran to their end. Under Wine a 32-bit program that crashes may end with exit
//! status 0, so the status alone says too little.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

/// Runs test programs with cargo and shows what they say.
///
/// # Errors
///
/// One has failed, or has begun and not reported a result.
pub(crate) fn run_tests(cargo: &mut Command) -> Result<(), String> {
    let started = cargo.stdout(Stdio::piped()).spawn();
    let mut child = started.map_err(|error| format!("can't start cargo: {error}"))?;
    let mut count = Count::default();
    if let Some(stdout) = child.stdout.take() {
        let mut shown = std::io::stdout().lock();
        for line in BufReader::new(stdout).split(b'\n') {
            let line = line.map_err(|error| format!("can't read what the tests say: {error}"))?;
            count.line(&String::from_utf8_lossy(&line));
            // Nobody may be listening, but the tests still run.
            let _ = shown.write_all(&line).and_then(|()| shown.write_all(b"\n"));
        }
    }
    let status = child
        .wait()
        .map_err(|error| format!("cargo is gone: {error}"))?;
    if !status.success() {
        return Err("a test failed".to_owned());
    }
    count.verdict()
}

/// How many test programs have begun, and how many have ended.
#[derive(Default)]
struct Count {
    begun: usize,
    ended: usize,
}

impl Count {
    fn line(&mut self, line: &str) {
        let line = line.trim_end();
        let counts_tests = line.ends_with(" tests") || line.ends_with(" test");
        if line.starts_with("running ") && counts_tests {
            self.begun += 1;
        } else if line.starts_with("test result: ") {
            self.ended += 1;
        }
    }

    fn verdict(&self) -> Result<(), String> {
        if self.begun == 0 {
            return Err("no test ran".to_owned());
        }
        match self.begun.saturating_sub(self.ended) {
            0 => Ok(()),
            lost => Err(format!(
                "{lost} test programs ended without a result: a crash"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Count;

    fn verdict(text: &str) -> Result<(), String> {
        let mut count = Count::default();
        text.lines().for_each(|line| count.line(line));
        count.verdict()
    }

    #[test]
    fn a_program_without_a_result_has_crashed() {
        let whole = "running 1 test\r\ntest a ... ok\r\ntest result: ok. 1 passed\r\n";
        assert_eq!(verdict(whole), Ok(()));
        assert!(verdict(&format!("{whole}running 2 tests\ntest b ... ok\n")).is_err());
    }

    #[test]
    fn nothing_at_all_is_no_success() {
        assert!(verdict("").is_err());
    }
}
