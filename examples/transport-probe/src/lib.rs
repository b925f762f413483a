//! A transport for tests, whose messages wait in a queue of its own if they can't be sent now. [`Probe`] says what it does.

#[path = "../../transport-probe-wait/src/probe.rs"]
mod probe;

pub use self::probe::Probe;

mapi_provider::provider!("provider.toml");
