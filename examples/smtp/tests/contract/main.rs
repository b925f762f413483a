//! The rules of the contract, as `cargo mapi host check` checks them, with a server that takes what it is given.

#[allow(dead_code, reason = "the other tests use the rest")]
#[path = "../smtp/scripted.rs"]
mod scripted;

use std::env;

use mapi_provider_host::Property;
use mapi_provider_host::conformance::{Conformance, Verdict};
use smtp32::PROVIDER;

use crate::scripted::Scripted;

/// Where the server is, for the processes of the scenarios.
const PORT_OF_SERVER: &str = "SMTP_TEST_PORT";

/// The IDs of provider.toml.
const ADDRESS: u16 = 0x6601;
const SERVER: u16 = 0x6604;
const PORT: u16 = 0x6605;
const SECURITY: u16 = 0x6606;

/// What the check can't see of this transport: it receives nothing, and is as fast as the server.
const UNSEEN: [&str; 7] = [
    "XP-20", "XP-25", "XP-26", "XP-27", "XP-28", "XP-29", "XP-36",
];

#[test]
fn the_contract_is_kept() {
    let server = env::var(PORT_OF_SERVER).is_err().then(|| {
        let server = Scripted::but(&[("RCPT TO:<refused", "550 5.1.1 no such user")]);
        let folder = tempfile::tempdir().expect("a folder");
        // SAFETY: only the processes of the scenarios read them: they are started from here, and inherit them.
        unsafe {
            env::set_var("SMTP_TEST_QUEUES", folder.path());
            env::set_var(PORT_OF_SERVER, server.port.to_string());
        }
        (server, folder)
    });
    if server.is_none() {
        let folder = env::var_os("SMTP_TEST_QUEUES").expect("it was set");
        // SAFETY: in this process only this test runs.
        unsafe { env::set_var("LOCALAPPDATA", folder) };
    }
    let port: i32 = env::var(PORT_OF_SERVER)
        .ok()
        .and_then(|port| port.parse().ok())
        .expect("a number");
    let settings = vec![
        Property::with_id(ADDRESS, "ann@example.org"),
        Property::with_id(SERVER, "127.0.0.1"),
        Property::with_id(PORT, port),
        Property::with_id(SECURITY, "none"),
    ];
    let results = Conformance::linked(&PROVIDER)
        .settings(settings)
        // Nobody listens there.
        .failing(vec![Property::with_id(PORT, 1)])
        .to(vec!["bob@example.org".to_owned()])
        .refused(vec!["refused@example.org".to_owned()])
        .check_in_test("the_contract_is_kept");
    results.assert_kept();
    for result in &results.rules {
        let id = result.rule.id;
        if id.starts_with("XP") && !UNSEEN.contains(&id) {
            assert_eq!(result.verdict, Verdict::Pass, "{id}");
        }
    }
}
