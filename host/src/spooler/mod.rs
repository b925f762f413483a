//! The spooler: MAPI as a transport sees it.

mod logon;
mod message;
mod transport;

pub use self::logon::{Spooler, Submission};
pub use self::message::{MessageCall, OutgoingMessage};
pub use self::transport::{StatusReport, Transport, TransportOptions};
