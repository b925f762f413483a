//! What was seen about each rule.

use std::collections::BTreeMap;
use std::fmt;

use super::rules::{RULES, Rule};
use crate::untrusted::Untrusted;

/// How many findings of a rule are kept; the rest are counted, because a provider may break a rule
/// endlessly.
const MOST_FINDINGS: usize = 50;

/// Something that was seen about a broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The scenario that showed it.
    pub scenario: &'static str,
    /// What was seen. It may quote the provider.
    pub what: Untrusted,
    /// The last lines that the provider printed, if its process ended badly.
    pub printed: Vec<Untrusted>,
}

impl Finding {
    /// A finding in a scenario, with nothing printed.
    pub(super) fn of(scenario: &'static str, what: impl Into<Untrusted>) -> Self {
        Self {
            scenario,
            what: what.into(),
            printed: Vec::new(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.what, self.scenario)?;
        for line in &self.printed {
            write!(f, "\n          | {line}")?;
        }
        Ok(())
    }
}

/// The state of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// It was kept wherever it was checked.
    Pass,
    /// It was broken.
    Fail(Vec<Finding>),
    /// It doesn't apply, or can't be seen: why.
    NotApplicable(Untrusted),
}

impl Verdict {
    /// The verdict in a word or two.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail(_) => "fail",
            Self::NotApplicable(_) => "not applicable",
        }
    }
}

/// A rule and its verdict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleResult {
    /// The rule.
    pub rule: &'static Rule,
    /// Its verdict.
    pub verdict: Verdict,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Results {
    /// Every rule that was checked, in the contract's order.
    pub rules: Vec<RuleResult>,
    /// Why nothing more could be checked: there was no store, or its first run never ended.
    pub stopped: Option<Untrusted>,
}

impl Results {
    /// Whether no rule was seen to be broken.
    pub fn is_kept(&self) -> bool {
        self.stopped.is_none() && self.count("fail") == 0
    }

    /// How many rules have this verdict, by its word.
    pub fn count(&self, word: &str) -> usize {
        let with = |result: &&RuleResult| result.verdict.word() == word;
        self.rules.iter().filter(with).count()
    }

    /// Panics with what was seen unless every rule was kept: for tests.
    ///
    /// # Panics
    ///
    /// A rule was broken, or there was nothing to check.
    #[track_caller]
    pub fn assert_kept(&self) {
        assert!(self.is_kept(), "\n{self}");
    }
}

impl fmt::Display for Results {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for RuleResult { rule, verdict } in &self.rules {
            let line = format!("{:<8}  {:<14}  {}", rule.id, verdict.word(), rule.title);
            writeln!(f, "{}", line.trim_end())?;
            match verdict {
                Verdict::Pass => {}
                Verdict::Fail(findings) => {
                    for finding in findings {
                        writeln!(f, "          {finding}")?;
                    }
                }
                Verdict::NotApplicable(why) => writeln!(f, "          {why}")?,
            }
        }
        if let Some(stopped) = &self.stopped {
            writeln!(f, "stopped: {stopped}")?;
        }
        let [pass, fail, other] = ["pass", "fail", "not applicable"].map(|word| self.count(word));
        write!(f, "{pass} passed, {fail} failed, {other} not applicable")
    }
}

/// Collects what is seen, scenario by scenario.
#[derive(Debug, Default)]
pub(super) struct Collector {
    seen: BTreeMap<String, Seen>,
    pub(super) stopped: Option<Untrusted>,
}

#[derive(Debug, Default)]
struct Seen {
    kept: bool,
    broken: Vec<Finding>,
    /// How many findings were not kept, and the scenario of the first.
    more: Option<(&'static str, usize)>,
    skipped: Option<Untrusted>,
}

impl Collector {
    pub(super) fn kept(&mut self, rule: &str) {
        self.of(rule).kept = true;
    }

    pub(super) fn broken(&mut self, rule: &str, finding: Finding) {
        let seen = self.of(rule);
        if seen.broken.contains(&finding) {
            return;
        }
        if seen.broken.len() < MOST_FINDINGS {
            seen.broken.push(finding);
        } else {
            seen.more.get_or_insert((finding.scenario, 0)).1 += 1;
        }
    }

    pub(super) fn skipped(&mut self, rule: &str, why: Untrusted) {
        self.of(rule).skipped.get_or_insert(why);
    }

    fn of(&mut self, rule: &str) -> &mut Seen {
        self.seen.entry(rule.to_owned()).or_default()
    }

    /// The results for the wanted rules, and for any others that were seen to be broken. Those of
    /// wrapped stores are for providers that wrap one.
    pub(super) fn results(mut self, wraps: bool, wanted: impl Fn(&Rule) -> bool) -> Results {
        let mut rules = Vec::new();
        for rule in RULES {
            let mut seen = self.seen.remove(rule.id).unwrap_or_default();
            if let Some((scenario, count)) = seen.more {
                let what = format!("and {count} more");
                seen.broken.push(Finding::of(scenario, what));
            }
            let applies = wraps || !rule.id.starts_with("WRAP");
            if seen.broken.is_empty() && !(applies && wanted(rule)) {
                continue;
            }
            let verdict = match (seen.broken.is_empty(), seen.kept) {
                (false, _) => Verdict::Fail(seen.broken),
                (true, true) => Verdict::Pass,
                _ => Verdict::NotApplicable(why_not(rule, seen.skipped)),
            };
            rules.push(RuleResult { rule, verdict });
        }
        Results {
            rules,
            stopped: self.stopped,
        }
    }
}

fn why_not(rule: &Rule, skipped: Option<Untrusted>) -> Untrusted {
    let why = skipped.or_else(|| rule.unseen.map(Untrusted::from));
    why.unwrap_or_else(|| "no scenario got as far as that".into())
}

#[cfg(test)]
mod tests {
    use super::{Collector, Finding, MOST_FINDINGS, Verdict};

    fn verdict(collector: Collector, id: &str) -> Verdict {
        let results = collector.results(false, |_| true);
        let mut found = results.rules.into_iter();
        found
            .find(|result| result.rule.id == id)
            .expect("a rule")
            .verdict
    }

    #[test]
    fn what_was_broken_once_is_broken() {
        let mut collector = Collector::default();
        collector.kept("SYNC-01");
        collector.broken("SYNC-01", Finding::of("null", "S_OK"));
        collector.skipped("SYNC-01", "no run".into());
        assert!(matches!(verdict(collector, "SYNC-01"), Verdict::Fail(found) if found.len() == 1));
    }

    #[test]
    fn what_could_not_be_seen_in_one_scenario_may_be_seen_in_another() {
        let mut collector = Collector::default();
        collector.skipped("SYNC-16", "too short".into());
        collector.kept("SYNC-16");
        assert_eq!(verdict(collector, "SYNC-16"), Verdict::Pass);
    }

    #[test]
    fn a_rule_that_nobody_saw_is_not_passed() {
        let not = |why: &str| Verdict::NotApplicable(why.into());
        assert_eq!(
            verdict(Collector::default(), "SYNC-01"),
            not("no scenario got as far as that")
        );
    }

    #[test]
    fn nothing_is_kept_where_nothing_could_be_looked_at() {
        let collector = Collector {
            stopped: Some("no logon".into()),
            ..Collector::default()
        };
        let results = collector.results(false, |_| false);
        assert!(!results.is_kept());
        assert!(results.to_string().starts_with("stopped: no logon\n"));
    }

    #[test]
    fn what_a_provider_says_is_no_line_of_the_table() {
        let mut collector = Collector::default();
        let what = "no\nSYNC-16   pass            \u{1B}[2J";
        collector.broken("SYNC-15", Finding::of("null", what));
        collector.skipped("SYNC-17", "x\nSYNC-17   pass".into());
        collector.stopped = Some("y\n1 passed, 0 failed".into());
        let all = collector.results(false, |_| true).to_string();
        let passed = |line: &str| line.get(10..).is_some_and(|line| line.starts_with("pass"));
        assert!(!all.lines().any(passed), "{all}");
        assert!(
            !all.contains('\u{1B}') && !all.contains("\n1 passed"),
            "{all}"
        );
    }

    #[test]
    fn findings_without_end_are_counted() {
        let mut collector = Collector::default();
        for number in 0..MOST_FINDINGS + 7 {
            collector.broken("SYNC-01", Finding::of("null", number.to_string()));
        }
        let Verdict::Fail(found) = verdict(collector, "SYNC-01") else {
            panic!("it was broken")
        };
        assert_eq!(found.len(), MOST_FINDINGS + 1);
        assert_eq!(found[MOST_FINDINGS], Finding::of("null", "and 7 more"));
    }
}
