//! Transports as MAPI sees them: the objects, and what they ask of the support object. What is not MAPI's is in
//! [`crate::transport`].
//!
//! ```text
//! MAPI → TransportProvider → TransportLogon ─→ Attached: session, support object
//!                            StatusObject ┄weak┄┘
//! ```

mod address_types;
mod attached;
mod init;
mod logon;
mod provider;
mod spooler;
mod status_object;

pub use self::init::xp_provider_init;
