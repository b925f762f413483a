//! The store as data: no COM, no unsafe code.
//!
//! A [`Database`] is a [`State`] in memory and a [`Journal`](journal::Journal) of the changes that made it.
//! [`Database::commit`] is the only way to change it.

mod change;
mod checksum;
mod codec;
mod database;
mod id;
mod initial;
mod journal;
mod open;
mod props;
mod state;
mod uid;

pub(crate) use self::{
    change::{Change, DEEPEST, Event, What},
    database::{Watcher, now},
    id::{Id, Identity, Kind},
    initial::IPM_SUBTREE_NAME,
    journal::set_quota,
    open::OpenDatabase,
    props::{PropSet, asked_type, borrowed, converted, size},
    state::{Attachment, Folder, Message, MessageData, Recipient, SORT_ORDER, State},
    uid::new_uid,
};

#[cfg(test)]
mod tests;
