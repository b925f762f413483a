//! Plays `mspst32.dll`, Outlook's own PST store provider, for tests of providers that wrap it.
//!
//! It is a whole message store: folders, messages with recipients and attachments, tables, named properties,
//! notifications. Saved data is in a file, which is complete after each change, whenever the process ends:
//! not a PST, but a journal of changes. The library exports what the real one does, and three functions for
//! tests: [`MspstRecord`], [`MspstReset`] and [`MspstSetQuota`].
//!
//! | module | what |
//! |---|---|
//! | `exports` | the entry points |
//! | `objects` | the COM objects |
//! | `table` | tables as data: restriction, order, cursor |
//! | `computed` | computed properties |
//! | `db` | the store as data, and its file |

mod answers;
mod arguments;
mod computed;
mod db;
mod exports;
mod fault;
mod objects;
mod record;
mod service;
mod support;
mod table;

pub use self::exports::{
    MSProviderInit, MspstRecord, MspstReset, MspstSetQuota, NSTServiceEntry, ServiceEntry,
};
