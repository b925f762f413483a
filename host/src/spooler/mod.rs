//! The spooler: MAPI as a transport sees it.

mod attachment;
mod carried;
mod large;
mod logon;
mod message;
mod outbox;
mod transport;
mod values;

pub use self::attachment::Attached;
pub use self::logon::{Spooler, Started, Submission};
pub use self::message::{MessageCall, OutgoingMessage};
pub use self::transport::{StatusReport, Transport, TransportOptions};
