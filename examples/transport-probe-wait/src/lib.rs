//! A transport for tests, which sends nothing: it does what environment variables say, read anew for each message.
//!
//! | variable | what `send` does |
//! |---|---|
//! | `XP_TEST_SENT=FILE` | appends a line of JSON when it begins: addresses of the envelope and of those shown, subject, sender |
//! | `XP_TEST_REFUSE=a@x;b@y` | refuses these for good: "no such user" |
//! | `XP_TEST_LATER=a@x` | leaves these for another try |
//! | `XP_TEST_FAIL=later`, `permanent`, `dead` | fails with the whole message: for now, for good, or for the whole session |
//! | `XP_TEST_SEND_MS=n` | takes so many milliseconds, and notices a cancellation |
//! | `XP_TEST_DEAF=1` | does not notice it |
//! | `XP_TEST_PANIC=1` | panics |

mod probe;

pub use self::probe::Probe;

mapi_provider::provider!("provider.toml");
