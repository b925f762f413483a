//! Mail that comes in.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use mapi_provider::abi::{
    FlushQueuesFlags, MAPI_CC, MAPI_E_CALL_FAILED, MAPI_E_USER_CANCEL, MAPI_TO, MessageFlags,
    PR_ADDRTYPE_W, PR_ATTACH_LONG_FILENAME_W, PR_BODY_W, PR_CLIENT_SUBMIT_TIME, PR_DISPLAY_NAME_W,
    PR_DISPLAY_TYPE, PR_EMAIL_ADDRESS_W, PR_ENTRYID, PR_INTERNET_MESSAGE_ID_W, PR_MESSAGE_CC_ME,
    PR_MESSAGE_CLASS_W, PR_MESSAGE_DELIVERY_TIME, PR_MESSAGE_FLAGS, PR_MESSAGE_RECIP_ME,
    PR_MESSAGE_SIZE, PR_MESSAGE_TO_ME, PR_OBJECT_TYPE, PR_RCVD_REPRESENTING_ADDRTYPE_W,
    PR_RCVD_REPRESENTING_EMAIL_ADDRESS_W, PR_RCVD_REPRESENTING_ENTRYID,
    PR_RCVD_REPRESENTING_NAME_W, PR_RCVD_REPRESENTING_SEARCH_KEY, PR_RECEIVED_BY_ADDRTYPE_W,
    PR_RECEIVED_BY_EMAIL_ADDRESS_W, PR_RECEIVED_BY_ENTRYID, PR_RECEIVED_BY_NAME_W,
    PR_RECEIVED_BY_SEARCH_KEY, PR_RECIPIENT_TYPE, PR_SEARCH_KEY, PR_SENDER_ADDRTYPE_W,
    PR_SENDER_EMAIL_ADDRESS_W, PR_SENDER_ENTRYID, PR_SENDER_NAME_W, PR_SENDER_SEARCH_KEY,
    PR_SENSITIVITY, PR_SENT_REPRESENTING_ADDRTYPE_W, PR_SENT_REPRESENTING_EMAIL_ADDRESS_W,
    PR_SENT_REPRESENTING_ENTRYID, PR_SENT_REPRESENTING_NAME_W, PR_SENT_REPRESENTING_SEARCH_KEY,
    PR_SUBJECT_W, PR_TRANSPORT_MESSAGE_HEADERS_W, S_OK, SaveChangesFlags, SpoolerNotifyFlags,
    TransportLogonFlags, TransportNotifyFlags,
};
use mapi_provider::transport::{Arrival, ReceiveError, Received};
use mapi_provider::view;
use mapi_provider_host::{OutgoingMessage, Spooler, TransportOptions, Value};

use crate::rig::{Rig, next_receives, receiving, value};

const MAIL: &[u8] = b"From: Bob <bob@example.org>\r\nSender: Carl <carl@example.org>\r\n\
To: Ann <ANN@example.org>, dan@example.org\r\nCc: Eve <eve@example.org>\r\nSubject: Hello\r\n\
Message-ID: <1@example.org>\r\nDate: Mon, 2 Mar 2020 10:00:00 +0000\r\nMIME-Version: 1.0\r\n\
Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHow are you?\r\n--b\r\n\
Content-Disposition: attachment; filename=\"a.txt\"\r\n\r\nattached\r\n--b--\r\n";

fn short(subject: &str) -> Received {
    let octets = format!("From: bob@example.org\r\nSubject: {subject}\r\n\r\nHello\r\n");
    Received::from_mime(octets.as_bytes()).expect("a message")
}

/// A transport that hands these in, each until it is saved or set aside, and says what became of it.
fn handing_in(mail: Vec<Received>) -> (Rig, Receiver<Arrival>) {
    let (told, hears) = channel();
    next_hands_in(mail, told);
    let rig = Rig::with_next(&receiving::PROVIDER, TransportOptions::default());
    (rig, hears)
}

fn next_hands_in(mail: Vec<Received>, told: Sender<Arrival>) {
    let waiting = Mutex::new(mail);
    next_receives(move |inbox| {
        let mut waiting = waiting.lock().expect("no panic");
        while let Some(first) = waiting.first() {
            let arrival = inbox.deliver(first.clone())?;
            waiting.remove(0);
            told.send(arrival).expect("somebody listens");
        }
        Ok(())
    });
}

/// Waits for a message as the spooler does, that asks again and again.
fn poll(spooler: &Spooler) {
    while spooler.poll().expect("Poll") == 0 {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

fn tell(rig: &Rig, flags: TransportNotifyFlags) {
    assert_eq!(rig.spooler.notify(flags, 0), (S_OK, flags, 0));
}

fn new_mail(spooler: &Spooler) -> usize {
    let told = spooler.record().spooler_notifications;
    assert!(
        told.iter()
            .all(|flags| *flags == SpoolerNotifyFlags::NOTIFY_NEWMAIL)
    );
    told.len()
}

fn subject(message: &OutgoingMessage) -> String {
    match message.property(PR_SUBJECT_W) {
        Some(Value::Unicode(subject)) => subject,
        other => panic!("no subject: {other:?}"),
    }
}

#[test]
fn xp_03_polling_is_asked_for() {
    let (rig, _arrivals) = handing_in(Vec::new());
    assert_eq!(rig.spooler.flags(), TransportLogonFlags::LOGON_SP_POLL);
    rig.finish();
}

#[test]
fn xp_05_offline_nothing_is_received() {
    next_receives(|_| panic!("it is offline"));
    let options = TransportOptions {
        flags: TransportLogonFlags::LOGON_NO_CONNECT,
        ..TransportOptions::default()
    };
    let rig = Rig::with_next(&receiving::PROVIDER, options);
    assert_eq!(rig.spooler.flags(), TransportLogonFlags::empty());
    tell(&rig, TransportNotifyFlags::NOTIFY_BEGIN_INBOUND);
    assert_eq!(rig.spooler.poll().expect("Poll"), 0);
    rig.finish();
}

#[test]
fn xp_06_inbound_is_off_until_it_begins_and_after_it_ends() {
    let (told, hears) = channel();
    next_hands_in(vec![short("one"), short("two")], told);
    let options = TransportOptions {
        flags: TransportLogonFlags::LOGON_NO_INBOUND,
        ..TransportOptions::default()
    };
    let rig = Rig::with_next(&receiving::PROVIDER, options);
    assert_eq!(rig.spooler.poll().expect("Poll"), 0);
    tell(&rig, TransportNotifyFlags::NOTIFY_BEGIN_INBOUND);
    poll(&rig.spooler);
    tell(&rig, TransportNotifyFlags::NOTIFY_END_INBOUND);
    assert_eq!(rig.spooler.poll().expect("Poll"), 0);
    let message = rig.spooler.empty_message();
    assert_eq!(rig.spooler.start(&message).status, S_OK);
    assert!(message.calls().is_empty());
    // Nothing is lost by that.
    tell(&rig, TransportNotifyFlags::NOTIFY_BEGIN_INBOUND);
    for name in ["one", "two"] {
        poll(&rig.spooler);
        let message = rig.spooler.empty_message();
        assert_eq!(rig.spooler.start(&message).status, S_OK);
        assert_eq!(subject(&message), name);
        assert_eq!(hears.recv(), Ok(Arrival::Saved));
    }
    drop(message);
    rig.finish();
}

#[test]
fn xp_25_poll_says_what_is_ready_and_waits_for_nothing() {
    let (go, may_go) = channel::<()>();
    let may_go = Mutex::new(may_go);
    let rig = Rig::receiving(move |inbox| {
        // A network that does not answer yet.
        let _ = may_go.lock().expect("no panic").recv();
        inbox
            .deliver(short("one"))?
            .is_saved()
            .then_some(())
            .ok_or("set aside")?;
        Ok(())
    });
    assert_eq!(rig.spooler.poll().expect("Poll"), 0);
    drop(go);
    poll(&rig.spooler);
    assert_eq!(rig.spooler.poll().expect("Poll"), 1);
    let received = rig.spooler.receive().expect("Poll");
    assert_eq!(received.iter().map(subject).collect::<Vec<_>>(), ["one"]);
    drop(received);
    rig.finish();
}

#[test]
fn xp_26_without_a_message_nothing_is_set_and_nothing_saved() {
    let (rig, _arrivals) = handing_in(Vec::new());
    let message = rig.spooler.empty_message();
    let started = rig.spooler.start(&message);
    assert_eq!((started.status, started.reference), (S_OK, 0));
    assert!(message.calls().is_empty());
    drop(message);
    rig.finish();
}

#[test]
fn xp_26_a_message_is_saved_once_and_only_then_the_logic_hears_of_it() {
    let (rig, hears) = handing_in(vec![Received::from_mime(MAIL).expect("a message")]);
    poll(&rig.spooler);
    let message = rig.spooler.empty_message();
    let heard = Arc::new(Mutex::new(hears));
    let before = Arc::clone(&heard);
    message.on_call(move |_, _| {
        assert!(before.lock().expect("no panic").try_recv().is_err());
        None
    });
    let started = rig.spooler.start(&message);
    assert_eq!(started.status, S_OK);
    assert!(started.reference > 1);
    assert_eq!(heard.lock().expect("no panic").recv(), Ok(Arrival::Saved));
    let flags = SaveChangesFlags::KEEP_OPEN_READWRITE | SaveChangesFlags::from_bits_retain(0x1800);
    assert_eq!(message.saves(), [flags]);
    let methods: Vec<_> = message
        .calls()
        .into_iter()
        .map(|call| call.method)
        .collect();
    assert_eq!(
        methods,
        [
            "SetProps",
            "ModifyRecipients",
            "CreateAttach",
            "SaveChanges"
        ]
    );
    let attachments = message.attachments();
    let name = value(&attachments[0].properties, PR_ATTACH_LONG_FILENAME_W);
    assert_eq!(name, Some(&Value::Unicode("a.txt".to_owned())));
    assert_eq!(message.references(), 0); // XP-24
    message.let_be();
    drop(message);
    rig.finish();
}

#[test]
fn xp_26_what_can_t_be_saved_comes_again_and_then_the_next_one_comes() {
    let (rig, hears) = handing_in(vec![short("bad"), short("good")]);
    // It comes, and comes again twice, as the manifest says.
    for time in 0..3 {
        poll(&rig.spooler);
        let message = rig.spooler.empty_message();
        message.on_call(|method, _| (method == "SaveChanges").then_some(MAPI_E_CALL_FAILED));
        assert_eq!(rig.spooler.start(&message).status, MAPI_E_CALL_FAILED);
        assert_eq!(subject(&message), "bad", "{time}");
        message.let_be();
        drop(message);
    }
    assert_eq!(hears.recv(), Ok(Arrival::SetAside));
    poll(&rig.spooler);
    let received = rig.spooler.receive().expect("Poll");
    assert_eq!(received.iter().map(subject).collect::<Vec<_>>(), ["good"]);
    assert_eq!(hears.recv(), Ok(Arrival::Saved));
    drop(received);
    // XP-21: it is no critical error.
    new_mail(&rig.spooler);
    rig.finish();
}

#[test]
fn xp_26_what_has_failed_counts_in_the_next_round_too() {
    let (over, is_over) = channel();
    let (told, hears) = channel();
    let rig = Rig::receiving(move |inbox| {
        match inbox.deliver(short("bad")) {
            Ok(arrival) => told.send(arrival).expect("somebody listens"),
            Err(error) => {
                over.send(()).expect("somebody listens");
                return Err(error);
            }
        }
        Ok(())
    });
    for time in 0..3 {
        poll(&rig.spooler);
        let message = rig.spooler.empty_message();
        message.on_call(|method, _| (method == "SaveChanges").then_some(MAPI_E_CALL_FAILED));
        assert_eq!(rig.spooler.start(&message).status, MAPI_E_CALL_FAILED);
        message.let_be();
        drop(message);
        if time < 2 {
            // The round is over, and the message comes again in another.
            tell(&rig, TransportNotifyFlags::NOTIFY_END_INBOUND);
            is_over.recv().expect("the round ends");
            tell(&rig, TransportNotifyFlags::NOTIFY_BEGIN_INBOUND);
        }
    }
    assert_eq!(rig.spooler.poll().expect("Poll"), 0);
    assert_eq!(hears.recv(), Ok(Arrival::SetAside));
    rig.finish();
}

#[test]
fn xp_26_whatever_call_fails_the_message_comes_again() {
    for failing in 0.. {
        let (rig, hears) = handing_in(vec![Received::from_mime(MAIL).expect("a message")]);
        poll(&rig.spooler);
        let message = rig.spooler.empty_message();
        message.on_call(move |_, number| (number == failing).then_some(MAPI_E_CALL_FAILED));
        let first = rig.spooler.start(&message);
        let had = message.calls().len();
        message.let_be();
        assert_eq!(message.references(), 0, "call {failing}");
        drop(message);
        if first.status != S_OK {
            assert!(hears.try_recv().is_err(), "call {failing}");
            poll(&rig.spooler);
            let received = rig.spooler.receive().expect("Poll");
            assert_eq!(received.len(), 1, "call {failing}");
        }
        assert_eq!(hears.recv(), Ok(Arrival::Saved), "call {failing}");
        rig.finish();
        if failing >= had {
            assert!(had > 3, "there are calls to fail: {had}");
            return;
        }
    }
}

#[test]
fn xp_26_a_cancelled_message_comes_again() {
    let (rig, hears) = handing_in(vec![short("one")]);
    poll(&rig.spooler);
    let message = rig.spooler.empty_message();
    let logon = Mutex::new(Some(Sending(rig.spooler.interface().clone())));
    message.on_call(move |_, _| {
        if let Some(Sending(logon)) = logon.lock().expect("no panic").take() {
            let mut flags = TransportNotifyFlags::NOTIFY_CANCEL_MESSAGE;
            let mut data = std::ptr::null_mut();
            // SAFETY: both places are locals.
            let status = unsafe { logon.TransportNotify(&mut flags, &mut data) };
            assert_eq!(status, S_OK);
        }
        None
    });
    assert_eq!(rig.spooler.start(&message).status, MAPI_E_USER_CANCEL);
    assert!(message.saves().is_empty());
    assert!(hears.try_recv().is_err());
    message.let_be();
    poll(&rig.spooler);
    assert_eq!(rig.spooler.receive().expect("Poll").len(), 1);
    assert_eq!(hears.recv(), Ok(Arrival::Saved));
    drop(message);
    rig.finish();
}

/// A logon that a test's closure takes along; it stays on its thread.
struct Sending(mapi_provider::abi::IXPLogon);

// SAFETY: the objects of a transport are free-threaded but for its status object.
unsafe impl Send for Sending {}

#[test]
fn xp_27_a_message_has_all_that_a_transport_must_set() {
    let arrived = std::time::UNIX_EPOCH + Duration::from_secs(1_600_000_000);
    let given = Received::from_mime(MAIL)
        .expect("a message")
        .arrived(arrived)
        .with(view::Property::new(PR_SENSITIVITY, 2))
        // What belongs to a store, and what the message says itself.
        .with(view::Property::new(PR_MESSAGE_SIZE, 1))
        .with(view::Property::new(PR_SUBJECT_W, "Another"));
    let (rig, _arrivals) = handing_in(vec![given]);
    poll(&rig.spooler);
    let received = rig.spooler.receive().expect("Poll");
    let [message] = received.as_slice() else {
        panic!("one message");
    };
    let text = |text: &str| Some(Value::Unicode(text.to_owned()));
    for (tag, expected) in [
        (PR_MESSAGE_CLASS_W, text("IPM.Note")),
        (PR_SUBJECT_W, text("Hello")),
        (PR_INTERNET_MESSAGE_ID_W, text("<1@example.org>")),
        (PR_MESSAGE_TO_ME, Some(Value::Boolean(true))),
        (PR_MESSAGE_CC_ME, Some(Value::Boolean(false))),
        (PR_MESSAGE_RECIP_ME, Some(Value::Boolean(true))),
        (PR_MESSAGE_FLAGS, Some(Value::Long(0))),
        (PR_SENSITIVITY, Some(Value::Long(2))),
        (PR_MESSAGE_SIZE, None),
        (
            PR_MESSAGE_DELIVERY_TIME,
            Some(Value::Time((1_600_000_000 + 11_644_473_600) * 10_000_000)),
        ),
        (
            PR_CLIENT_SUBMIT_TIME,
            Some(Value::Time((1_583_143_200 + 11_644_473_600) * 10_000_000)),
        ),
    ] {
        assert_eq!(message.property(tag), expected, "{tag}");
    }
    for tag in [PR_BODY_W, PR_TRANSPORT_MESSAGE_HEADERS_W] {
        assert!(message.property(tag).is_some(), "{tag}");
    }
    for (tags, name, address) in [
        (SENDER, "Carl", "carl@example.org"),
        (REPRESENTING, "Bob", "bob@example.org"),
        (RECEIVED_BY, "Ann", "ann@example.org"),
        (RECEIVED_FOR, "Ann", "ann@example.org"),
    ] {
        let [name_tag, kind_tag, address_tag, id_tag, key_tag] = tags;
        assert_eq!(message.property(name_tag), text(name));
        assert_eq!(message.property(kind_tag), text("SMTP"));
        assert_eq!(message.property(address_tag), text(address));
        let key = format!("SMTP:{}\0", address.to_uppercase()).into_bytes();
        assert_eq!(message.property(key_tag), Some(Value::Binary(key)));
        assert!(matches!(message.property(id_tag), Some(Value::Binary(_))));
    }
    drop(received);
    rig.finish();
}

const SENDER: [mapi_provider::abi::PropTag; 5] = [
    PR_SENDER_NAME_W,
    PR_SENDER_ADDRTYPE_W,
    PR_SENDER_EMAIL_ADDRESS_W,
    PR_SENDER_ENTRYID,
    PR_SENDER_SEARCH_KEY,
];
const REPRESENTING: [mapi_provider::abi::PropTag; 5] = [
    PR_SENT_REPRESENTING_NAME_W,
    PR_SENT_REPRESENTING_ADDRTYPE_W,
    PR_SENT_REPRESENTING_EMAIL_ADDRESS_W,
    PR_SENT_REPRESENTING_ENTRYID,
    PR_SENT_REPRESENTING_SEARCH_KEY,
];
const RECEIVED_BY: [mapi_provider::abi::PropTag; 5] = [
    PR_RECEIVED_BY_NAME_W,
    PR_RECEIVED_BY_ADDRTYPE_W,
    PR_RECEIVED_BY_EMAIL_ADDRESS_W,
    PR_RECEIVED_BY_ENTRYID,
    PR_RECEIVED_BY_SEARCH_KEY,
];
const RECEIVED_FOR: [mapi_provider::abi::PropTag; 5] = [
    PR_RCVD_REPRESENTING_NAME_W,
    PR_RCVD_REPRESENTING_ADDRTYPE_W,
    PR_RCVD_REPRESENTING_EMAIL_ADDRESS_W,
    PR_RCVD_REPRESENTING_ENTRYID,
    PR_RCVD_REPRESENTING_SEARCH_KEY,
];

#[test]
fn xp_27_what_the_identity_has_sent_is_from_me() {
    let octets = b"From: <Ann@Example.Org>\r\nTo: bob@example.org\r\n\r\nHello\r\n";
    let (rig, _arrivals) = handing_in(vec![Received::from_mime(octets).expect("a message")]);
    poll(&rig.spooler);
    let received = rig.spooler.receive().expect("Poll");
    let flags = MessageFlags::FROMME.bits() as i32;
    assert_eq!(
        received[0].property(PR_MESSAGE_FLAGS),
        Some(Value::Long(flags))
    );
    let to_me = received[0].property(PR_MESSAGE_RECIP_ME);
    assert_eq!(to_me, Some(Value::Boolean(false)));
    drop(received);
    rig.finish();
}

#[test]
fn xp_28_recipients_have_all_their_properties() {
    let (rig, _arrivals) = handing_in(vec![Received::from_mime(MAIL).expect("a message")]);
    poll(&rig.spooler);
    let received = rig.spooler.receive().expect("Poll");
    let rows = received[0].recipients();
    let expected = [
        ("Ann", "ANN@example.org", MAPI_TO),
        ("dan@example.org", "dan@example.org", MAPI_TO),
        ("Eve", "eve@example.org", MAPI_CC),
    ];
    assert_eq!(rows.len(), expected.len());
    for (row, (name, address, line)) in rows.iter().zip(expected) {
        let text = |text: &str| Value::Unicode(text.to_owned());
        assert_eq!(value(row, PR_DISPLAY_NAME_W), Some(&text(name)));
        assert_eq!(value(row, PR_EMAIL_ADDRESS_W), Some(&text(address)));
        assert_eq!(value(row, PR_ADDRTYPE_W), Some(&text("SMTP")));
        let line = Value::Long(line as i32);
        assert_eq!(value(row, PR_RECIPIENT_TYPE), Some(&line));
        assert_eq!(value(row, PR_DISPLAY_TYPE), Some(&Value::Long(0)));
        assert_eq!(value(row, PR_OBJECT_TYPE), Some(&Value::Long(6)));
        let key = format!("SMTP:{}\0", address.to_uppercase()).into_bytes();
        assert_eq!(value(row, PR_SEARCH_KEY), Some(&Value::Binary(key)));
        let Some(Value::Binary(id)) = value(row, PR_ENTRYID) else {
            panic!("no entry ID: {row:?}");
        };
        assert!(id.starts_with(b"\0\0\0\0the host's"), "by CreateOneOff");
    }
    assert_eq!(rig.spooler.record().one_offs.len(), expected.len());
    drop(received);
    rig.finish();
}

#[test]
fn xp_29_new_mail_is_told_when_there_is_some_and_at_most_once_a_second() {
    let begun = Instant::now();
    let (rig, hears) = handing_in(vec![short("one"), short("two"), short("three")]);
    for told in 1..=3 {
        // It is told of each, because none was there before.
        while new_mail(&rig.spooler) < told {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        // One alone: the next may be ready by then.
        let message = rig.spooler.empty_message();
        assert_eq!(rig.spooler.start(&message).status, S_OK);
        assert_eq!(message.saves().len(), 1);
        drop(message);
        assert_eq!(hears.recv(), Ok(Arrival::Saved));
        assert!(begun.elapsed() >= Duration::from_secs(told as u64 - 1));
    }
    assert_eq!(new_mail(&rig.spooler), 3);
    rig.finish();
}

#[test]
fn xp_29_nothing_is_told_while_inbound_is_off() {
    let (rig, hears) = handing_in(vec![short("one")]);
    while new_mail(&rig.spooler) == 0 {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    tell(&rig, TransportNotifyFlags::NOTIFY_END_INBOUND);
    assert_eq!(new_mail(&rig.spooler), 1);
    tell(&rig, TransportNotifyFlags::NOTIFY_BEGIN_INBOUND);
    poll(&rig.spooler);
    assert_eq!(rig.spooler.receive().expect("Poll").len(), 1);
    assert_eq!(hears.recv(), Ok(Arrival::Saved));
    rig.finish();
}

#[test]
fn xp_30_a_download_flush_begins_a_round_and_ends_when_nothing_is_left() {
    let rounds = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&rounds);
    let rig = Rig::receiving(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        Ok(())
    });
    while rounds.load(Ordering::SeqCst) == 0 {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    // SAFETY: a call without pointers but NULL.
    let status = unsafe {
        let logon = rig.spooler.interface();
        logon.FlushQueues(0, 0, std::ptr::null_mut(), FlushQueuesFlags::FLUSH_DOWNLOAD)
    };
    assert_eq!(status, S_OK);
    // The next one of itself is a minute away.
    while rounds.load(Ordering::SeqCst) < 2 {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    rig.finish();
}

#[test]
fn xp_33_a_logoff_ends_a_round_that_waits() {
    let (ended, has_ended) = channel();
    let rig = Rig::receiving(move |inbox| {
        let delivered = inbox.deliver(short("one"));
        ended.send(delivered.is_err()).expect("somebody listens");
        inbox.check()
    });
    poll(&rig.spooler);
    rig.spooler.log_off().expect("TransportLogoff");
    assert_eq!(has_ended.recv(), Ok(true));
    assert!(rig.spooler.record().released);
    rig.finish();
}

#[test]
fn xp_36_a_panic_ends_its_round_and_the_next_one_comes() {
    let rounds = AtomicUsize::new(0);
    let rig = Rig::receiving(move |inbox| match rounds.fetch_add(1, Ordering::SeqCst) {
        0 => panic!("the first round panics"),
        1 => Err(ReceiveError::new("the second one fails")),
        2 => {
            let arrival = inbox.deliver(short("one"))?;
            assert!(arrival.is_saved());
            Ok(())
        }
        // Send/Receive may have been asked for once more.
        _ => Ok(()),
    });
    // Each Send/Receive is a round.
    while rig.spooler.poll().expect("Poll") == 0 {
        tell(&rig, TransportNotifyFlags::NOTIFY_BEGIN_INBOUND);
    }
    assert_eq!(rig.spooler.receive().expect("Poll").len(), 1);
    assert!(new_mail(&rig.spooler) <= 1);
    rig.finish();
}
