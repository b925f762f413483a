//! Plays `mspst32.dll`, Outlook's own PST store provider, for tests of providers that wrap it.
//!
//! The store itself is the engine of `mapi-provider-mailbox`: folders, messages, tables, notifications, and a file that is
//! no PST. Here is what makes it look like the PST provider: the entry points, the service, where the profile says that the
//! file is, and the replication interfaces. The library exports what the real one does, and three functions for tests:
//! [`MspstRecord`], [`MspstReset`] and [`MspstSetQuota`].
//!
//! | module | what |
//! |---|---|
//! | `exports` | the entry points |
//! | `service` | the message service |
//! | `objects` | the engine's objects, wrapped: calls are recorded, the store has the replication interfaces |
//! | `face` | what the engine is told of the provider |
//! | `profile` | where the profile says that the store is |
//! | `record` | what has been called |

mod exports;
mod face;
mod objects;
mod profile;
mod record;
mod service;

pub use self::exports::{
    MSProviderInit, MspstRecord, MspstReset, MspstSetQuota, NSTServiceEntry, ServiceEntry,
};
