//! Checks a provider against the contract, whoever wrote it and in any language.
//!
//! A [`Conformance`] plays [scenarios](SCENARIOS), each a few calls such as MAPI and Outlook make, and each in a process
//! of its own with a time limit: a crash or a hang is a finding like any other. What it sees is reported rule by rule,
//! as [`Results`]. `cargo mapi host check` is this module as a command; in a provider's own test it is
//! [`check_in_test`](Conformance::check_in_test).
//!
//! It sees everything from outside. It holds runs in the callback, so it sees more of a provider whose run calls
//! `Progress`. A scenario asks for one run or a few, so choose settings with which a run is short and may be repeated.

mod crash;
mod gate;
mod held;
mod in_test;
mod kinds;
mod process;
mod results;
mod rules;
mod scenarios;
mod stage;
mod wire;

use std::io;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use mapi_provider::Provider;
use mapi_provider::abi::{MSGSERVICEENTRY, MSPROVIDERINIT};

pub use self::results::{Finding, Results, RuleResult, Verdict};
pub use self::rules::{RULES, Rule};
pub use self::scenarios::{SCENARIOS, Scenario};
use crate::channel::Teller;
use crate::loader::{LoadError, ProviderLibrary};
use crate::profile::is_secure;
use crate::property::{Property, Value};

/// How long a step of a scenario may take by default.
pub const TIME_LIMIT: Duration = Duration::from_secs(30);

/// A secret with fewer letters would be in many texts by chance.
const SHORTEST_SECRET: usize = 4;

/// Reads a text that a scenario's process may have sent, and writes it again; `None` if it is not a message. For the
/// fuzz target of these texts.
#[doc(hidden)]
pub fn told_anew(text: &str) -> Option<String> {
    wire::Message::parse(text).map(|message| message.to_text())
}

/// A provider to check against the contract, and everything that its scenarios need.
#[derive(Clone, Debug)]
pub struct Conformance {
    source: Source,
    settings: Vec<Property>,
    failing: Vec<Property>,
    stores: Option<PathBuf>,
    mailboxes: Option<PathBuf>,
    inner: Option<PathBuf>,
    to: Vec<String>,
    refused: Vec<String>,
    time_limit: Duration,
    patience: Option<Duration>,
    wanted: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
struct Linked(&'static Provider);

#[derive(Clone, Debug)]
enum Source {
    Linked(Linked),
    Functions(MSPROVIDERINIT, Option<MSGSERVICEENTRY>),
    Library(PathBuf),
}

impl Conformance {
    /// A provider that is linked into this program.
    pub fn linked(provider: &'static Provider) -> Self {
        Self::of(Source::Linked(Linked(provider)))
    }

    /// Entry points of any other origin, in this program.
    pub fn functions(init: MSPROVIDERINIT, service_entry: Option<MSGSERVICEENTRY>) -> Self {
        Self::of(Source::Functions(init, service_entry))
    }

    /// A provider's shared library or DLL.
    pub fn library(path: impl Into<PathBuf>) -> Self {
        Self::of(Source::Library(path.into()))
    }

    fn of(source: Source) -> Self {
        Self {
            source,
            settings: Vec::new(),
            failing: Vec::new(),
            stores: None,
            mailboxes: None,
            inner: None,
            to: Vec::new(),
            refused: Vec::new(),
            time_limit: TIME_LIMIT,
            patience: None,
            wanted: Vec::new(),
        }
    }

    /// What `ServiceEntry` is given to configure: settings with which a run succeeds.
    #[must_use]
    pub fn settings(self, settings: Vec<Property>) -> Self {
        Self { settings, ..self }
    }

    /// Settings that replace those with the same tag when a run should fail (SYNC-12, COM-08).
    #[must_use]
    pub fn failing(self, failing: Vec<Property>) -> Self {
        Self { failing, ..self }
    }

    /// The provider wraps a store: the folder for the stores' files, which must exist.
    #[must_use]
    pub fn wrapped(self, stores: impl Into<PathBuf>) -> Self {
        Self {
            stores: Some(stores.into()),
            ..self
        }
    }

    /// The provider's store keeps its mail in a file: the folder for such files, which must exist.
    #[must_use]
    pub fn mailboxes(self, folder: impl Into<PathBuf>) -> Self {
        Self {
            mailboxes: Some(folder.into()),
            ..self
        }
    }

    /// The library of the provider inside a wrapped store, if it can't be found otherwise.
    #[must_use]
    pub fn inner(self, library: impl Into<PathBuf>) -> Self {
        Self {
            inner: Some(library.into()),
            ..self
        }
    }

    /// Addresses of the transport's first type that it sends to: each scenario of sending sends a message to them. Without
    /// one, nothing is sent.
    #[must_use]
    pub fn to(self, to: Vec<String>) -> Self {
        Self { to, ..self }
    }

    /// Addresses that the transport refuses for good: "no such user".
    #[must_use]
    pub fn refused(self, refused: Vec<String>) -> Self {
        Self { refused, ..self }
    }

    /// How long each step of a scenario may take. A single run may take a third of it.
    #[must_use]
    pub fn time_limit(self, time_limit: Duration) -> Self {
        Self { time_limit, ..self }
    }

    /// How long to wait for what must happen but isn't a call that returns: the end of a run, a notification. By default
    /// a third of the [time limit](Self::time_limit). A test of a provider that is known not to do it need not wait long.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        Self {
            patience: Some(patience),
            ..self
        }
    }

    /// Checks only these: rules (`SYNC-16`) or families of rules (`SYNC`).
    #[must_use]
    pub fn only(self, rules: Vec<String>) -> Self {
        Self {
            wanted: rules,
            ..self
        }
    }

    /// Plays all scenarios, each in the process that `start` makes for it: one that calls [`play`](Self::play) with an
    /// equal `Conformance`, the scenario and its standard output. On its standard input it is given a line for its
    /// [`Seal`](crate::channel::Seal), and then what `start` returns.
    ///
    /// `on_scenario` is told which scenario is played next.
    pub fn check(
        &self,
        start: &mut dyn FnMut(&Scenario) -> (Command, Vec<u8>),
        on_scenario: &mut dyn FnMut(&'static Scenario),
    ) -> Results {
        process::check(self, start, on_scenario)
    }

    /// Plays one scenario in this process and reports what is seen, on standard output, under the seal of the process
    /// that [checks](Self::check). End the process when this returns, without dropping anything, because a provider
    /// that is stuck may still be at work.
    ///
    /// # Errors
    ///
    /// The output can't be written to.
    pub fn play(&self, scenario: &'static Scenario, teller: Teller) -> io::Result<()> {
        stage::play(self, scenario, teller)
    }

    /// The scenarios that show something about the wanted rules.
    pub fn scenarios(&self) -> impl Iterator<Item = &'static Scenario> {
        let wants = |scenario: &&Scenario| scenario.rules.iter().any(|rule| self.wants(rule));
        SCENARIOS.iter().filter(wants)
    }

    /// Whether the rule with this id is checked.
    fn wants(&self, id: &str) -> bool {
        let is = |wanted: &String| {
            let (wanted, family) = (wanted.to_uppercase(), id.split('-').next());
            wanted == id || Some(wanted.as_str()) == family
        };
        self.wanted.is_empty() || self.wanted.iter().any(is)
    }

    fn load(&self) -> Result<ProviderLibrary, LoadError> {
        match &self.source {
            Source::Linked(linked) => Ok(ProviderLibrary::linked(linked.0)),
            Source::Functions(init, service_entry) => {
                Ok(ProviderLibrary::from_functions(*init, *service_entry))
            }
            Source::Library(path) => ProviderLibrary::load(path),
        }
    }

    fn is_linked(&self) -> bool {
        matches!(self.source, Source::Linked(_) | Source::Functions(..))
    }

    /// The settings with which a run fails, if there are any.
    fn failing_settings(&self) -> Option<Vec<Property>> {
        if self.failing.is_empty() {
            return None;
        }
        let replaced =
            |setting: &&Property| self.failing.iter().any(|other| other.id == setting.id);
        let kept = self.settings.iter().filter(|setting| !replaced(setting));
        Some(kept.chain(&self.failing).cloned().collect())
    }

    /// What must never be seen anywhere (ENTRY-11).
    fn secrets(&self) -> Vec<&str> {
        let settings = self.settings.iter().chain(&self.failing);
        settings
            .filter(|setting| is_secure(setting.id))
            .filter_map(|setting| match &setting.value {
                Value::Unicode(text) => Some(text.as_str()),
                _ => None,
            })
            .filter(|text| text.chars().count() >= SHORTEST_SECRET)
            .collect()
    }
}
