//! What a QueryInterface hook is asked, and the only way for it to answer.

use std::fmt;

use windows_core::{GUID, IUnknown, Interface};

/// A question that no interface of an object answers: whoever has `#[mapi(query_interface = …)]` is handed one.
///
/// A hook can't answer with anything but the interface that was asked for: [`answer`](Self::answer) compares the IID,
/// and keeps what it gets under that IID and under no other (COM-02).
pub struct Query<'a> {
    iid: &'a GUID,
    found: Option<IUnknown>,
}

impl<'a> Query<'a> {
    pub(super) fn new(iid: &'a GUID) -> Self {
        Self { iid, found: None }
    }

    /// The IID that is asked for.
    pub fn iid(&self) -> &GUID {
        self.iid
    }

    /// Answers with the interface `I`, if that is what is asked for and nothing has answered before: only then is
    /// `make` called. With None there is no answer.
    ///
    /// What `make` returns must be part of the object's identity: its own QueryInterface must lead back to the object
    /// (COM-01), as that of a struct with `#[mapi(outer = field)]` does.
    pub fn answer<I: Interface>(&mut self, make: impl FnOnce() -> Option<I>) {
        // Interfaces without a published IID have zeros for one: they are all alike, so none of them can be asked for.
        let is_asked = *self.iid == I::IID && I::IID != GUID::zeroed();
        if is_asked && self.found.is_none() {
            // SAFETY: an interface pointer is one to IUnknown; it stays the very pointer, and so that of `I`.
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
