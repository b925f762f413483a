//! SMTP (RFC 5321): one message to one server.

mod abilities;
pub mod address;
mod base64;
mod dialogue;
mod guard;
mod logon;
mod reply;
mod stream;
mod wire;

use self::dialogue::Dialogue;
use self::guard::Guard;
use super::account::Account;

/// A message, and whom it goes to.
#[derive(Debug)]
pub struct Letter<'a> {
    /// What tells it from others, for the server's reports.
    pub id: &'a str,
    /// Where the server's reports go.
    pub from: &'a str,
    /// Whom it goes to.
    pub to: Vec<To<'a>>,
    /// The message itself: RFC 5322.
    pub octets: &'a [u8],
}

/// Somebody whom a message goes to.
#[derive(Debug, Clone, Copy)]
pub struct To<'a> {
    /// His address.
    pub address: &'a str,
    /// Whether the sender wants to hear when he has it.
    pub report_delivery: bool,
}

/// What became of a recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// The server has the message for him.
    Accepted,
    /// It will never take one, and why.
    Refused(String),
}

/// Whoever has a message sent.
pub trait Watch {
    /// Whether nobody wants it to be sent any more.
    fn is_cancelled(&self) -> bool;

    /// What became of a recipient, by his place in [`Letter::to`]. It is told as soon as it is known.
    fn became(&self, index: usize, fate: Fate);
}

/// Why not everybody was sent to. It speaks of those of whom nothing was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// Nobody wants it to be sent any more.
    Cancelled,
    /// There is no connection, or it broke. Where that was after the whole message, nobody knows whether it was taken.
    Network(String),
    /// The server can't do it now.
    Later(String),
    /// The server will never take it.
    Refused(String),
    /// The server lets nobody in with these settings.
    LockedOut(String),
}

/// Sends a message: one connection, one logon, one message.
///
/// # Errors
///
/// Why not everybody was sent to.
pub fn send(account: &Account, letter: &Letter<'_>, watch: &dyn Watch) -> Result<(), Problem> {
    if let Some(problem) = address::problem(letter.from) {
        return Err(Problem::Refused(format!("the sender: {problem}")));
    }
    let mut open = Vec::new();
    for (index, to) in letter.to.iter().enumerate() {
        match address::problem(to.address) {
            Some(problem) => watch.became(index, Fate::Refused(problem.to_owned())),
            None => open.push(index),
        }
    }
    if open.is_empty() {
        return Ok(());
    }
    let guard = Guard::new(watch, account.limits);
    let session = logon::log_on(account, &guard)?;
    Dialogue::new(session, letter, &guard).run(&open)
}
