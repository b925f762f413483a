//! The crate that `cargo mapi demo` makes, and its mail. `examples/maildir` is a crate with the same code and another
//! manifest, because no two providers may have the same uid.

#[path = "../maildir/src/header.rs"]
pub mod header;
#[path = "../maildir/src/maildir.rs"]
#[allow(missing_docs, reason = "it is code of a crate that nobody links")]
pub mod maildir;

use crate::file::{File, files};

/// The files, except `Cargo.toml`. The first one is the manifest.
pub const FILES: &[File] = files!("maildir":
    "provider.toml" "src/lib.rs" "src/plan.rs" "src/sync.rs" "src/maildir.rs" "src/state.rs"
    "src/header.rs");

/// Messages, with the names that they get in a Maildir.
macro_rules! messages {
    ($($name:literal)*) => {
        [$(($name, include_bytes!(concat!("../maildir/messages/", $name, ".eml")))),*]
    };
}

/// The messages in the order in which they arrive.
pub const MESSAGES: [(&str, &[u8]); 12] = messages!(
    "01-lunch" "02-lunch-answer" "03-lunch-thread" "04-umlauts" "05-japanese" "06-invoice"
    "07-newsletter" "08-build-failed" "09-invitation" "10-latin1" "11-photo" "12-bounce"
);
