//! What a QueryInterface hook is asked, and its only way to answer.

use std::fmt;

use windows_core::{GUID, IUnknown, Interface};

/// A question that no interface of an object answers; the function in `#[mapi(query_interface = …)]` gets it.
///
/// A hook can only answer with the interface that was asked for: [`answer`](Self::answer) compares the IID, and keeps
/// its result only under that IID (COM-02).
pub struct Query<'a> {
    iid: &'a GUID,
    found: Option<IUnknown>,
}

impl<'a> Query<'a> {
    pub(super) fn new(iid: &'a GUID) -> Self {
        Self { iid, found: None }
    }

    /// The requested IID.
    pub fn iid(&self) -> &GUID {
        self.iid
    }

    /// Answers with the interface `I`, if that is what is asked for and nothing has answered before: `make` is called
    /// only then. If it returns `None`, there is no answer.
    ///
    /// What `make` returns must be part of the object's identity: its own QueryInterface must lead back to the object
    /// (COM-01), as that of a struct with `#[mapi(outer = field)]` does.
    pub fn answer<I: Interface>(&mut self, make: impl FnOnce() -> Option<I>) {
        // Interfaces without a published IID have zeros instead: they are all alike, so nobody can ask for one of
        // them.
        let is_asked = *self.iid == I::IID && I::IID != GUID::zeroed();
        if is_asked && self.found.is_none() {
            // SAFETY: an interface pointer is also one to IUnknown; it stays the same pointer, and so that of `I`.
            self.found = make().map(|found| unsafe { IUnknown::from_raw(found.into_raw()) });
        }
    }

    pub(super) fn into_answer(self) -> Option<IUnknown> {
        self.found
    }
}

impl fmt::Debug for Query<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query")
            .field("iid", self.iid)
            .finish_non_exhaustive()
    }
}
