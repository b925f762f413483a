//! `cargo mapi host check` under Wine, and whether it sees what it should.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::Subject;
use super::provider::Dlls;
use crate::windows::arch::{Arch, wine_path};
use crate::windows::awake::Awake;

/// With this setting, the provider's runs succeed.
const SETTING: &str = "0x6601001F=well";
/// With this setting, the provider's runs fail.
const FAILING: &str = "0x6601001F=fail";

/// The variable that tells the provider which mistake to make.
const MISTAKE: &str = "CPP_PROVIDER_MISTAKE";

/// Runs the check.
pub(super) struct Checker {
    runner: PathBuf,
    program: PathBuf,
    dlls: Dlls,
    _awake: Awake,
}

impl Checker {
    /// A check of these DLLs by this `cargo-mapi.exe`.
    pub(super) fn new(arch: Arch, program: PathBuf, dlls: Dlls) -> Result<Self, String> {
        let runner = arch.runner()?;
        Ok(Self {
            runner,
            program,
            dlls,
            _awake: Awake::keep(arch)?,
        })
    }

    /// Checks the provider and judges the check; returns what it has rightly seen, or what went wrong.
    pub(super) fn judge(&self, subject: &Subject) -> Result<String, String> {
        let rule = subject.rule();
        let (code, text) = self.check(subject)?;
        let seen = Seen::parse(&text).ok_or_else(|| {
            format!("the check ended with exit code {code:?} and no results: {text}")
        })?;
        seen.judge(code, rule)
    }

    /// The exit code of a check, and what it printed. If a rule should be broken, only its scenarios are played.
    fn check(&self, subject: &Subject) -> Result<(Option<i32>, String), String> {
        let dll = match subject {
            Subject::Store => &self.dlls.store,
            Subject::Transport => &self.dlls.transport,
            Subject::Mistake(mistake) if mistake.is_of_transport() => &self.dlls.transport,
            Subject::Mistake(_) => &self.dlls.store,
        };
        let mut check = Command::new(&self.runner);
        check
            .arg(&self.program)
            .args(["host", "check", &wine_path(dll)])
            .args(["--json", "--set", SETTING, "--failing", FAILING])
            .args([
                "--to",
                "ann@example.org",
                "--refused",
                "refused@example.org",
            ])
            .env_remove(MISTAKE);
        if let Subject::Mistake(mistake) = subject {
            check
                .args(["--only", &mistake.rule])
                .env(MISTAKE, &mistake.name);
        }
        // A Wine with its own root sees the current folder, and so the DLL.
        if let Some(folder) = dll.parent() {
            check.current_dir(folder);
        }
        // Anything else that it says is about the rules in the JSON.
        let output = check
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .map_err(|error| format!("can't start {}: {error}", self.runner.display()))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok((output.status.code(), text))
    }
}

/// What a check has told.
#[derive(Debug)]
struct Seen {
    passed: u64,
    broken: Vec<Broken>,
}

/// A rule that is broken.
#[derive(Debug)]
struct Broken {
    id: String,
    /// The first scenario that has seen it.
    scenario: String,
    /// What was seen.
    seen: String,
}

impl Seen {
    fn parse(text: &str) -> Option<Self> {
        let results: Value = serde_json::from_str(text.trim()).ok()?;
        let rules = results.get("rules")?.as_array()?;
        let failed = rules.iter().filter(|rule| rule["verdict"] == "fail");
        let broken = failed.map(|rule| {
            let id = rule["rule"].as_str().unwrap_or_default().to_owned();
            let seen = &rule["seen"];
            Broken {
                id,
                scenario: seen[0]["scenario"].as_str().unwrap_or_default().to_owned(),
                seen: seen.to_string(),
            }
        });
        Some(Self {
            passed: results.get("passed")?.as_u64()?,
            broken: broken.collect(),
        })
    }

    /// Whether the rule is among the broken ones; without a rule, whether none is.
    fn judge(&self, code: Option<i32>, rule: Option<&str>) -> Result<String, String> {
        let (expected_code, expected) = match rule {
            None => (0, "no broken rule".to_owned()),
            Some(rule) => (1, format!("{rule} among the broken rules")),
        };
        let as_expected = match rule {
            None => self.broken.is_empty() && self.passed > 0,
            Some(rule) => self.broken.iter().any(|broken| broken.id == rule),
        };
        if as_expected && code == Some(expected_code) {
            return Ok(self.summary());
        }
        let shown = |broken: &Broken| format!("\n          {}: {}", broken.id, broken.seen);
        let broken: String = self.broken.iter().map(shown).collect();
        Err(format!(
            "expected exit code {expected_code} and {expected}; the exit code is {code:?}, {} rules were kept, {} broken{broken}",
            self.passed,
            self.broken.len()
        ))
    }

    fn summary(&self) -> String {
        let shown = |broken: &Broken| match broken.scenario.is_empty() {
            true => broken.id.clone(),
            false => format!("{} ({})", broken.id, broken.scenario),
        };
        let broken: Vec<String> = self.broken.iter().map(shown).collect();
        if broken.is_empty() {
            format!("{} rules kept", self.passed)
        } else {
            format!("broken: {}", broken.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Seen;

    fn seen(broken: &[&str]) -> Seen {
        let rule = |id: &&str| serde_json::json!({"rule": id, "verdict": "fail", "seen": ["S_OK"]});
        let mut rules: Vec<_> = broken.iter().map(rule).collect();
        rules.push(serde_json::json!({"rule": "SYNC-20", "verdict": "pass", "seen": []}));
        let text = serde_json::json!({"rules": rules, "passed": 1}).to_string();
        Seen::parse(&text).expect("results")
    }

    #[test]
    fn a_provider_without_mistakes_breaks_no_rule() {
        assert_eq!(seen(&[]).judge(Some(0), None), Ok("1 rules kept".into()));
        assert!(seen(&[]).judge(Some(1), None).is_err());
        assert!(seen(&["COM-01"]).judge(Some(1), None).is_err());
    }

    #[test]
    fn a_mistake_breaks_its_rule_and_perhaps_others() {
        let found = seen(&["SYNC-01", "SYNC-02"]);
        let summary = Ok("broken: SYNC-01, SYNC-02".into());
        assert_eq!(found.judge(Some(1), Some("SYNC-02")), summary);
        let why = found.judge(Some(1), Some("SYNC-03")).expect_err("not seen");
        assert!(
            why.contains("expected exit code 1 and SYNC-03") && why.contains("SYNC-01: [\"S_OK\"]")
        );
        assert!(found.judge(Some(0), Some("SYNC-02")).is_err());
    }

    #[test]
    fn what_is_no_result_is_none() {
        assert!(Seen::parse("a crash").is_none());
        assert!(Seen::parse("{}").is_none());
    }
}
