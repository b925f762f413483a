//! The probes as one service: the mailbox of `examples/store-probe` and the transport of `examples/transport-probe-wait` in
//! one DLL, for contract tests. Both do what their variables say.

#[path = "../../../examples/probe/src/logic.rs"]
mod logic;
#[path = "../../../examples/transport-probe-wait/src/probe.rs"]
mod sends;
#[path = "../../../examples/store-probe/src/server.rs"]
mod server;
#[path = "../../../examples/store-probe/src/probe.rs"]
mod stores;

pub use self::sends::Probe;
pub use self::stores::StoreProbe;

mapi_provider::provider!("provider.toml");
