//! The provider as MAPI sees it: its library in a host, with an account at a Dovecot.
//!
//! The example with a wrapped store has the same tests, word for word. On Windows, where there is no Dovecot, `cargo xtask
//! windows test` brings one; a machine without any skips them, and says so.

mod account;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../imap/client.rs"]
mod client;
mod crashes;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../imap/dovecot.rs"]
mod dovecot;
mod life;
mod limits;
mod show;
mod tls;

/// What cargo calls the library that is tried.
const LIBRARY: &str = "imap32";
/// The name of its store's file.
const STORE: &str = "mail.db";
