//! What kinds of providers a library has.

use super::Scenario;
use super::rules::Rule;
use crate::loader::ProviderLibrary;

/// Why nothing is to be seen of a store.
const NO_STORE: &str = "the provider has no store";
/// Why nothing is to be seen of a transport.
const NO_TRANSPORT: &str = "the provider has no transport";

/// What a library has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Kinds {
    pub(super) store: bool,
    pub(super) transport: bool,
}

impl Kinds {
    #[cfg(test)]
    pub(super) const STORE: Self = Self {
        store: true,
        transport: false,
    };
    #[cfg(test)]
    pub(super) const TRANSPORT: Self = Self {
        store: false,
        transport: true,
    };

    /// What this library has, by its entry points.
    pub(super) fn of(library: &ProviderLibrary) -> Self {
        Self {
            store: library.store_init().is_some(),
            transport: library.transport_init().is_some(),
        }
    }

    /// A word for it, for the channel.
    pub(super) fn name(self) -> &'static str {
        match (self.store, self.transport) {
            (true, true) => "both",
            (true, false) => "store",
            (false, true) => "transport",
            (false, false) => "none",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        let (store, transport) = match name {
            "both" => (true, true),
            "store" => (true, false),
            "transport" => (false, true),
            "none" => (false, false),
            _ => return None,
        };
        Some(Self { store, transport })
    }

    /// Why a scenario can't be played with these, if it can't.
    pub(super) fn lack(self, scenario: &Scenario) -> Option<&'static str> {
        // Any library has a service.
        if scenario.rules == ["ENTRY-07"] {
            return None;
        }
        let is_of_transports = scenario.rules.iter().any(|rule| rule.starts_with("XP-"));
        match is_of_transports {
            true => (!self.transport).then_some(NO_TRANSPORT),
            false => (!self.store).then_some(NO_STORE),
        }
    }

    /// Whether a rule is about one of these at all.
    pub(super) fn know(self, rule: &Rule) -> bool {
        match rule.id.split('-').next() {
            Some("XP") => self.transport,
            Some("SYNC" | "STORE" | "WRAP") => self.store,
            _ => true,
        }
    }
}
