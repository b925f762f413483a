//! The IMAP provider's server side against a real Dovecot, and against servers that lie.
//!
//! A machine without Dovecot skips the tests that need one, and says so.

mod client;
mod cuts;
mod dovecot;
mod proxy;
mod scripted;
mod servers;
mod world;

mod changes;
mod clients;
mod ends;
mod kept;
mod names;
mod safety;
