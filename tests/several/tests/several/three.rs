//! A whole account in one DLL: a store, a transport and an address book; and one without a store.

use mapi_provider::abi::{MAPI_E_UNCONFIGURED, PR_DISPLAY_NAME_W, S_OK};
use mapi_provider::address_book::{AddressBook, Entry, Found, LookupError, Query};
use mapi_provider::transport::{Delivery, Identity, Link, Mail, MailTransport, SendError};
use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob};
use mapi_provider_host::{Host, Property, Resolved, SectionUid, Status, Value};

use crate::rig::{SERVER, configure, created, message, run};

/// A mailbox, a transport and an address book.
mod whole {
    mapi_provider::provider!("tests/several/three.toml", exports = cfg(any()));
}

#[derive(MapiSync)]
pub(crate) struct Keeps;

impl BackgroundSync for Keeps {
    type Settings = whole::Settings;

    fn open(_settings: whole::Settings) -> Result<Self, LogonError> {
        Ok(Self)
    }

    fn synchronize(&self, _job: &SyncJob) -> Result<(), SyncError> {
        Ok(())
    }
}

/// Accepts everything.
pub(crate) struct Sends;

impl MailTransport for Sends {
    type Settings = whole::Settings;

    fn open(_settings: whole::Settings, _link: &Link) -> Result<Self, LogonError> {
        Ok(Self)
    }

    fn identity(&self) -> Identity {
        Identity::smtp("Ann", "ann@example.org")
    }

    fn send(&self, _mail: &Mail, _delivery: &Delivery<'_>) -> Result<(), SendError> {
        Ok(())
    }
}

/// Knows one person, who lives on the server of the settings.
pub(crate) struct Finds(String);

impl Finds {
    fn ann(&self) -> Entry {
        Entry::user("ann", "Ann Lee").smtp(format!("ann@{}", self.0))
    }
}

impl AddressBook for Finds {
    type Settings = whole::Settings;

    fn open(settings: whole::Settings) -> Result<Self, LogonError> {
        Ok(Self(settings.server))
    }

    fn search(&self, _query: &Query<'_>, found: &mut Found<'_>) -> Result<(), LookupError> {
        found.push(self.ann())
    }

    fn get(&self, key: &str) -> Result<Option<Entry>, LookupError> {
        Ok((key == "ann").then(|| self.ann()))
    }
}

/// A transport and an address book.
pub(crate) mod two {
    use super::*;

    mapi_provider::provider!("tests/several/two.toml", exports = cfg(any()));

    pub(crate) struct Sends;

    impl MailTransport for Sends {
        type Settings = Settings;

        fn open(_settings: Settings, _link: &Link) -> Result<Self, LogonError> {
            Ok(Self)
        }

        fn identity(&self) -> Identity {
            Identity::smtp("Ann", "ann@example.org")
        }

        fn send(&self, _mail: &Mail, _delivery: &Delivery<'_>) -> Result<(), SendError> {
            Ok(())
        }
    }

    pub(crate) struct Finds(super::Finds);

    impl AddressBook for Finds {
        type Settings = Settings;

        fn open(settings: Settings) -> Result<Self, LogonError> {
            Ok(Self(super::Finds(settings.server)))
        }

        fn search(&self, query: &Query<'_>, found: &mut Found<'_>) -> Result<(), LookupError> {
            self.0.search(query, found)
        }

        fn get(&self, key: &str) -> Result<Option<Entry>, LookupError> {
            self.0.get(key)
        }
    }
}

/// What a name resolves to.
fn resolved(host: &Host, name: &str) -> Vec<Property> {
    let provider = host.init_address_book().expect("ABProviderInit");
    let book = provider.logon().expect("Logon");
    let resolved = book.resolve(&[name]).expect("a list").remove(0);
    drop(book);
    drop(provider);
    match resolved {
        Resolved::One(row) => row,
        other => panic!("{other:?}"),
    }
}

#[test]
fn entry_15_a_store_a_transport_and_an_address_book_share_their_settings() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("store.db");
    let host = created(&whole::PROVIDER);
    let book = host.init_address_book().expect("ABProviderInit");
    let refused = book.logon().map(drop).expect_err("no server");
    assert_eq!(refused.status, Status(MAPI_E_UNCONFIGURED));
    drop(book);
    configure(&host, "example.org", file.to_str().expect("Unicode"));
    let sections = [
        SectionUid::SERVICE,
        SectionUid::PROVIDER,
        SectionUid::TRANSPORT,
        SectionUid::ADDRESS_BOOK,
    ];
    let has = sections.map(|section| host.profile().get(section, SERVER).is_some());
    assert_eq!(has, [true, false, false, false]);

    let provider = host.init().expect("MSProviderInit");
    let store = provider.logon().expect("Logon");
    let transport = host.init_transport().expect("XPProviderInit");
    let spooler = transport.logon().expect("TransportLogon");
    let ann = resolved(&host, "ann");
    assert!(ann.contains(&Property::new(PR_DISPLAY_NAME_W, "Ann Lee")));
    let address = Value::from("ann@example.org");
    assert!(ann.iter().any(|property| property.value == address));
    let sent = message(&spooler);
    assert_eq!(run(&host, &store), Status(S_OK));
    assert_eq!(spooler.submit(&sent).status, S_OK);
    // What is the address book's alone, the UID of its containers, is in its own section.
    let uid = sections.map(|section| host.profile().get(section, 0x67E5).is_some());
    assert_eq!(uid, [false, false, false, true]);
    drop((sent, spooler, transport, store, provider));
    host.finish().assert_clean();
}

#[test]
fn entry_15_a_transport_and_an_address_book_need_no_store() {
    let host = created(&two::PROVIDER);
    let server = Property::with_id(SERVER, "example.org");
    host.service(mapi_provider::abi::MSG_SERVICE_CONFIGURE, &[server])
        .expect("CONFIGURE");
    assert!(host.profile().get(SectionUid::SERVICE, SERVER).is_some());
    let transport = host.init_transport().expect("XPProviderInit");
    let spooler = transport.logon().expect("TransportLogon");
    let ann = resolved(&host, "lee");
    assert!(ann.contains(&Property::new(PR_DISPLAY_NAME_W, "Ann Lee")));
    drop((spooler, transport));
    host.finish().assert_clean();
}
