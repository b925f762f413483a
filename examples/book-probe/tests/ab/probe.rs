//! The probe itself: what the environment says is what it does. One test, because a process has one environment.

use std::{env, fs};

use mapi_provider::abi::{
    E_UNEXPECTED, MAPI_E_NETWORK_ERROR, PR_BUSINESS_TELEPHONE_NUMBER_W, PR_DISPLAY_NAME_W,
};
use mapi_provider_host::{Host, Profile, ProviderLibrary, Resolved, Status, Value};

use crate::rig::text;

fn set(name: &str, value: &str) {
    // SAFETY: no other test of this program reads these variables.
    unsafe { env::set_var(name, value) };
}

const FILE: &str = r#"{
    "containers": [{"key": "all", "name": "Everybody"}, {"key": "w", "name": "West", "parent": "all"}],
    "entries": [
        {"key": "1", "name": "Ann Lee", "address": "ann@example.org", "alias": "al", "kind": "user", "container": "all",
         "phone": "12"},
        {"key": "2", "name": "Team", "kind": "list", "container": "w", "members": ["1"]}
    ]
}"#;

#[test]
fn the_probe_does_what_the_environment_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("book.json");
    fs::write(&file, FILE).expect("a file");
    set("AB_TEST_FILE", file.to_str().expect("a path of ASCII"));
    let library = ProviderLibrary::linked(&book_probe32::PROVIDER);
    let host = Host::new(library, Profile::in_memory()).expect("a host");
    let provider = host.init_address_book().expect("ABProviderInit");
    let book = provider.logon().expect("Logon");
    let containers = book.containers().expect("a list");
    let shown: Vec<_> = containers
        .iter()
        .map(|one| (one.depth, one.name.as_str()))
        .collect();
    assert_eq!(shown, [(0, "Everybody"), (1, "West")]);
    let answers = book.resolve(&["al", "team"]).expect("a list");
    let Resolved::One(ann) = &answers[0] else {
        panic!("{answers:?}");
    };
    assert_eq!(text(ann, PR_DISPLAY_NAME_W), "Ann Lee");
    let everybody = book.open(&containers[0].entry_id).expect("OpenEntry");
    let ann = everybody.entries().expect("entries").remove(0).entry_id;
    let phone = book
        .open(&ann)
        .expect("OpenEntry")
        .property(PR_BUSINESS_TELEPHONE_NUMBER_W);
    assert_eq!(phone, Some(Value::from("12")));
    let team = book
        .open(&containers[1].entry_id)
        .expect("OpenEntry")
        .entries();
    let team = book
        .open(&team.expect("entries")[0].entry_id)
        .expect("OpenEntry");
    assert_eq!(team.entries().expect("members")[0].name, "Ann Lee");
    // Read at each call, and nothing is kept.
    fs::write(&file, FILE.replace("Ann Lee", "Ann Smith")).expect("a file");
    assert_eq!(everybody.entries().expect("entries")[0].name, "Ann Smith");
    let failed = || book.open(&ann).err().map(|failure| failure.status);
    set("AB_TEST_PANIC", "get");
    assert_eq!(failed(), Some(Status(E_UNEXPECTED)));
    set("AB_TEST_PANIC", "members");
    assert_eq!(failed(), None);
    let members = team.contents().and_then(|table| table.count());
    assert_eq!(
        members.err().map(|failure| failure.status),
        Some(Status(E_UNEXPECTED))
    );
    set("AB_TEST_PANIC", "");
    set("AB_TEST_ERROR", "1");
    assert_eq!(failed(), Some(Status(MAPI_E_NETWORK_ERROR)));
    set("AB_TEST_ERROR", "");
    set("AB_TEST_SLEEP_MS", "60000");
    assert_eq!(failed(), Some(Status(MAPI_E_NETWORK_ERROR)));
    set("AB_TEST_SLEEP_MS", "1");
    assert_eq!(failed(), None);
    drop((everybody, team));
    drop(book);
    provider.shutdown().expect("Shutdown");
    drop(provider);
    // The sleeper still has the library: what it holds is not counted here.
    host.abandon();
}
