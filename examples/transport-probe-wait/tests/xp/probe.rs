//! The probe itself: what the environment says is what it does. One test, because a process has one environment.

use std::{env, fs};

use mapi_provider::abi::{MAPI_E_WAIT, S_OK};
use mapi_provider_host::{Host, Profile, ProviderLibrary};

use crate::rig::{properties, recipient, responsible};

fn set(name: &str, value: &str) {
    // SAFETY: no other test of this program reads or writes the environment.
    unsafe { env::set_var(name, value) };
}

#[test]
fn the_probe_does_what_the_environment_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("sent");
    set("XP_TEST_SENT", file.to_str().expect("a path of ASCII"));
    set("XP_TEST_REFUSE", "b@x");
    set("XP_TEST_LATER", "C@X");
    let library = ProviderLibrary::linked(&transport_probe_wait32::PROVIDER);
    let host = Host::new(library, Profile::default()).expect("a host");
    let transport = host.init_transport().expect("XPProviderInit");
    let spooler = transport.logon().expect("TransportLogon");
    let rows = ["a@x", "b@x", "c@x"].map(|address| recipient("SMTP", address));
    let message = spooler.message(&properties("IPM.Note"), &rows);
    let sent = spooler.submit(&message);
    assert_eq!((sent.status, sent.seconds), (MAPI_E_WAIT, 1));
    assert_eq!(responsible(&message), [true, true, false]);
    assert_eq!(spooler.record().reports[0].len(), 1);
    set("XP_TEST_LATER", "");
    assert_eq!(spooler.submit(&message).status, S_OK);
    let lines = fs::read_to_string(&file).expect("it wrote down what it sent");
    let expected = [
        r#"{"envelope":["a@x","b@x","c@x"],"sender":"probe@example.org","shown":["a@x","b@x","c@x"],"subject":"Hello"}"#,
        r#"{"envelope":["c@x"],"sender":"probe@example.org","shown":["a@x","b@x","c@x"],"subject":"Hello"}"#,
    ];
    assert_eq!(lines.lines().collect::<Vec<_>>(), expected);
    drop((message, spooler, transport));
    host.finish().assert_clean();
}
