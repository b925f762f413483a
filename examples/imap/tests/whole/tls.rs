//! TLS by the system that this runs on: on Windows it is schannel. On Linux the tests of the server's side show more.

use std::env;

use imap32::server::{ImapServer, Security};
use mapi_provider::Secret;
use mapi_provider_twoway::{Remote as _, Silent, Stop, Trouble};

#[test]
fn twoway_24_tls_of_the_system_trusts_whom_it_is_told_to_and_nobody_else() {
    let port = env::var("IMAP_TEST_PORT").ok();
    let Some(port) = port.and_then(|port| port.parse().ok()) else {
        eprintln!("skipped: there is no server beside this system");
        return;
    };
    let certificate = env::var_os("IMAP_TEST_CERTIFICATE").expect("it has one");
    let certificate = std::fs::read(certificate).expect("readable");
    let mut server = ImapServer::new("localhost", port, Security::StartTls);
    server.user = "imap32".to_owned();
    server.password = Secret::new("secret".to_owned());
    match server.connect(&Silent) {
        Err(Trouble::Stop(Stop::Fatal(_))) => {}
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("nobody vouches for it"),
    }
    server.authority = Some(certificate);
    if let Err(trouble) = server.connect(&Silent) {
        panic!("{trouble}");
    }
}
