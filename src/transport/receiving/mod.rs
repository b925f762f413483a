//! Mail that comes in (XP-25 to XP-29).
//!
//! ```text
//! worker                                        spooler's thread
//! logic.receive
//!   Inbox::deliver ── Ready: one message ──→    Poll: how many (XP-25)
//!   waits                                       StartMessage: start.rs writes and saves it (XP-26 to XP-28)
//!   ←──────────────── saved, or set aside ────
//! ```

mod failures;
mod inbox;
mod ready;
mod received;
mod receiver;
mod start;

pub use self::{
    inbox::{Arrival, Inbox, ReceiveError},
    received::Received,
};
pub(super) use self::{ready::Ready, receiver::Receiver};
pub(crate) use self::{
    receiver::Teller,
    start::{Incoming, start},
};
