//! A transport for tests, whose messages wait in the Outbox if they can't be sent now. [`Probe`] says what it does.

mod probe;

pub use self::probe::Probe;

mapi_provider::provider!("provider.toml");
