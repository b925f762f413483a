//! Wrapped stores: Outlook's own PST provider keeps the mail, and the team's logic synchronises it.
//!
//! ```text
//! MAPI → WrappedProvider → the PST provider's IMSProvider
//!        WrappedLogon    → its IMSLogon
//!        WrappedStore    → its IMsgStore   + IMAPISync
//!        the PST provider → WrappedSupport → MAPI's IMAPISupport
//! ```
//!
//! The chain is that of every store (ENTRY-05): our store → the inner store → our support object → MAPI's → our
//! logon → the inner logon.

mod describe;
mod init;
mod inner;
mod inside;
mod logon;
#[cfg(feature = "mailbox")]
mod mailbox;
mod offline_ids;
mod open;
mod open_store;
mod path;
mod profile;
mod provider;
mod service;
mod shared;
mod store;
mod support;
mod turns;

#[cfg(feature = "mailbox")]
pub use self::init::mailbox_provider_init;
pub(super) use self::path::PATH as STORE_PATH;
#[cfg(feature = "transport")]
pub(super) use self::path::expand;
pub use self::{init::wrapped_provider_init, service::wrapped_service_entry};
