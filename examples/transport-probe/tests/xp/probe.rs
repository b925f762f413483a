//! The probe itself: what the environment says is what it does. One test, because a process has one environment.

use std::{env, fs};

use mapi_provider::abi::{PR_MESSAGE_CLASS_W, PR_SUBJECT_W, S_OK};
use mapi_provider_host::{Host, Profile, ProviderLibrary, Value};

use crate::rig::{Rig, folder, responsible};

fn set(name: &str, value: &str) {
    // SAFETY: no other test of this program reads these variables.
    unsafe { env::set_var(name, value) };
}

#[test]
fn the_probe_does_what_the_environment_says() {
    let (sent, inbox) = (folder().join("sent"), folder().join("inbox"));
    fs::create_dir(&inbox).expect("a folder");
    fs::write(inbox.join("1.eml"), "").expect("a file");
    fs::write(inbox.join("2.eml"), b"\xFF\x00garbage").expect("a file");
    fs::write(inbox.join("3.eml"), "Subject: Three\r\n\r\nHello\r\n").expect("a file");
    set("XP_TEST_SENT", sent.to_str().expect("a path of ASCII"));
    set("XP_TEST_REFUSE", "b@x");
    set("XP_TEST_LATER", "C@X");
    set("XP_TEST_INBOX", inbox.to_str().expect("a path of ASCII"));
    let library = ProviderLibrary::linked(&transport_probe32::PROVIDER);
    let host = Host::new(library, Profile::default()).expect("a host");
    let transport = host.init_transport().expect("XPProviderInit");
    let spooler = transport.logon().expect("TransportLogon");
    let rig = Rig {
        spooler,
        transport,
        host,
    };
    let message = rig.message(&["a@x", "b@x", "c@x"]);
    assert_eq!(rig.spooler.submit(&message).status, S_OK);
    assert_eq!(responsible(&message), [true, true, true]);
    assert_eq!(rig.spooler.record().reports[0].len(), 1);
    drop(message);
    set("XP_TEST_LATER", "");
    rig.flush();
    let lines = fs::read_to_string(&sent).expect("it wrote down what it sent");
    let last = r#"{"envelope":["c@x"],"sender":"probe@example.org","shown":["a@x","b@x","c@x"],"subject":"Hello"}"#;
    assert_eq!(lines.lines().last(), Some(last));
    // Everything comes in but the empty file.
    let mut subjects = Vec::new();
    while subjects.len() < 2 {
        for message in rig.spooler.receive().expect("Poll") {
            assert!(message.property(PR_MESSAGE_CLASS_W).is_some());
            subjects.push(message.property(PR_SUBJECT_W));
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    let three = Value::Unicode("Three".to_owned());
    assert_eq!(subjects[1], Some(three));
    rig.finish();
    let left = fs::read_dir(&inbox).expect("a folder");
    let left = left.map(|entry| entry.expect("readable").file_name());
    assert_eq!(left.collect::<Vec<_>>(), ["1.failed"]);
}
