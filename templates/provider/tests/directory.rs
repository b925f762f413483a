//! What happens when Outlook looks for somebody. The host plays it, on any system, and notices memory that nobody frees,
//! objects that nobody releases, and broken MAPI rules.

use std::fs;
use std::path::Path;

use mapi_provider_host::abi::{
    MAPI_E_NETWORK_ERROR, MAPI_E_UNCONFIGURED, MSG_SERVICE_CONFIGURE, MSG_SERVICE_CREATE,
    PR_EMAIL_ADDRESS_W,
};
use mapi_provider_host::{
    AddressBook, AddressBookProvider, Host, Profile, Property, ProviderLibrary, Resolved,
};
use tempfile::TempDir;

use {{id}}32::PROVIDER;

/// Outlook with a profile, and a server with three people.
struct World {
    book: AddressBook,
    provider: AddressBookProvider,
    host: Host,
    server: TempDir,
}

fn host(server: &Path) -> Host {
    let host = Host::new(ProviderLibrary::linked(&PROVIDER), Profile::in_memory()).expect("a host");
    host.service(MSG_SERVICE_CREATE, &[])
        .expect("the provider can be added");
    // By the tag that it has in provider.toml.
    let settings = [Property::with_id(0x6601, server.to_str().expect("UTF-8"))];
    host.service(MSG_SERVICE_CONFIGURE, &settings)
        .expect("the settings are kept");
    host
}

impl World {
    fn new() -> Self {
        let server = tempfile::tempdir().expect("a folder");
        let people =
            "ann@example.org Ann Lee\nbob@example.org Bob Miller\nsmith@example.org Ann Smith\n";
        let file = server.path().join("people.txt");
        fs::write(&file, people).expect("writable");
        let host = host(&file);
        let provider = host.init_address_book().expect("the provider starts");
        let book = provider.logon().expect("a logon");
        Self {
            book,
            provider,
            host,
            server,
        }
    }

    /// What Ctrl+K makes of a name.
    fn resolve(&self, name: &str) -> Resolved {
        self.book.resolve(&[name]).expect("a list").remove(0)
    }

    /// Ends Outlook: nothing may be left behind.
    fn end(self) {
        drop(self.book);
        self.provider.shutdown().expect("the provider ends");
        drop(self.provider);
        self.host.finish().assert_clean();
    }
}

#[test]
fn a_name_becomes_an_address() {
    let world = World::new();
    let address = Property::with_id(PR_EMAIL_ADDRESS_W.id(), "bob@example.org");
    for typed in ["bob", "Miller", "bob@example.org", "mil bo"] {
        match world.resolve(typed) {
            Resolved::One(row) => assert!(row.contains(&address), "{typed}: {row:?}"),
            other => panic!("{typed}: {other:?}"),
        }
    }
    world.end();
}

#[test]
fn several_are_shown_and_nobody_is_nobody() {
    let world = World::new();
    match world.resolve("ann") {
        Resolved::Several(several) => assert_eq!(several.len(), 2),
        other => panic!("{other:?}"),
    }
    assert_eq!(world.resolve("zoe"), Resolved::Nobody);
    world.end();
}

#[test]
fn everybody_is_on_the_list() {
    let world = World::new();
    let containers = world.book.containers().expect("a list");
    let all = world.book.open(&containers[0].entry_id).expect("it opens");
    let names: Vec<String> = all
        .entries()
        .expect("a list")
        .into_iter()
        .map(|entry| entry.name)
        .collect();
    assert_eq!(names, ["Ann Lee", "Ann Smith", "Bob Miller"]);
    drop(all);
    world.end();
}

#[test]
fn while_the_server_is_gone_nobody_is_said_to_be_gone() {
    let world = World::new();
    fs::remove_file(world.server.path().join("people.txt")).expect("ours");
    assert_eq!(world.resolve("bob"), Resolved::Nobody);
    let containers = world.book.containers().expect("a list");
    let all = world.book.open(&containers[0].entry_id).expect("it opens");
    let failure = all.entries().expect_err("there is no server");
    assert_eq!(failure.status.0, MAPI_E_NETWORK_ERROR);
    drop(all);
    world.end();
}

#[test]
fn settings_that_make_no_sense_are_refused_at_logon() {
    let host = host(Path::new("people.txt"));
    let provider = host.init_address_book().expect("the provider starts");
    let failure = provider.logon().err().expect("no logon");
    assert_eq!(failure.status.0, MAPI_E_UNCONFIGURED);
    drop(provider);
    host.finish().assert_clean();
}
