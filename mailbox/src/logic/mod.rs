//! What the synchronisation logic works with (STORE-45).
//!
//! A [`Mailbox`] is the store as the logic sees it. What the server has comes in by a [`Batch`], what clients did goes
//! out by [`Mailbox::local_changes`]. Everything may be called from any thread, and blocks no client longer than a batch
//! takes to be written.
//!
//! ```
//! use mapi_provider_mailbox::database::{Options, Store};
//! use mapi_provider_mailbox::logic::{Local, Mailbox};
//!
//! # fn main() -> mapi_provider_mailbox::database::Result<()> {
//! let mailbox = Mailbox::new(Store::in_memory(Options::new())?);
//! let inbox = mailbox.inbox()?;
//!
//! // What clients did goes out; told again until it is acknowledged.
//! for change in mailbox.local_changes()? {
//!     match &change.what {
//!         Local::Deleted => println!("{:?} is deleted", change.remote),
//!         Local::Created | Local::Changed { .. } => println!("{:?}", change.message()?),
//!     }
//!     change.acknowledge()?;
//! }
//!
//! // What the server has comes in. Again it would change nothing.
//! let mut batch = mailbox.batch();
//! batch.upsert(inbox, "server's ID", |message| {
//!     message.subject("Lunch");
//!     message.sender("Ann", "ann@example.org");
//!     message.body("At noon?");
//!     message.read(false);
//! })?;
//! batch.commit_with(b"where to go on")?;
//! assert_eq!(mailbox.folder(inbox)?.map(|inbox| inbox.unread), Some(1));
//! # Ok(())
//! # }
//! ```

mod batch;
mod draft;
mod folder;
mod local;
#[cfg(feature = "mime")]
mod mail;
mod mailbox;
mod settle;
#[cfg(feature = "twoway")]
mod side;
mod twin;

pub use batch::{Batch, Upserted};
pub use draft::Draft;
pub use local::{Local, LocalChange};
pub use mailbox::Mailbox;
#[cfg(feature = "twoway")]
pub use side::MailboxSide;
