//! Scenarios in processes of their own, seen from the one that collects what they tell.

use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::results::{Collector, Results};
use super::wire::Message;
use super::{Conformance, Scenario};

/// Lines longer than this are cut: a provider that prints without end is not to fill the memory.
const LONGEST_LINE: u64 = 1 << 16;
/// How often the end of a process is looked for.
const TICK: Duration = Duration::from_millis(10);
/// How long what a process has written may be on its way after its end.
const AFTERMATH: Duration = Duration::from_millis(500);
/// How many of the last lines that a crashed process printed are told.
const LAST_WORDS: usize = 3;

/// Plays all scenarios that are wanted, one after another.
pub(super) fn check(
    subject: &Conformance,
    start: &mut dyn FnMut(&Scenario) -> (Command, Vec<u8>),
    on_scenario: &mut dyn FnMut(&'static Scenario),
) -> Results {
    let mut collector = Collector::default();
    // The first says whether there is anything to look at.
    let first = &super::SCENARIOS[0];
    let others = subject
        .scenarios()
        .filter(|scenario| scenario.name != first.name);
    for scenario in std::iter::once(first).chain(others) {
        on_scenario(scenario);
        let (command, input) = start(scenario);
        let mut watch = Watch::new(scenario, subject.secrets(), &mut collector);
        let end = watch.play(command, input, subject.time_limit);
        let ready = watch.ready;
        let why = watch.end(end);
        if let Some(why) = why.filter(|_| scenario.name == first.name && !ready) {
            collector.stopped = Some(why);
            break;
        }
    }
    collector.results(subject.stores.is_some(), |rule| subject.wants(rule.id))
}

/// How a scenario's process ended.
enum End {
    /// It was over.
    Over(ExitStatus),
    /// It said that the provider is stuck, and was killed.
    Stuck,
    /// It took too long, and was killed.
    TimedOut,
    /// There was no process.
    None(io::Error),
}

/// What is heard of a process.
enum Heard {
    Message(Message),
    Printed(String),
}

struct Watch<'a> {
    scenario: &'static Scenario,
    secrets: Vec<&'a str>,
    collector: &'a mut Collector,
    /// The rule and the words of the last step.
    step: Option<(String, String)>,
    ready: bool,
    over: bool,
    unplayable: Option<String>,
    printed: Vec<String>,
}

impl<'a> Watch<'a> {
    fn new(
        scenario: &'static Scenario,
        secrets: Vec<&'a str>,
        collector: &'a mut Collector,
    ) -> Self {
        Self {
            scenario,
            secrets,
            collector,
            step: None,
            ready: false,
            over: false,
            unplayable: None,
            printed: Vec::new(),
        }
    }

    fn play(&mut self, mut command: Command, input: Vec<u8>, limit: Duration) -> End {
        let spawned = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = match spawned {
            Ok(child) => child,
            Err(error) => return End::None(error),
        };
        let heard = listen(&mut child, input);
        let end = self.listen_to(&mut child, &heard, Instant::now() + limit);
        // It may have ended by itself; what is stuck must not.
        let _ = child.kill();
        let _ = child.wait();
        end
    }

    fn listen_to(&mut self, child: &mut Child, heard: &Receiver<Heard>, deadline: Instant) -> End {
        loop {
            match heard.recv_timeout(TICK) {
                Ok(Heard::Message(Message::End { stuck: true })) => return End::Stuck,
                Ok(heard) => self.note(heard),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    match child.try_wait() {
                        Ok(Some(status)) => {
                            while let Ok(heard) = heard.recv_timeout(AFTERMATH) {
                                self.note(heard);
                            }
                            return End::Over(status);
                        }
                        Ok(None) => {}
                        Err(error) => return End::None(error),
                    }
                }
            }
            if Instant::now() >= deadline {
                return End::TimedOut;
            }
        }
    }

    fn note(&mut self, heard: Heard) {
        let message = match heard {
            Heard::Message(message) => message,
            Heard::Printed(line) => return self.printed(line),
        };
        match message {
            Message::Step { rule, what } => self.step = Some((rule, what)),
            Message::Ready => self.ready = true,
            Message::Kept { rule } => self.collector.kept(&rule),
            Message::Broken { rule, what } => {
                self.collector.broken(&rule, self.scenario.name, what)
            }
            Message::Skipped { rule, why } => self.collector.skipped(&rule, why),
            Message::Unplayable { why } => self.unplayable = Some(why),
            Message::End { .. } => self.over = true,
        }
    }

    fn printed(&mut self, line: String) {
        if self.secrets.iter().any(|secret| line.contains(secret)) {
            let what = "a secret was printed".to_owned();
            self.collector.broken("ENTRY-11", self.scenario.name, what);
            return;
        }
        if self.printed.len() == LAST_WORDS {
            self.printed.remove(0);
        }
        self.printed.push(line);
    }

    /// Tells how the scenario ended, where that is a finding; answers what that was.
    fn end(self, end: End) -> Option<String> {
        let why = match end {
            End::Stuck => None,
            End::Over(status) if !status.success() => Some(format!("it crashed ({status})")),
            End::Over(_) if !self.over => Some("it ended the process that it ran in".to_owned()),
            End::Over(_) => None,
            End::TimedOut => Some("it hung, and was killed".to_owned()),
            End::None(error) => Some(format!("its process could not be run: {error}")),
        };
        let first = self.scenario.rules[0];
        let (rule, what) = match (why, self.unplayable, self.step) {
            (Some(why), _, Some((rule, step))) => (rule, format!("{step}: {why}")),
            (Some(why), _, None) => (first.to_owned(), why),
            (None, Some(why), _) => (first.to_owned(), why),
            (None, None, _) => return None,
        };
        let mut told = what;
        for line in &self.printed {
            // Writing to a string can't fail.
            let _ = write!(told, "\n          | {line}");
        }
        self.collector
            .broken(&rule, self.scenario.name, told.clone());
        Some(told)
    }
}

/// Gives a process its input, and listens to both of its outputs on threads of their own.
fn listen(child: &mut Child, input: Vec<u8>) -> Receiver<Heard> {
    let (sender, heard) = channel();
    if let Some(mut stdin) = child.stdin.take() {
        thread::spawn(move || {
            // A process that has gone says so by its end.
            let _ = stdin.write_all(&input);
        });
    }
    if let Some(stdout) = child.stdout.take() {
        let sender = sender.clone();
        thread::spawn(move || lines(stdout, &sender));
    }
    if let Some(stderr) = child.stderr.take() {
        thread::spawn(move || lines(stderr, &sender));
    }
    heard
}

fn lines(input: impl Read, sender: &Sender<Heard>) {
    let mut input = BufReader::new(input);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = input
            .by_ref()
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line);
        if !matches!(read, Ok(1..)) {
            return;
        }
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        let heard = match Message::parse(&text) {
            Some(message) => Heard::Message(message),
            None if text.is_empty() => continue,
            None => Heard::Printed(text),
        };
        if sender.send(heard).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{SCENARIOS, Verdict};
    use super::*;

    /// What a scenario's process is heard to say, and how it ended: what is found of a rule.
    fn found(rule: &str, heard: Vec<Heard>, end: End) -> Vec<String> {
        let mut collector = Collector::default();
        let mut watch = Watch::new(&SCENARIOS[0], vec!["sesame"], &mut collector);
        heard.into_iter().for_each(|heard| watch.note(heard));
        watch.end(end);
        let results = collector.results(false, |_| true);
        let result = results
            .rules
            .into_iter()
            .find(|result| result.rule.id == rule);
        match result.expect("a rule").verdict {
            Verdict::Fail(findings) => findings.into_iter().map(|finding| finding.what).collect(),
            _ => Vec::new(),
        }
    }

    fn step() -> Heard {
        Heard::Message(Message::Step {
            rule: "SYNC-19".to_owned(),
            what: "a callback that logs off".to_owned(),
        })
    }

    #[test]
    fn whoever_hangs_has_broken_the_rule_that_was_tried() {
        let expected = ["a callback that logs off: it hung, and was killed"];
        assert_eq!(found("SYNC-19", vec![step()], End::TimedOut), expected);
    }

    #[test]
    fn the_last_words_are_told_but_no_secret() {
        let printed =
            ["a", "b", "open sesame", "c", "d"].map(|line| Heard::Printed(line.to_owned()));
        let heard = || {
            std::iter::once(step())
                .chain(printed.iter().map(Heard::copy))
                .collect()
        };
        let told = found("SYNC-19", heard(), End::TimedOut);
        assert!(
            told[0].ends_with("\n          | b\n          | c\n          | d"),
            "{told:?}"
        );
        assert_eq!(
            found("ENTRY-11", heard(), End::Stuck),
            ["a secret was printed"]
        );
    }

    #[test]
    fn what_is_stuck_has_told_so_itself() {
        assert!(found("SYNC-19", vec![step()], End::Stuck).is_empty());
    }

    impl Heard {
        fn copy(&self) -> Self {
            match self {
                Self::Message(message) => Self::Message(message.clone()),
                Self::Printed(line) => Self::Printed(line.clone()),
            }
        }
    }
}
