//! The database: a store in one SQLite file, as values.
//!
//! [`Store`] is open; [`Store::read`] gives a [`Reader`], [`Store::write`] a [`Transaction`], and all that can be asked
//! or done is a method of these. Nothing foreign is called inside. What has happened is read from a [`Feed`].
//!
//! ```
//! use mapi_provider_abi::mapi::PR_SUBJECT_W;
//! use mapi_provider_mailbox::database::{MessageData, Options, Save, Special, Store, What};
//!
//! # fn main() -> mapi_provider_mailbox::database::Result<()> {
//! let store = Store::in_memory(Options::new())?;
//! let mut feed = store.feed()?;
//! let inbox = store.read(|reader| reader.special(Special::Inbox))?;
//!
//! // A working copy, which nobody sees before it is saved.
//! let id = store.reserve_message()?;
//! let mut data = MessageData::default();
//! data.props.set_tag(PR_SUBJECT_W, "Lunch");
//! let save = |base, data: &MessageData| {
//!     let save = Save { id, folder: inbox, associated: false, base, force: false, read: false, keep_time: false, data };
//!     store.write(|tx| tx.save_message(&save))
//! };
//! let saved = save(None, &data)?;
//!
//! // After the commit others are told.
//! assert_eq!(feed.poll()?.list[0].what, What::Created);
//!
//! // The next save says which one it follows.
//! data.props.set_tag(PR_SUBJECT_W, "Dinner");
//! save(Some(saved.info.version), &data)?;
//! # Ok(())
//! # }
//! ```
//!
//! What must agree with something else (counts, the text index, the log of changes) is kept by triggers in
//! `schema.sql`, so that no writer can forget it; what they say that the text index lacks each transaction brings in.

mod blob;
mod cells;
mod change;
mod codec;
mod columns;
mod connection;
mod error;
mod export;
mod folder;
mod folder_write;
mod id;
mod inspect;
mod large;
mod load;
mod log_file;
mod maintenance;
mod message;
mod names;
mod order;
mod page;
mod property;
mod queue;
#[cfg(feature = "quota")]
mod quota;
mod receive;
mod remote;
mod row;
mod save;
mod scan;
mod search;
mod search_progress;
mod session;
mod special;
mod steps;
mod store;
mod store_props;
mod substring;
#[cfg(test)]
mod tests;
mod text_index;
mod transaction;
mod transfer;
mod unasked;

pub use blob::StagedBlob;
pub(crate) use cells::{Place as CellPlace, RowAt};
pub use change::{Change, Changes, Feed, What};
pub use codec::{decode, decode_restriction, decode_some, encode, encode_restriction};
pub use columns::{display_list, normalized, subject_prefix};
pub use error::{Error, Result};
pub use export::{Export, Exported, Unreadable};
pub use folder::{Folder, FolderKind};
pub use folder_write::{DeleteFolder, NewFolder};
pub use id::{AttachmentId, BlobId, FolderId, MessageId, ObjectId, SessionId, Version};
pub use inspect::{Inspection, Sizes, StoreFile};
pub use maintenance::Report;
pub use message::{
    Attachment, DEEPEST, Message, MessageData, MessageInfo, Outcome, Recipient, Save,
};
pub use order::{Contents, Direction, Key, Order, Place};
pub(crate) use property::large_bytes;
pub use property::{LARGEST, LargeValue, Property, PropertySet};
pub use queue::{LOCKED, PREPROCESS, Queued};
#[cfg(feature = "quota")]
pub use quota::set_quota;
pub use receive::ReceiveFolder;
pub(crate) use remote::{Bits, Pending};
pub use remote::{Part, Remote};
pub use row::{Cell, Row};
pub use scan::Column;
pub use search::Search;
pub use search_progress::{Advance, Phase, Progress};
pub use special::Special;
pub(crate) use steps::{AT_ONCE, all_but_last};
pub use store::{Options, Store};
pub use substring::TextColumn;
pub use transaction::{By, Reader, Transaction};
pub use transfer::Marked;
