//! The account as MAPI sees it: mail comes in by a real Dovecot, and goes out to a server that takes what it is given.

#[allow(dead_code, reason = "the tests of the other example use the rest")]
#[path = "../../imap/tests/imap/client.rs"]
mod client;
#[allow(dead_code, reason = "the tests of the other example use the rest")]
#[path = "../../imap/tests/imap/dovecot.rs"]
mod dovecot;
#[allow(dead_code, reason = "the tests of the other example use the rest")]
#[path = "../../smtp/tests/smtp/scripted.rs"]
mod scripted;

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use mail_account32::PROVIDER;
use mapi_provider::store::Folder;
use mapi_provider_host::abi::{
    MAPI_E_UNCONFIGURED, MAPI_MAILUSER, MAPI_TO, MSG_SERVICE_CONFIGURE, MSG_SERVICE_CREATE,
    PR_ADDRTYPE_W, PR_BODY_W, PR_DISPLAY_NAME_W, PR_EMAIL_ADDRESS_W, PR_INTERNET_MESSAGE_ID_W,
    PR_MESSAGE_CLASS_W, PR_OBJECT_TYPE, PR_RECIPIENT_TYPE, PR_RESPONSIBILITY, PR_SEARCH_KEY,
    PR_SUBJECT_W, PropTag, S_OK,
};
use mapi_provider_host::{
    Host, OutgoingMessage, Profile, ProgressCallback, Property, ProviderLibrary, Spooler, Status,
    Store, SyncRequest, Value,
};

use crate::client::Client;
use crate::dovecot::{Dovecot, WHOLE};
use crate::scripted::Scripted;

/// No wait is for so long, but for one that has failed.
const SOON: Duration = Duration::from_secs(60);

/// The IDs of provider.toml.
const ADDRESS: u16 = 0x6601;
const USER: u16 = 0x6603;
const PASSWORD: u16 = 0x67F0;
const IMAP_SERVER: u16 = 0x6604;
const IMAP_PORT: u16 = 0x6605;
const IMAP_SECURITY: u16 = 0x6606;
const SERVER_KEEPS_SENT: u16 = 0x6608;
const SMTP_SERVER: u16 = 0x6609;
const SMTP_PORT: u16 = 0x660A;
const SMTP_SECURITY: u16 = 0x660B;
/// `PR_PROFILE_OFFLINE_STORE_PATH`.
const STORE_PATH: u16 = 0x6610;

/// Both servers, and a profile with the account.
struct World {
    host: Host,
    dovecot: Dovecot,
    smtp: Scripted,
    _folder: tempfile::TempDir,
}

/// Where the queues of this program are. Each profile has a file of its own there.
fn queues() {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder").keep();
        // SAFETY: whoever reads it in this program has called this before.
        unsafe { std::env::set_var("LOCALAPPDATA", &folder) };
        folder
    });
}

impl World {
    /// None where there is no Dovecot.
    fn new(server_keeps_sent: bool) -> Option<Self> {
        let dovecot = Dovecot::start(&[WHOLE])?;
        let smtp = Scripted::but(&[]);
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("mail.db");
        queues();
        let library = ProviderLibrary::linked(&PROVIDER);
        let host = Host::new(library, Profile::in_memory()).expect("a host");
        host.service(MSG_SERVICE_CREATE, &[]).expect("CREATE");
        let settings = [
            Property::with_id(ADDRESS, "alice@example.org"),
            Property::with_id(USER, "alice"),
            Property::with_id(PASSWORD, "secret"),
            Property::with_id(IMAP_SERVER, "127.0.0.1"),
            Property::with_id(IMAP_PORT, i32::from(dovecot.port)),
            Property::with_id(IMAP_SECURITY, "none"),
            Property::with_id(SERVER_KEEPS_SENT, server_keeps_sent),
            Property::with_id(SMTP_SERVER, "127.0.0.1"),
            Property::with_id(SMTP_PORT, i32::from(smtp.port)),
            Property::with_id(SMTP_SECURITY, "none"),
            Property::with_id(STORE_PATH, &*file.to_string_lossy()),
        ];
        host.service(MSG_SERVICE_CONFIGURE, &settings)
            .expect("CONFIGURE");
        Some(Self {
            host,
            dovecot,
            smtp,
            _folder: folder,
        })
    }

    fn synchronize(&self, store: &Store) {
        let callback = self.host.callback(ProgressCallback::builder());
        let run = store.synchronize(&SyncRequest::default().callback(&callback));
        assert!(run.wait(SOON), "the run ends");
        assert_eq!(callback.results(), [Status(S_OK)]);
    }
}

/// A message in the Outbox.
fn message(spooler: &Spooler) -> OutgoingMessage {
    let text = |tag: PropTag, text: &str| Property::with_id(tag.id(), text);
    let long = |tag: PropTag, number: u32| Property::with_id(tag.id(), number.cast_signed());
    let properties = [
        text(PR_MESSAGE_CLASS_W, "IPM.Note"),
        text(PR_SUBJECT_W, "ours"),
        text(PR_BODY_W, "How are you?"),
        Property::with_id(PR_SEARCH_KEY.id(), Value::Binary(vec![7; 16])),
    ];
    let recipient = vec![
        long(PR_RECIPIENT_TYPE, MAPI_TO),
        text(PR_DISPLAY_NAME_W, "Bob"),
        text(PR_ADDRTYPE_W, "SMTP"),
        text(PR_EMAIL_ADDRESS_W, "bob@example.org"),
        long(PR_OBJECT_TYPE, MAPI_MAILUSER),
        Property::with_id(PR_RESPONSIBILITY.id(), Value::Boolean(false)),
    ];
    spooler.message(&properties, &[recipient])
}

fn subjects(folder: &Folder<'_>) -> Vec<String> {
    let rows = folder.messages().columns(&[PR_SUBJECT_W]).rows();
    let rows = rows
        .expect("rows")
        .map(|row| row.expect("a row").text(PR_SUBJECT_W));
    let mut subjects: Vec<String> = rows.map(Option::unwrap_or_default).collect();
    subjects.sort();
    subjects
}

/// One life: mail comes in, an answer goes out, and its copy is in each Sent once.
fn live(server_keeps_sent: bool) {
    let Some(world) = World::new(server_keeps_sent) else {
        return;
    };
    let mut theirs = Client::new(world.dovecot.port);
    theirs.put("INBOX", b"Subject: theirs\r\n\r\nText\r\n", "");
    let provider = world.host.init().expect("MSProviderInit");
    let store = provider.logon().expect("Logon");
    let transport = world.host.init_transport().expect("XPProviderInit");
    let spooler = transport.logon().expect("TransportLogon");
    world.synchronize(&store);
    let client = store.client();
    let inbox = client.receive_folder("").expect("the Inbox");
    assert_eq!(subjects(&inbox), ["theirs"]);

    let outgoing = message(&spooler);
    assert_eq!(spooler.submit(&outgoing).status, S_OK);
    let sent = world.smtp.heard().messages;
    let [octets] = sent.as_slice() else {
        panic!("one message: {sent:?}");
    };
    let id = match outgoing.property(PR_INTERNET_MESSAGE_ID_W) {
        Some(Value::Unicode(id)) => id,
        other => panic!("it is known which message it is: {other:?}"),
    };
    assert!(String::from_utf8_lossy(octets).contains(&id), "{id}");

    // Outlook keeps its copy, and so may the server.
    let sent_items = client.sent_items().expect("Sent Items");
    let copy = sent_items.create_message().expect("a message");
    copy.set_subject("ours").expect("set");
    copy.set(PR_INTERNET_MESSAGE_ID_W, &*id).expect("set");
    copy.save().expect("saved");
    drop(copy);
    if server_keeps_sent {
        theirs.put("Sent", octets, "\\Seen");
    }
    for _ in 0..3 {
        world.synchronize(&store);
        assert_eq!(subjects(&sent_items), ["ours"]);
        assert_eq!(
            Client::new(world.dovecot.port).find("Sent", "ours").len(),
            1
        );
    }
    drop((inbox, sent_items, client));
    drop((outgoing, spooler, transport, store, provider));
    world.host.finish().assert_clean();
}

#[test]
fn what_was_sent_is_in_each_sent_folder_once() {
    live(false);
}

#[test]
fn what_the_server_keeps_by_itself_is_not_given_to_it_again() {
    live(true);
}

#[test]
fn a_server_that_is_not_named_leaves_the_account_unconfigured() {
    let library = ProviderLibrary::linked(&PROVIDER);
    let host = Host::new(library, Profile::in_memory()).expect("a host");
    host.service(MSG_SERVICE_CREATE, &[]).expect("CREATE");
    let settings = [
        Property::with_id(ADDRESS, "alice@example.org"),
        Property::with_id(USER, "alice"),
        Property::with_id(PASSWORD, "secret"),
        Property::with_id(IMAP_SERVER, "127.0.0.1"),
    ];
    let failure = host.service(MSG_SERVICE_CONFIGURE, &settings);
    let failure = failure.expect_err("no SMTP server");
    assert_eq!(failure.status, Status(MAPI_E_UNCONFIGURED));
    assert!(
        failure
            .text
            .is_some_and(|text| text.contains("smtp_server"))
    );
    host.finish().assert_clean();
}
