//! One stage: its commands, one after another, with their own log and a time limit.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::stages::Stage;
use super::told::{Ending, Outcome};
use crate::workspace;

/// Where stages run, and since when.
pub(super) struct Place {
    /// Where their logs are.
    folder: PathBuf,
    /// This program. A stage rebuilds it, perhaps in the middle of another stage.
    xtask: PathBuf,
    /// Whether they share build results with builds by hand.
    quick: bool,
    /// Whether every stage runs, and what one of them leaves is in nobody's way but the others'.
    whole: bool,
    pub(super) since: Instant,
}

impl Place {
    pub(super) fn prepare(quick: bool, whole: bool) -> Result<Self, String> {
        let folder = super::log_folder()?;
        let xtask = folder.join(format!("xtask-{}", std::process::id()));
        let ours = std::env::current_exe().map_err(|error| error.to_string())?;
        // A second name for the file, because cargo replaces files and doesn't write into them.
        fs::hard_link(&ours, &xtask)
            .or_else(|_| fs::copy(&ours, &xtask).map(drop))
            .map_err(|error| format!("can't make {}: {error}", xtask.display()))?;
        Ok(Self {
            folder,
            xtask,
            quick,
            whole,
            since: Instant::now(),
        })
    }

    /// A command of a stage, in its own process group, so all of it can be killed. Bash runs it, because Bash can
    /// report its processor time.
    fn command(
        &self,
        stage: &Stage,
        words: &[&str],
        log: &File,
        times: &Path,
    ) -> Result<Command, String> {
        let (program, arguments) = words.split_first().ok_or("a step without a program")?;
        let log = || log.try_clone().map_err(|error| error.to_string());
        let mut command = Command::new("bash");
        command
            .args(["-c", TIMED])
            .arg(times)
            .arg(match *program {
                "xtask" => self.xtask.as_os_str(),
                other => other.as_ref(),
            })
            .args(arguments)
            .current_dir(workspace::root())
            .env("CARGO_TERM_COLOR", "never")
            .env("CARGO_TERM_PROGRESS_WHEN", "never")
            .stdin(Stdio::null())
            .stdout(log()?)
            .stderr(log()?)
            .process_group(0);
        if !self.quick {
            // Nothing is built here twice. And crates outside the workspace are built like those in it.
            let debug = if stage.reports_lines() {
                "line-tables-only"
            } else {
                "none"
            };
            command
                .env("CARGO_INCREMENTAL", "0")
                .env("CARGO_PROFILE_DEV_DEBUG", debug);
        }
        Ok(command)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        // It is only one file too many.
        let _ = fs::remove_file(&self.xtask);
    }
}

/// Runs the arguments after the first, and writes the processor time into the file that the first one names.
const TIMED: &str = r#"TIMEFORMAT="%U %S"; { time "$@" 2>&3; } 3>&2 2>>"$0""#;

/// Runs a stage to its end, or until its time is up or everything is stopped.
pub(super) fn run(stage: &'static Stage, place: &Place, stop: &AtomicBool) -> Outcome {
    let begin = Instant::now();
    let [log, times] =
        ["log", "times"].map(|ending| place.folder.join(stage.name).with_extension(ending));
    let ending = steps(stage, place, stop, &log, &times).unwrap_or_else(Ending::NotStarted);
    let processor = fs::read_to_string(&times).map_or(Duration::ZERO, |text| added(&text));
    let _ = fs::remove_file(&times); // It lies among the logs.
    if place.whole {
        for folder in stage.leaves {
            // What is left takes room and does no harm.
            let _ = fs::remove_dir_all(workspace::target_dir(folder));
        }
    }
    Outcome::new(stage, ending, begin.elapsed(), processor, log)
}

/// Runs every step of a stage, even if earlier ones failed.
fn steps(
    stage: &Stage,
    place: &Place,
    stop: &AtomicBool,
    log: &Path,
    times: &Path,
) -> Result<Ending, String> {
    let end = Instant::now() + Duration::from_secs(60 * stage.minutes);
    let _ = fs::remove_file(times); // Of a run that was cut off.
    let mut file = File::create(log).map_err(|error| format!("{}: {error}", log.display()))?;
    let mut all = Ending::Good;
    for words in stage.steps {
        // The rest of the log is enough.
        let _ = writeln!(file, "$ {}", words.join(" "));
        let mut command = place.command(stage, words, &file, times)?;
        let child = command
            .spawn()
            .map_err(|error| format!("can't start bash: {error}"))?;
        match wait(child, end, stop) {
            Ending::Good => {}
            Ending::Bad => all = Ending::Bad,
            cut_off => return Ok(cut_off),
        }
    }
    Ok(all)
}

/// Waits for a step, and ends it if it must not go on.
fn wait(mut child: Child, end: Instant, stop: &AtomicBool) -> Ending {
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ending::Good,
            Ok(Some(_)) | Err(_) => return Ending::Bad,
            Ok(None) => {}
        }
        let reason = match (stop.load(Ordering::Relaxed), Instant::now() >= end) {
            (true, _) => Ending::Stopped,
            (_, true) => Ending::TooLong,
            _ => {
                thread::sleep(LOOK);
                continue;
            }
        };
        kill(&mut child);
        return reason;
    }
}

/// How often a stage is checked.
const LOOK: Duration = Duration::from_millis(100);

/// How long programs have to clear up after themselves.
const GRACE: Duration = Duration::from_secs(10);

/// Ends a step and everything that it has started.
fn kill(child: &mut Child) {
    signal(child, "TERM");
    let end = Instant::now() + GRACE;
    while Instant::now() < end && matches!(child.try_wait(), Ok(None)) {
        thread::sleep(LOOK);
    }
    // Processes that the step left behind are still in its group.
    signal(child, "KILL");
    let _ = child.wait(); // It is gone.
}

fn signal(child: &Child, name: &str) {
    // If the group is gone, there is nothing to end.
    let _ = Command::new("kill")
        .args(["-s", name, "--", &format!("-{}", child.id())])
        .stderr(Stdio::null())
        .status();
}

/// The sum of what `time` has written: two numbers of seconds per line.
fn added(times: &str) -> Duration {
    let numbers = times.split_whitespace();
    let seconds: f64 = numbers.filter_map(|word| word.parse::<f64>().ok()).sum();
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn processor_times_are_added_up() {
        assert_eq!(added("1.250 0.250\n2.000 0.500\n"), Duration::from_secs(4));
        assert_eq!(added("no time\n"), Duration::ZERO);
    }

    fn bash(script: &str) -> Command {
        let mut command = Command::new("bash");
        command.args(["-c", script]).process_group(0);
        command
    }

    fn started(script: &str) -> Child {
        bash(script).spawn().expect("bash is there")
    }

    fn in_an_hour() -> Instant {
        Instant::now() + Duration::from_secs(3600)
    }

    #[test]
    fn a_step_ends_as_its_command_does() {
        let go_on = AtomicBool::new(false);
        assert_eq!(wait(started("exit 0"), in_an_hour(), &go_on), Ending::Good);
        assert_eq!(wait(started("exit 3"), in_an_hour(), &go_on), Ending::Bad);
    }

    /// Ends a step that hangs with a child, and comes back when both are gone.
    fn ended(end: Instant, stop: bool) -> Ending {
        let (mut reader, writer) = std::io::pipe().expect("a pipe");
        let child = bash("sleep 7200 & wait").stdout(writer).spawn();
        let ending = wait(child.expect("bash is there"), end, &AtomicBool::new(stop));
        // Each of the two holds the other end of the pipe as long as it lives.
        let read = reader.read_to_end(&mut Vec::new());
        assert_eq!(read.expect("readable"), 0);
        ending
    }

    #[test]
    fn a_step_is_ended_with_its_children_when_its_time_is_up_or_all_are_stopped() {
        assert_eq!(ended(Instant::now(), false), Ending::TooLong);
        assert_eq!(ended(in_an_hour(), true), Ending::Stopped);
    }
}
