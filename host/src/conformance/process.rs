//! Scenarios in processes of their own, seen from the process that collects their reports.

use std::io;
use std::process::{Command, ExitStatus};
use std::sync::mpsc::RecvTimeoutError;
use std::thread;
use std::time::{Duration, Instant};

use super::kinds::Kinds;
use super::results::{Collector, Finding, Results};
use super::wire::Message;
use super::{Conformance, Scenario};
use crate::channel;
use crate::child::Child;
use crate::untrusted::Untrusted;

/// How often we check whether a process has ended.
const TICK: Duration = Duration::from_millis(10);
/// How long a process's output may still arrive after its end.
const AFTERMATH: Duration = Duration::from_millis(500);
/// How many of a crashed process's last lines are reported, and how many letters of each.
const LAST_WORDS: usize = 3;
const LONGEST_WORDS: usize = 1000;
/// Why nothing more is checked if the very first run is stuck: all others would be stuck, too.
const STUCK: &str = "the first run didn’t end in time, and no other would; if it only needs more time, raise the time limit";
/// What is tried when a scenario is over.
const AT_EXIT: &str = "the end of the process, after the scenario";

/// Plays all wanted scenarios, one after another.
pub(super) fn check(
    subject: &Conformance,
    start: &mut dyn FnMut(&Scenario) -> (Command, Vec<u8>),
    on_scenario: &mut dyn FnMut(&'static Scenario),
) -> Results {
    let mut collector = Collector::default();
    let mut kinds = Kinds::default();
    // The first one shows whether there is anything to check.
    let first = &super::SCENARIOS[0];
    let others = subject
        .scenarios()
        .filter(|scenario| scenario.name != first.name);
    for scenario in std::iter::once(first).chain(others) {
        if let Some(why) = kinds.lack(scenario).filter(|_| scenario.name != first.name) {
            let mut rules = scenario.rules.iter();
            rules
                .by_ref()
                .for_each(|rule| collector.skipped(rule, why.into()));
            continue;
        }
        on_scenario(scenario);
        let (command, input) = start(scenario);
        let mut watch = Watch::new(scenario, subject.secrets(), &mut collector);
        let end = watch.play(command, input, subject.time_limit);
        let (ready, stuck) = (watch.ready, matches!(end, End::Stuck));
        kinds = ready.unwrap_or(kinds);
        let why = watch.end(end);
        if scenario.name != first.name {
            continue;
        }
        if stuck {
            collector.stopped = Some(STUCK.into());
            break;
        }
        if let Some(why) = why.filter(|_| ready.is_none()) {
            collector.stopped = Some(why);
            break;
        }
    }
    let (wraps, asked) = (subject.stores.is_some(), !subject.wanted.is_empty());
    // What is asked for by its name is answered; else there is nothing about kinds that are not there.
    collector.results(wraps, |rule| {
        subject.wants(rule.id) && (asked || kinds.know(rule))
    })
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
    Printed(Untrusted),
    /// A message did not arrive whole.
    Lost,
    /// Nothing more will be heard.
    Nothing,
}

/// What is being tried: the rule, and a description.
type Step = (String, String);

struct Watch<'a> {
    scenario: &'static Scenario,
    secrets: Vec<&'a str>,
    collector: &'a mut Collector,
    /// The last step.
    step: Option<Step>,
    /// What could be logged on to.
    ready: Option<Kinds>,
    over: bool,
    /// Why the scenario could not be played, and what was tried then.
    unplayable: Option<(Option<Step>, Untrusted)>,
    printed: Vec<Untrusted>,
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
            ready: None,
            over: false,
            unplayable: None,
            printed: Vec::new(),
        }
    }

    fn play(&mut self, command: Command, input: Vec<u8>, limit: Duration) -> End {
        let mut child = match Child::start(command, heard) {
            Ok((child, _)) => child,
            Err(error) => return End::None(error),
        };
        child.give_last(input);
        let end = self.listen_to(&mut child, limit);
        // It may have ended by itself; a stuck one must be killed.
        child.kill();
        end
    }

    /// Listens until the process has ended, or has been silent for as long as the limit: a scenario with many runs
    /// may take longer in total.
    fn listen_to(&mut self, child: &mut Child<Heard>, limit: Duration) -> End {
        let mut told = Instant::now();
        loop {
            match child.next(TICK) {
                Ok(Heard::Message(Message::End { stuck: true })) => return End::Stuck,
                Ok(heard) => {
                    if matches!(heard, Heard::Message(_)) {
                        told = Instant::now();
                    }
                    self.note(heard);
                }
                Err(silence) => match child.try_wait() {
                    Ok(Some(status)) => {
                        self.listen_to_the_rest(child);
                        return End::Over(status);
                    }
                    Ok(None) if silence == RecvTimeoutError::Disconnected => thread::sleep(TICK),
                    Ok(None) => {}
                    Err(error) => return End::None(error),
                },
            }
            if told.elapsed() >= limit {
                return End::TimedOut;
            }
        }
    }

    /// The output that was still on its way when the process ended. Another process that it started may go on
    /// printing.
    fn listen_to_the_rest(&mut self, child: &Child<Heard>) {
        let end = Instant::now() + AFTERMATH;
        while let Some(left) = end.checked_duration_since(Instant::now())
            && let Ok(heard) = child.next(left)
        {
            self.note(heard);
        }
    }

    fn note(&mut self, heard: Heard) {
        let message = match heard {
            Heard::Message(message) => message,
            Heard::Printed(line) => return self.printed(line),
            Heard::Lost => return self.lost(),
            Heard::Nothing => return,
        };
        match message {
            Message::Step { rule, what } => self.step = Some((rule, what)),
            Message::Ready(kinds) => self.ready = Some(kinds),
            Message::Kept { rule } => self.collector.kept(&rule),
            Message::Broken { rule, what } => {
                let what = self.without_secrets(what);
                self.broken(&rule, what);
            }
            Message::Skipped { rule, why } => {
                let why = self.without_secrets(why);
                self.collector.skipped(&rule, why);
            }
            Message::Unplayable { why } => {
                self.unplayable = Some((self.step.clone(), self.without_secrets(why)));
            }
            Message::End { .. } => {
                self.over = true;
                self.step = self.step.take().map(|(rule, _)| (rule, AT_EXIT.to_owned()));
            }
        }
    }

    fn broken(&mut self, rule: &str, what: impl Into<Untrusted>) {
        let finding = Finding::of(self.scenario.name, what);
        self.collector.broken(rule, finding);
    }

    /// A finding may quote the provider, and goes to logs and screens. So secrets are removed, and are a finding
    /// themselves.
    fn without_secrets(&mut self, text: String) -> Untrusted {
        let mut open = text.clone();
        for secret in &self.secrets {
            open = open.replace(secret, "…");
        }
        if open != text {
            let what = format!("a secret is in a text of the provider’s: {open}");
            self.broken("ENTRY-11", what);
        }
        open.into()
    }

    fn printed(&mut self, line: Untrusted) {
        if self
            .secrets
            .iter()
            .any(|secret| line.raw().contains(secret))
        {
            self.broken("ENTRY-11", "a secret was printed");
            return;
        }
        if self.printed.len() == LAST_WORDS {
            self.printed.remove(0);
        }
        self.printed.push(line.cut(LONGEST_WORDS));
    }

    /// Nobody knows what the message was, so we can no longer say that nothing was broken.
    fn lost(&mut self) {
        let rule = self.step.as_ref().map(|(rule, _)| rule.clone());
        let rule = rule.unwrap_or_else(|| self.scenario.rules[0].to_owned());
        self.broken(
            &rule,
            "what was seen is not known: the provider printed into the line that reports it",
        );
    }

    /// Reports how the scenario ended, if that is a finding, and returns it.
    fn end(self, end: End) -> Option<Untrusted> {
        let why = match end {
            End::Stuck => None,
            End::Over(status) if !status.success() => Some(format!("it crashed ({status})")),
            End::Over(_) if !self.over => Some("it ended the process that it ran in".to_owned()),
            End::Over(_) => None,
            End::TimedOut => Some("it hung, and was killed".to_owned()),
            End::None(error) => Some(format!("its process could not be run: {error}")),
        };
        let first = self.scenario.rules[0];
        let during = |step: &str, why: &str| Untrusted::from(format!("{step}: {why}"));
        let (rule, what) = match (why, self.unplayable, self.step) {
            (Some(why), _, Some((rule, step))) => (rule, during(&step, &why)),
            (None, Some((Some((rule, step)), why)), _) => (rule, during(&step, why.raw())),
            (Some(why), _, None) => (first.to_owned(), why.into()),
            (None, Some((None, why)), _) => (first.to_owned(), why),
            (None, None, _) => return None,
        };
        let finding = Finding {
            scenario: self.scenario.name,
            what: what.clone(),
            printed: self.printed,
        };
        self.collector.broken(&rule, finding);
        Some(what)
    }
}

fn heard(heard: Option<channel::Heard>) -> Heard {
    match heard {
        Some(channel::Heard::Told(text)) => {
            Message::parse(&text).map_or(Heard::Lost, Heard::Message)
        }
        Some(channel::Heard::Printed(line)) => Heard::Printed(line),
        Some(channel::Heard::Lost) => Heard::Lost,
        None => Heard::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{SCENARIOS, Verdict};
    use super::*;

    /// What a rule's findings are, from what a scenario's process said and how it ended.
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
            Verdict::Fail(findings) => {
                let told = |finding: Finding| finding.to_string();
                findings.into_iter().map(told).collect()
            }
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
        let expected = ["a callback that logs off: it hung, and was killed (basics)"];
        assert_eq!(found("SYNC-19", vec![step()], End::TimedOut), expected);
    }

    #[test]
    fn the_last_words_are_told_but_no_secret() {
        let printed =
            ["a", "b", "open sesame", "c", "d\u{1B}[2J"].map(|line| Heard::Printed(line.into()));
        let heard = || {
            std::iter::once(step())
                .chain(printed.iter().map(Heard::copy))
                .collect()
        };
        let told = found("SYNC-19", heard(), End::TimedOut);
        assert!(
            told[0].ends_with("\n          | b\n          | c\n          | d\\u{1b}[2J"),
            "{told:?}"
        );
        assert_eq!(
            found("ENTRY-11", heard(), End::Stuck),
            ["a secret was printed (basics)"]
        );
    }

    #[test]
    fn what_the_provider_says_is_told_without_secrets() {
        let broken = || {
            vec![Heard::Message(Message::Broken {
                rule: "ENTRY-06".to_owned(),
                what: "Logon failed: sesame is wrong".to_owned(),
            })]
        };
        let expected = ["Logon failed: … is wrong (basics)"];
        assert_eq!(found("ENTRY-06", broken(), End::Stuck), expected);
        let expected =
            ["a secret is in a text of the provider’s: Logon failed: … is wrong (basics)"];
        assert_eq!(found("ENTRY-11", broken(), End::Stuck), expected);
    }

    #[test]
    fn what_can_not_be_played_is_told_of_what_was_tried() {
        let why = "the run ended without calling Done".to_owned();
        let end = Message::End { stuck: false };
        let said = [Message::Unplayable { why }, end].map(Heard::Message);
        let heard = std::iter::once(step()).chain(said).collect();
        let expected = ["a callback that logs off: the run ended without calling Done (basics)"];
        assert_eq!(found("SYNC-19", heard, End::Stuck), expected);
    }

    #[test]
    fn whoever_hangs_at_the_end_has_finished_the_scenario() {
        let heard = vec![step(), Heard::Message(Message::End { stuck: false })];
        let expected =
            ["the end of the process, after the scenario: it hung, and was killed (basics)"];
        assert_eq!(found("SYNC-19", heard, End::TimedOut), expected);
    }

    #[test]
    fn a_rule_of_which_something_was_lost_is_not_kept() {
        let heard = || vec![step(), Heard::Lost];
        let found = found("SYNC-19", heard(), End::Stuck);
        assert!(
            found[0].starts_with("what was seen is not known"),
            "{found:?}"
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
                Self::Lost => Self::Lost,
                Self::Nothing => Self::Nothing,
            }
        }
    }
}
