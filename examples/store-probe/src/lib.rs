//! The probe as a store that keeps its mail itself: for contract tests.
//!
//! The file is in the folder that `STORE_TEST_DIR` names, which is read at the first logon of a section of a profile.
//! Runs do what the variables of `examples/probe` say, and before that, what these say:
//!
//! | variable | what |
//! |---|---|
//! | `STORE_TEST_DELIVER` | a number n: the server has the messages m1 to mn in the Inbox; again it has nothing new |
//! | `STORE_TEST_REMOVE` | IDs with commas between them: the server has these messages no more |
//! | `STORE_TEST_CHANGES` | a file: what clients did goes there, a line each, `created SERVERID SUBJECT` |
//! | `STORE_TEST_CHANGES_NOACK` | `1`: what clients did is told again the next time |
//!
//! They are read at the start of every run.
#![forbid(unsafe_code)]

#[path = "../../probe/src/logic.rs"]
mod logic;
mod probe;
mod server;

pub use self::probe::StoreProbe;

mapi_provider::provider!("provider.toml");
