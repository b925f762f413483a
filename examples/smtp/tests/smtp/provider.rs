//! The provider as MAPI's spooler sees it.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use mapi_provider::mime::{Attachment, Content, Line, Mail, Recipient, Who};
use mapi_provider_host::abi::{
    FlushQueuesFlags, MAPI_BCC, MAPI_CC, MAPI_E_CALL_FAILED, MAPI_E_UNCONFIGURED,
    MAPI_E_USER_CANCEL, MAPI_MAILUSER, MAPI_TO, MSG_SERVICE_CONFIGURE, MSG_SERVICE_CREATE,
    PR_ADDRTYPE_W, PR_BODY_W, PR_DISPLAY_NAME_W, PR_EMAIL_ADDRESS_W, PR_MESSAGE_CLASS_W,
    PR_OBJECT_TYPE, PR_RECIPIENT_TYPE, PR_REPORT_TEXT_W, PR_RESPONSIBILITY, PR_SEARCH_KEY,
    PR_SUBJECT_W, PropTag, S_OK, SpoolerNotifyFlags,
};
use mapi_provider_host::{
    Host, OutgoingMessage, Profile, Property, ProviderLibrary, Spooler, Transport, Value,
};
use smtp32::PROVIDER;

use crate::rig::PASSWORD;
use crate::scripted::{Act, Scripted, ordinary};

/// The IDs of provider.toml.
const ADDRESS: u16 = 0x6601;
const NAME: u16 = 0x6602;
const USER: u16 = 0x6603;
const PASSWORD_TAG: u16 = 0x67f0;
const SERVER: u16 = 0x6604;
const PORT: u16 = 0x6605;
const SECURITY: u16 = 0x6606;

struct Rig {
    spooler: Spooler,
    transport: Transport,
    host: Host,
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

fn host(server: &str, port: u16) -> Host {
    queues();
    let host = Host::new(ProviderLibrary::linked(&PROVIDER), Profile::in_memory()).expect("a host");
    host.service(MSG_SERVICE_CREATE, &[]).expect("CREATE");
    let settings = [
        Property::with_id(ADDRESS, "ann@example.org"),
        Property::with_id(NAME, "Ann"),
        Property::with_id(USER, "alice"),
        Property::with_id(PASSWORD_TAG, PASSWORD),
        Property::with_id(SERVER, server),
        Property::with_id(PORT, i32::from(port)),
        Property::with_id(SECURITY, "none"),
    ];
    host.service(MSG_SERVICE_CONFIGURE, &settings)
        .expect("CONFIGURE");
    host
}

impl Rig {
    fn new(server: &Scripted) -> Self {
        let host = host("127.0.0.1", server.port);
        let transport = host.init_transport().expect("XPProviderInit");
        let spooler = transport.logon().expect("TransportLogon");
        Self {
            spooler,
            transport,
            host,
        }
    }

    fn message(&self, to: &[Vec<Property>]) -> OutgoingMessage {
        let properties = [
            text(PR_MESSAGE_CLASS_W, "IPM.Note"),
            text(PR_SUBJECT_W, "Hello\r\nBcc: evil@example.org"),
            text(PR_BODY_W, "How are you?\r\n.\r\nBye"),
            Property {
                id: PR_SEARCH_KEY.id(),
                value: Value::Binary(vec![7; 16]),
            },
        ];
        self.spooler.message(&properties, to)
    }

    fn finish(self) {
        drop(self.spooler);
        drop(self.transport);
        self.host.finish().assert_clean();
    }
}

fn text(tag: PropTag, text: &str) -> Property {
    Property::with_id(tag.id(), text)
}

fn recipient(kind: u32, name: &str, address: &str) -> Vec<Property> {
    vec![
        Property::with_id(PR_RECIPIENT_TYPE.id(), kind as i32),
        text(PR_DISPLAY_NAME_W, name),
        text(PR_ADDRTYPE_W, "SMTP"),
        text(PR_EMAIL_ADDRESS_W, address),
        Property::with_id(PR_OBJECT_TYPE.id(), MAPI_MAILUSER as i32),
        Property::with_id(PR_RESPONSIBILITY.id(), false),
    ]
}

fn value(row: &[Property], tag: PropTag) -> Option<Value> {
    let found = row.iter().find(|one| one.id == tag.id());
    found.map(|one| one.value.clone())
}

/// The addresses for which somebody is responsible now.
fn settled(message: &OutgoingMessage) -> Vec<Value> {
    let rows = message.recipients();
    let settled = rows
        .iter()
        .filter(|row| value(row, PR_RESPONSIBILITY) == Some(Value::Boolean(true)));
    settled
        .filter_map(|row| value(row, PR_EMAIL_ADDRESS_W))
        .collect()
}

fn addresses(addresses: &[&str]) -> Vec<Value> {
    let all = addresses.iter();
    all.map(|address| Value::Unicode((*address).to_owned()))
        .collect()
}

#[test]
fn a_message_from_the_outbox_goes_out_and_who_is_refused_is_reported() {
    let server = Scripted::but(&[("RCPT TO:<b@", "550 5.1.1 no such user")]);
    let rig = Rig::new(&server);
    let message = rig.message(&[
        recipient(MAPI_TO, "A\r\nBcc: evil@example.org", "a@example.org"),
        recipient(MAPI_CC, "B", "b@example.org"),
        recipient(MAPI_BCC, "C", "c@example.org"),
        recipient(MAPI_TO, "D", "d@example.org\r\nDATA"),
        recipient(MAPI_TO, "E", "\"e e\"@example.org"),
    ]);
    assert_eq!(rig.spooler.submit(&message).status, S_OK);
    let all = [
        "a@example.org",
        "b@example.org",
        "c@example.org",
        "d@example.org\r\nDATA",
        "\"e e\"@example.org",
    ];
    assert_eq!(settled(&message), addresses(&all));
    let reports = rig.spooler.record().reports;
    let [list] = reports.as_slice() else {
        panic!("one call: {reports:?}");
    };
    let about: Vec<Value> = list
        .iter()
        .filter_map(|report| value(report, PR_EMAIL_ADDRESS_W))
        .collect();
    assert_eq!(about, addresses(&[all[1], all[3], all[4]]));
    let text = Value::Unicode("550 5.1.1 no such user".to_owned());
    assert_eq!(value(&list[0], PR_REPORT_TEXT_W), Some(text));

    assert_eq!(server.commands("RCPT").len(), 3);
    let heard = server.heard().messages;
    let octets = String::from_utf8(heard[0].clone()).expect("ASCII");
    let (header, body) = octets.split_once("\r\n\r\n").expect("a header");
    let header = header.to_ascii_lowercase();
    assert!(header.contains("\r\nto: "), "{header}");
    for line in header.lines() {
        assert!(!line.starts_with("bcc"), "{header}");
    }
    assert!(!header.contains("c@example.org"), "{header}");
    assert!(body.contains("\r\n.\r\nBye"), "{body}");
    drop(message);
    rig.finish();
}

#[test]
fn mail_with_attachments_goes_out_whole() {
    let server = Scripted::but(&[]);
    let rig = Rig::new(&server);
    let inner = Mail {
        subject: "Within".to_owned(),
        text: Some("Inner text".to_owned()),
        ..Mail::default()
    };
    let mail = Mail {
        subject: "Hello".to_owned(),
        text: Some("Text".to_owned()),
        html: Some("<p>Text</p>".to_owned()),
        recipients: vec![Recipient {
            line: Line::To,
            who: Who::new("A".to_owned(), "a@example.org".to_owned()),
        }],
        attachments: vec![
            Attachment::file("a.bin", "application/x-a", vec![0, 13, 10, 46, 255]),
            Attachment::mail(inner).expect("not too deep"),
        ],
        ..Mail::default()
    };
    let message = rig.spooler.outbox(&mail).expect("not too large");
    assert_eq!(rig.spooler.submit(&message).status, S_OK);
    let octets = server.heard().messages.remove(0);
    let sent = Mail::parse(&octets).expect("mail").into_mail();
    assert_eq!(sent.html, mail.html);
    assert_eq!(sent.attachments[0].content, mail.attachments[0].content);
    let Content::Mail(inner) = &sent.attachments[1].content else {
        panic!("a message: {:?}", sent.attachments[1]);
    };
    assert_eq!(inner.subject, "Within");
    let from = sent.from.map(|from| (from.name, from.address));
    assert_eq!(from, Some(("Ann".to_owned(), "ann@example.org".to_owned())));
    drop(message);
    rig.finish();
}

#[test]
fn a_wrong_password_is_told_once_and_tried_once() {
    let server = Scripted::but(&[("AUTH", "535 no")]);
    let rig = Rig::new(&server);
    for _ in 0..2 {
        let message = rig.message(&[recipient(MAPI_TO, "A", "a@example.org")]);
        assert_eq!(rig.spooler.submit(&message).status, MAPI_E_CALL_FAILED);
        assert_eq!(settled(&message), []);
    }
    assert_eq!(server.commands("AUTH").len(), 1);
    let told = rig.spooler.record().spooler_notifications;
    assert_eq!(told, [SpoolerNotifyFlags::NOTIFY_CRITICAL_ERROR]);
    rig.finish();
}

#[test]
fn what_a_lost_connection_leaves_goes_out_from_the_queue() {
    let is_lost = AtomicBool::new(false);
    let server = Scripted::new(move |command| match command {
        "." if !is_lost.swap(true, Ordering::SeqCst) => Act::Close,
        _ => ordinary(command),
    });
    let rig = Rig::new(&server);
    let message = rig.message(&[recipient(MAPI_TO, "A", "a@example.org")]);
    let sent = rig.spooler.submit(&message);
    assert_eq!((sent.status, sent.seconds), (S_OK, 0));
    assert_eq!(settled(&message), addresses(&["a@example.org"]));
    drop(message);
    let upload = FlushQueuesFlags::FLUSH_UPLOAD;
    // SAFETY: a call without pointers but NULL.
    let flushed = unsafe {
        let logon = rig.spooler.interface();
        logon.FlushQueues(0, 0, std::ptr::null_mut(), upload)
    };
    assert_eq!(flushed, S_OK);
    let all = || server.commands("MAIL").len();
    while all() < 2 || server.heard().messages.is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    rig.finish();
}

#[test]
fn a_message_that_hangs_can_be_cancelled() {
    let hangs = Arc::new(AtomicBool::new(false));
    let reached = hangs.clone();
    let server = Scripted::new(move |command| match command.starts_with("RCPT") {
        true => {
            reached.store(true, Ordering::SeqCst);
            Act::Hang
        }
        false => ordinary(command),
    });
    let rig = Rig::new(&server);
    rig.spooler.on_yield(move || hangs.load(Ordering::SeqCst));
    let message = rig.message(&[recipient(MAPI_TO, "A", "a@example.org")]);
    assert_eq!(rig.spooler.submit(&message).status, MAPI_E_USER_CANCEL);
    assert_eq!(settled(&message), []);
    drop(message);
    rig.finish();
}

#[test]
fn without_tls_there_is_no_logon_for_another_computer() {
    let host = host("mail.example.org", 25);
    let transport = host.init_transport().expect("XPProviderInit");
    let failure = transport.logon().err().expect("it fails");
    assert_eq!(failure.status.0, MAPI_E_UNCONFIGURED);
    assert!(failure.to_string().contains("without TLS"), "{failure}");
    drop(transport);
    host.finish().assert_clean();
}
