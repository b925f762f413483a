//! What the synchronisation logic works with (STORE-45).
//!
//! A [`Mailbox`] is the store as the logic sees it. What the server has comes in by a [`Batch`], what clients did goes
//! out by [`Mailbox::local_changes`]. Everything may be called from any thread, and blocks no client longer than a batch
//! takes to be written.

mod batch;
mod draft;
mod local;
mod mailbox;

pub use batch::{Batch, Upserted};
pub use draft::Draft;
pub use local::{Local, LocalChange};
pub use mailbox::Mailbox;
