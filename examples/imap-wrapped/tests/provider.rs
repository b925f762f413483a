//! The provider as MAPI sees it, around the simulated PST provider.

#[allow(dead_code, reason = "the tests of the other example use the rest")]
#[path = "../../imap/tests/imap/client.rs"]
mod client;
#[allow(dead_code, reason = "the tests of the other example use the rest")]
#[path = "../../imap/tests/imap/dovecot.rs"]
mod dovecot;

use std::time::Duration;

use imap_wrapped32::PROVIDER;
use mapi_provider_host::abi::{
    HRESULT, MAPI_E_LOGON_FAILED, MSG_SERVICE_CONFIGURE, MSG_SERVICE_CREATE, PR_SUBJECT_W, S_OK,
};
use mapi_provider_host::{
    Host, Profile, ProgressCallback, Property, ProviderLibrary, Store, SyncRequest,
};

use crate::client::Client;
use crate::dovecot::{BARE, Dovecot, WHOLE};

/// No wait is for so long, but for one that has failed.
const SOON: Duration = Duration::from_secs(60);

/// The IDs of provider.toml.
const SERVER: u16 = 0x6601;
const PORT: u16 = 0x6602;
const SECURITY: u16 = 0x6603;
const USER: u16 = 0x6604;
const PASSWORD: u16 = 0x67f0;
/// `PR_PROFILE_OFFLINE_STORE_PATH`.
const STORE_PATH: u16 = 0x6610;

fn synchronize(host: &Host, store: &Store) -> HRESULT {
    let callback = host.callback(ProgressCallback::builder());
    let run = store.synchronize(&SyncRequest::default().callback(&callback));
    assert!(run.wait(SOON), "the run ends");
    callback.results()[0].0
}

fn subjects(store: &Store) -> Vec<String> {
    let inbox = store.client().receive_folder("").expect("the Inbox");
    let rows = inbox.messages().columns(&[PR_SUBJECT_W]).rows();
    let rows = rows
        .expect("rows")
        .map(|row| row.expect("a row").text(PR_SUBJECT_W));
    let mut subjects: Vec<String> = rows.map(Option::unwrap_or_default).collect();
    subjects.sort();
    subjects
}

#[test]
fn a_profile_has_an_account_from_its_first_logon_to_a_changed_password() {
    for kind in [WHOLE, BARE] {
        let Some(dovecot) = Dovecot::start(&[kind]) else {
            return;
        };
        Client::new(dovecot.port).put("INBOX", b"Subject: theirs\r\n\r\nText\r\n", "");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder
            .path()
            .join("mail.nst")
            .to_string_lossy()
            .into_owned();
        let library = ProviderLibrary::linked(&PROVIDER);
        let host = Host::new(library, Profile::in_memory()).expect("a host");
        host.service(MSG_SERVICE_CREATE, &[]).expect("CREATE");
        let configure = |password: &str| {
            let settings = [
                Property::with_id(SERVER, "127.0.0.1"),
                Property::with_id(PORT, i32::from(dovecot.port)),
                Property::with_id(SECURITY, "none"),
                Property::with_id(USER, "alice"),
                Property::with_id(PASSWORD, password),
                Property::with_id(STORE_PATH, path.as_str()),
            ];
            host.service(MSG_SERVICE_CONFIGURE, &settings)
                .expect("CONFIGURE");
        };
        configure("secret");
        {
            let provider = host.init().expect("MSProviderInit");
            let store = provider.logon().expect("Logon");
            assert_eq!(synchronize(&host, &store), S_OK);
            assert_eq!(subjects(&store), ["theirs"]);
            let inbox = store.client().receive_folder("").expect("the Inbox");
            let message = inbox.create_message().expect("a message");
            message.set_subject("ours").expect("set");
            message.save().expect("saved");
            drop((message, inbox));
            assert_eq!(synchronize(&host, &store), S_OK);
            let mut client = Client::new(dovecot.port);
            assert_eq!(client.find("INBOX", "ours").len(), 1);
            client.remove("INBOX", "theirs");
            assert_eq!(synchronize(&host, &store), S_OK);
            assert_eq!(subjects(&store), ["ours"]);
        }
        configure("wrong");
        let provider = host.init().expect("MSProviderInit");
        let store = provider.logon().expect("Logon");
        assert_eq!(synchronize(&host, &store), MAPI_E_LOGON_FAILED);
        assert_eq!(subjects(&store), ["ours"], "what is here can be read");
        drop((store, provider));
        host.finish().assert_clean();
    }
}
