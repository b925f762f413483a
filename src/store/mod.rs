//! Folders and messages of an open message store, without `unsafe` and without COM.
//!
//! A provider that wraps a store puts mail into it, and reads what its user has changed. A [`Store`] has [`Folder`]s, a
//! folder [`Message`]s, a message [`Recipient`]s and [`Attachment`]s; all except recipients deref to [`Properties`]. A
//! [`Query`] reads a table as [`Row`]s.
//!
//! ```
//! use mapi_provider::abi::{PR_ENTRYID, PT_BINARY, PropTag};
//! use mapi_provider::store::{EntryId, Folder, Recipient, Store, StoreError};
//!
//! /// Where the server’s own key of a message is kept.
//! const KEY: PropTag = PropTag::new(0x6640, PT_BINARY);
//!
//! /// Brings a message into the inbox, unless it is there.
//! fn download(store: &Store, key: &[u8], subject: &str, text: &str) -> Result<(), StoreError> {
//!     let inbox = store.ipm_subtree()?.open_or_create_folder("Inbox")?;
//!     if find(&inbox, key)?.is_some() {
//!         return Ok(());
//!     }
//!     let message = inbox.create_message()?;
//!     message.set(KEY, key)?;
//!     message.set_subject(subject)?;
//!     message.set_body(text)?;
//!     message.add_recipients(&[Recipient::to("Ann", "ann@example.org")])?;
//!     message.save()?;
//!     Ok(())
//! }
//!
//! fn find(folder: &Folder, key: &[u8]) -> Result<Option<EntryId>, StoreError> {
//!     for row in folder.messages().columns(&[PR_ENTRYID, KEY]).rows()? {
//!         let row = row?;
//!         if row.binary(KEY) == Some(key) {
//!             return Ok(row.entry_id());
//!         }
//!     }
//!     Ok(None)
//! }
//! ```
//!
//! # For how long
//!
//! The store of a run exists until the run ends, and so does everything in it: because of the `'run` in these types,
//! the compiler refuses to keep any of it longer. A function that takes one and returns another names it:
//!
//! ```
//! use mapi_provider::store::{Folder, Store, StoreError};
//!
//! fn inbox<'run>(store: &Store<'run>) -> Result<Folder<'run>, StoreError> {
//!     store.receive_folder("IPM.Note")
//! }
//! ```
//!
//! # Errors and threads
//!
//! If a call fails, or does only part of its work, that is a [`StoreError`]. The store may be anybody’s: an answer that
//! makes no sense is an error too. All types may be sent to other threads, and no call holds a lock.

mod attachment;
mod calls;
mod error;
mod folder;
mod mail;
mod message;
mod message_store;
mod names;
mod properties;
mod query;
mod recipient;
mod row;
mod stream;
mod values;

pub use self::{
    attachment::{Attachment, FileAttachment},
    error::StoreError,
    folder::Folder,
    message::Message,
    message_store::Store,
    properties::Properties,
    query::{Query, Rows},
    recipient::{Recipient, RecipientKind},
    row::Row,
    stream::PropertyStream,
};
#[cfg(feature = "transport")]
pub(crate) use self::{properties::text_value, recipient::Address as OneOff};

/// The entry ID of a folder or message, which can be kept.
pub type EntryId = mapi_provider_abi::view::EntryId<'static>;
