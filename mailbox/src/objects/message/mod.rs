//! Messages and attachments as objects. Each is a working copy: nobody else sees anything of it before it is saved, and
//! who has one open sees it as it was until he opens it again (STORE-21).
//!
//! ```text
//! MessageObject ──→ MessageState ←── AttachmentState ←── AttachmentObject
//!                        ↑                 ↑
//!                        └── streams ──────┘      MessageState of the message in an attachment → AttachmentState
//! ```
//!
//! An object is thin: it reads arguments and answers. A state is the copy, which the object shares with the streams and
//! attachments that were opened from it. Saving an attachment puts it into the copy of its message; saving the message
//! puts that into the store, all at once.
//!
//! | you change | look in |
//! |---|---|
//! | what a working copy is | `state.rs`; of an attachment: `attachment_state.rs` |
//! | what may be set, and what that means for other properties | `editing.rs`, `bodies.rs` |
//! | `SaveChanges`, conflicts | `saving.rs` |
//! | marks and receipts | `marking.rs` |
//! | `ModifyRecipients` | `recipients.rs`, `one_off.rs` |
//! | attachments of a message, embedded messages | `attachments.rs`, `attachment_state.rs` |
//! | the tables of recipients and attachments | `parts.rs` |
//! | `SubmitMessage` | `submitting.rs` |
//! | what COM callers see | `message_object.rs`, `message_props.rs`, `attachment_object.rs`, `attachment_props.rs` |
//! | what streams need of them | `owners.rs` |

mod attachment_object;
mod attachment_props;
mod attachment_state;
mod attachments;
mod bodies;
mod editing;
mod marking;
mod message_object;
mod message_props;
mod one_off;
mod owners;
mod parts;
mod recipients;
mod saving;
mod state;
mod submitting;

use std::ffi::c_void;
use std::sync::Arc;

use self::message_object::MessageObject;
use self::state::MessageState;
use super::fault::Result;
use super::open_entry::Access;
use super::sending;
use super::shared::StoreShared;
use crate::database::{Error, FolderId, MessageId};

/// A message that was saved, as its interface.
///
/// # Errors
///
/// It is gone (`MAPI_E_NOT_FOUND`), or waits to be sent and can't be changed (STORE-35, STORE-36).
pub(super) fn open(
    shared: &Arc<StoreShared>,
    id: MessageId,
    access: Access,
) -> Result<*mut c_void> {
    let is_writable =
        shared.read(|reader| sending::is_opened_writable(shared, reader, id, access))?;
    let message = shared.store().open_message(id)?;
    let message = message.ok_or(Error::NotFound("message"))?;
    let state = MessageState::of_saved(shared, message, is_writable);
    Ok(MessageObject::open(state))
}

/// A new message, as its interface. It is in the folder once it is saved.
///
/// # Errors
///
/// The store can't be written.
pub(super) fn create(
    shared: &Arc<StoreShared>,
    folder: FolderId,
    associated: bool,
) -> Result<*mut c_void> {
    // STORE-05: it has its entry ID from now on.
    let id = shared.store().reserve_message()?;
    let state = MessageState::of_new(shared, id, folder, associated);
    Ok(MessageObject::open(state))
}
