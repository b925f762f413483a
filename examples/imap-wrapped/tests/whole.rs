//! The provider as MAPI sees it, around the simulated PST provider. Its tests are those of the other example, word for word.

#[path = "../../imap/tests/whole/account.rs"]
mod account;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../../imap/tests/imap/client.rs"]
mod client;
#[path = "../../imap/tests/whole/crashes.rs"]
mod crashes;
#[allow(dead_code, reason = "other tests use the rest")]
#[path = "../../imap/tests/imap/dovecot.rs"]
mod dovecot;
#[path = "../../imap/tests/whole/life.rs"]
mod life;
#[path = "../../imap/tests/whole/limits.rs"]
mod limits;
#[path = "../../imap/tests/whole/show.rs"]
mod show;

/// What cargo calls the library that is tried.
const LIBRARY: &str = "imap_wrapped32";
/// The name of its store's file.
const STORE: &str = "mail.nst";
