//! Flags and keywords of a server in the properties of a message, and back.

use mapi_provider_abi::mapi::MessageFlags;
use mapi_provider_abi::view::PropValue;
use mapi_provider_mime::marks::{Change, DRAFT, MarkTags, Marks, unsent_reason_name};
use mapi_provider_twoway::Flags;

use crate::database::{MessageInfo, PropertySet, Result, Store};

/// The IDs of named properties in a store.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names {
    marks: MarkTags,
    /// Why the message is not on the server.
    reason: u16,
}

impl Names {
    pub(super) fn of(store: &Store) -> Result<Self> {
        let [categories, kept] = MarkTags::names();
        let names = [categories, kept, unsent_reason_name()];
        let ids = store.ids_of_names(&names, true)?;
        let id = |at: usize| ids.get(at).copied().flatten().unwrap_or_default();
        Ok(Self {
            marks: MarkTags::new([id(0), id(1)]),
            reason: id(2),
        })
    }

    /// The properties that flags are made of.
    pub(super) fn ids(self) -> [u16; 4] {
        self.marks.all().map(|tag| tag.id())
    }

    /// The flags of a message.
    pub(super) fn flags(self, info: &MessageInfo, props: &PropertySet) -> Flags {
        let is_draft = info.flags & MessageFlags::UNSENT.bits() != 0;
        let marks = self.marks(info.read, is_draft, props);
        marks.flags().into_iter().collect()
    }

    /// Puts flags into the properties of a message; all but whether it is read and a draft, which are no properties. Says
    /// whether something is different now.
    pub(super) fn put(self, flags: &Flags, props: &mut PropertySet) -> bool {
        let marks = self.marks(false, is_draft(flags), props);
        let names: Vec<&str> = flags.iter().collect();
        apply(props, marks.change(self.marks, &names))
    }

    /// Shows people that the message is not on the server, and why; or that this is over. Says whether something is
    /// different now.
    pub(super) fn mark_unsent(self, why: Option<&str>, props: &mut PropertySet) -> bool {
        let before = props.clone();
        let marks = self.marks(false, false, props);
        apply(props, marks.mark_unsent(self.marks, why.is_some()));
        match why {
            Some(why) => drop(props.set(self.reason, PropValue::from(why))),
            None => drop(props.remove(self.reason)),
        }
        *props != before
    }

    fn marks(self, is_read: bool, is_draft: bool, props: &PropertySet) -> Marks {
        Marks::read(self.marks, is_read, is_draft, |tag| props.value(tag.id()))
    }
}

fn apply(props: &mut PropertySet, changes: impl IntoIterator<Item = Change>) -> bool {
    let before = props.clone();
    for (tag, value) in changes {
        match value {
            Some(value) => drop(props.set(tag.id(), value)),
            None => drop(props.remove(tag.id())),
        }
    }
    *props != before
}

/// Whether flags say that the message is a draft.
pub(super) fn is_draft(flags: &Flags) -> bool {
    flags.contains(DRAFT)
}
