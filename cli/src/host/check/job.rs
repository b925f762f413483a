//! A scenario's process: what it is told, and what it does.

use std::io::{self, BufRead};
use std::path::PathBuf;
use std::process;
use std::time::Duration;

use mapi_provider_host::Property;
use mapi_provider_host::child;
use mapi_provider_host::conformance::SCENARIOS;
use serde_json::{Value as Json, json};

use crate::failure::Failure;
use crate::host::protocol::{setting_from_json, setting_to_json};

/// Play one scenario for another process of this program
#[derive(clap::Args)]
pub(crate) struct Args {
    scenario: String,
    library: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let scenario = SCENARIOS
        .iter()
        .find(|scenario| scenario.name == args.scenario)
        .ok_or_else(|| Failure::new(format!("there is no scenario `{}`", args.scenario)))?;
    let mut line = String::new();
    let mut stdin = io::stdin().lock();
    let teller = child::teller(&mut stdin).map_err(|error| Failure::new(error.to_string()))?;
    stdin
        .read_line(&mut line)
        .map_err(|error| Failure::new(format!("no job came: {error}")))?;
    let job = Job::parse(&line).ok_or_else(|| Failure::new("the job can't be read"))?;
    let told = job.subject(&args.library).play(scenario, teller);
    // Nothing is dropped, because a provider that is stuck may still be at work.
    process::exit(i32::from(told.is_err()));
}

/// What a scenario's process is told.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Job {
    pub(super) settings: Vec<Property>,
    pub(super) failing: Vec<Property>,
    /// The folder for the files of wrapped stores.
    pub(super) stores: Option<PathBuf>,
    /// The folder for those of mailboxes.
    pub(super) mailboxes: Option<PathBuf>,
    pub(super) inner: Option<PathBuf>,
    /// Addresses that a transport sends to, and those that it refuses.
    pub(super) to: Vec<String>,
    pub(super) refused: Vec<String>,
    pub(super) timeout: Duration,
    /// The rules that are asked for, or none for all: some are only looked at if they are.
    pub(super) only: Vec<String>,
}

impl Job {
    /// The job as a line. It goes through a pipe, never a command line: there may be secrets in it.
    pub(super) fn to_json(&self) -> Json {
        let all =
            |settings: &[Property]| -> Vec<Json> { settings.iter().map(setting_to_json).collect() };
        json!({
            "settings": all(&self.settings),
            "failing": all(&self.failing),
            "stores": self.stores,
            "mailboxes": self.mailboxes,
            "inner": self.inner,
            "to": self.to,
            "refused": self.refused,
            "timeout": u64::try_from(self.timeout.as_millis()).unwrap_or(u64::MAX),
            "only": self.only,
        })
    }

    pub(super) fn parse(line: &str) -> Option<Self> {
        let json: Json = serde_json::from_str(line).ok()?;
        let all = |key: &str| -> Option<Vec<Property>> {
            json.get(key)?
                .as_array()?
                .iter()
                .map(setting_from_json)
                .collect()
        };
        let path = |key: &str| json.get(key)?.as_str().map(PathBuf::from);
        let texts = |key: &str| -> Option<Vec<String>> {
            json.get(key).map_or_else(
                || Some(Vec::new()),
                |list| serde_json::from_value(list.clone()).ok(),
            )
        };
        Some(Self {
            settings: all("settings")?,
            failing: all("failing")?,
            stores: path("stores"),
            mailboxes: path("mailboxes"),
            inner: path("inner"),
            to: texts("to")?,
            refused: texts("refused")?,
            timeout: Duration::from_millis(json.get("timeout")?.as_u64()?),
            only: serde_json::from_value(json.get("only")?.clone()).ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_come_across() {
        let job = Job {
            settings: vec![Property::with_id(0x6601, "a"), Property::with_id(0x6602, 5)],
            failing: vec![Property::with_id(0x6601, true)],
            stores: Some("stores".into()),
            mailboxes: None,
            inner: None,
            to: vec!["ann@example.org".to_owned()],
            refused: Vec::new(),
            timeout: Duration::from_millis(1500),
            only: vec!["SYNC".to_owned()],
        };
        assert_eq!(Job::parse(&job.to_json().to_string()), Some(job));
        assert_eq!(Job::parse("{}"), None);
    }
}
