//! What all objects of a host share.

use std::sync::{Arc, Mutex};

use super::registry::Registry;
use super::subscriptions::Subscriptions;
use crate::locks::lock;
use crate::memory::Allocators;
use crate::profile::{Profile, SectionUid};
use crate::sheet::Player;

/// What all objects of a host share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) allocators: Allocators,
    pub(crate) profile: Profile,
    pub(crate) registry: Registry,
    pub(crate) subscriptions: Subscriptions,
    pub(crate) player: Player,
    /// The sections of the service's providers, each with its `PR_RESOURCE_TYPE`.
    pub(crate) providers: Vec<(SectionUid, u32)>,
    violations: Mutex<Vec<Violation>>,
}

/// A rule of the contract that the provider broke.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule: `COM-05`.
    pub rule: &'static str,
    /// What happened.
    pub what: String,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.what, self.rule)
    }
}

impl Shared {
    pub(crate) fn new(
        allocators: Allocators,
        profile: Profile,
        providers: Vec<(SectionUid, u32)>,
    ) -> Arc<Self> {
        Arc::new(Self {
            allocators,
            profile,
            registry: Registry::default(),
            subscriptions: Subscriptions::default(),
            player: Player::default(),
            providers,
            violations: Mutex::default(),
        })
    }

    /// Notes that a rule was broken.
    pub(crate) fn violated(&self, rule: &'static str, what: impl Into<String>) {
        lock(&self.violations).push(Violation {
            rule,
            what: what.into(),
        });
    }

    pub(crate) fn violations(&self) -> Vec<Violation> {
        lock(&self.violations).clone()
    }
}
