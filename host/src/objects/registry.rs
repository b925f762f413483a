//! Which of the host's objects are alive.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use windows_core::{IUnknown, Interface};

use crate::locks::lock;

/// The kinds of objects that a host makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// `IMAPISupport`
    Support,
    /// `IMAPISession`
    Session,
    /// `IProfSect`
    ProfileSection,
    /// `IProviderAdmin`
    ProviderAdmin,
    /// `IProfAdmin`
    ProfileAdmin,
    /// `IMsgServiceAdmin`
    ServiceAdmin,
    /// `IMAPITable`
    Table,
    /// `IMAPISyncProgressCallback`
    ProgressCallback,
    /// `IMessage`
    Message,
    /// `IAttach`
    Attachment,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Support => "IMAPISupport",
            Self::Session => "IMAPISession",
            Self::ProfileSection => "IProfSect",
            Self::ProviderAdmin => "IProviderAdmin",
            Self::ProfileAdmin => "IProfAdmin",
            Self::ServiceAdmin => "IMsgServiceAdmin",
            Self::Table => "IMAPITable",
            Self::ProgressCallback => "IMAPISyncProgressCallback",
            Self::Message => "IMessage",
            Self::Attachment => "IAttach",
        })
    }
}

/// Counts the objects that are alive, by kind. Clones count together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Registry(Arc<Mutex<BTreeMap<Kind, usize>>>);

impl Registry {
    /// Counts an object as long as the returned value lives: keep that in the object.
    pub(crate) fn live(&self, kind: Kind) -> Live {
        *lock(&self.0).entry(kind).or_default() += 1;
        Live {
            registry: self.clone(),
            kind,
        }
    }

    /// How many objects of each kind are alive, for kinds that have any.
    pub(crate) fn counts(&self) -> BTreeMap<Kind, usize> {
        let mut counts = lock(&self.0).clone();
        counts.retain(|_, count| *count > 0);
        counts
    }
}

/// The part of an object that is counted.
#[derive(Debug)]
pub(crate) struct Live {
    registry: Registry,
    kind: Kind,
}

impl Drop for Live {
    fn drop(&mut self) {
        if let Some(count) = lock(&self.registry.0).get_mut(&self.kind) {
            *count -= 1;
        }
    }
}

/// The reference count of an object: what `AddRef` and `Release` answer (COM-03).
pub fn count(object: &IUnknown) -> u32 {
    let (vtable, raw) = (object.vtable(), object.as_raw());
    // SAFETY: the caller has a reference, and the one that is added is given up at once.
    unsafe {
        (vtable.AddRef)(raw);
        (vtable.Release)(raw)
    }
}
