//! The queue by itself, closed and opened again between any two steps: as a process that is killed leaves it.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;

use super::{Kept, MessageId, Next, Patience, Queue, QueueError};
use crate::mime;
use crate::transport::delivery::Fate;
use crate::transport::envelope::Key;
use crate::transport::mail::{Address, Line, Mail, Person, Recipient};

const LONG: Patience = Patience {
    retry_after: Duration::from_secs(600),
    give_up_after: Duration::from_secs(6000),
};

/// It is given up at the first try.
const SHORT: Patience = Patience {
    retry_after: Duration::from_secs(600),
    give_up_after: Duration::ZERO,
};

struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("new").join("one.queue")
    }

    fn open(&self, patience: Patience) -> Queue {
        Queue::new(self.file(), patience)
    }
}

fn person(address: &str) -> Person {
    Person {
        name: String::new(),
        address: Address::smtp(address),
    }
}

fn recipient(address: &str) -> Recipient {
    let person = person(address);
    Recipient {
        key: Key::of(&person.address),
        person,
        line: Line::Cc,
        report_delivery: true,
    }
}

fn mail(to: &[&str]) -> Mail {
    let octets = b"From: ann@x\r\nSubject: Hello\r\n\r\nHow are you?\r\n";
    let mut content = mime::Mail::parse(octets).expect("a message").into_mail();
    content.recipients = vec![mime::Recipient {
        line: Line::To,
        who: mime::Who::new("Somebody", "FAX 123"),
    }];
    Mail {
        class: "IPM.Note".to_owned(),
        sender: person("ann@x"),
        envelope: to.iter().map(|address| recipient(address)).collect(),
        content,
        octets: None,
    }
}

fn begin(queue: &Queue, to: &[&str]) -> (MessageId, HashMap<Key, Fate>) {
    let to: Vec<Recipient> = to.iter().map(|address| recipient(address)).collect();
    queue.begin(b"key", to.iter()).expect("begin")
}

fn note(queue: &Queue, message: MessageId, address: &str, fate: &Fate) {
    let key = recipient(address).key;
    let noted = queue.note(message, [(&key, fate)].into_iter());
    noted.expect("note");
}

fn keep(queue: &Queue, message: MessageId, to: &[&str], fates: &HashMap<Key, Fate>) {
    let mail = mail(to);
    let octets = mail.to_mime().expect("octets");
    let kept = Kept {
        mail: &mail,
        octets: &octets,
        fates,
        after: None,
    };
    queue.keep(message, &kept).expect("keep");
}

/// The next message, whatever its time.
fn next(queue: &Queue) -> Option<Next> {
    queue.hurry().expect("hurry");
    queue.next(&person("ann@x")).expect("next").ok()
}

fn envelope(next: &Next) -> Vec<&str> {
    let all = next.mail.envelope().iter();
    all.map(|to| &*to.person.address.value).collect()
}

fn refused() -> Fate {
    Fate::Refused("no such user".to_owned())
}

#[test]
fn xp_19_who_was_accepted_is_known_after_a_kill() {
    let place = Place::new();
    let queue = place.open(LONG);
    let (message, known) = begin(&queue, &["a@x", "b@x"]);
    assert!(known.is_empty());
    note(&queue, message, "A@X", &Fate::Accepted);
    drop(queue);
    let queue = place.open(LONG);
    let (again, known) = begin(&queue, &["a@x", "b@x"]);
    assert_eq!(again, message);
    let expected = HashMap::from([(recipient("a@x").key, Fate::Accepted)]);
    assert_eq!(known, expected);
    // Nothing of it is the queue's.
    assert!(next(&queue).is_none());
}

#[test]
fn xp_19_what_is_kept_is_sent_to_those_who_are_left_and_reads_the_same() {
    let place = Place::new();
    let queue = place.open(LONG);
    let (message, _) = begin(&queue, &["a@x", "b@x", "c@x"]);
    note(&queue, message, "a@x", &Fate::Accepted);
    keep(&queue, message, &["a@x", "b@x", "c@x"], &HashMap::new());
    let left = queue.next(&person("ann@x")).expect("next").err().flatten();
    assert!(left.is_some_and(|left| left <= LONG.retry_after));
    drop(queue);
    let queue = place.open(LONG);
    let due = next(&queue).expect("one is due");
    assert_eq!(envelope(&due), ["b@x", "c@x"]);
    let sent = mail(&[]);
    assert_eq!(due.mail.to_mime().ok(), sent.to_mime().ok());
    assert_eq!(due.mail.subject(), "Hello");
    assert_eq!(due.mail.shown(), sent.shown());
    let to = &due.mail.envelope()[0];
    assert!(to.report_delivery && to.line == Line::Cc);
    // SubmitMessage comes again: the queue sees to those who are left.
    let (_, known) = begin(&queue, &["a@x", "b@x", "c@x"]);
    assert_eq!(known.get(&recipient("b@x").key), Some(&Fate::Queued));
    assert_eq!(known.len(), 3);
}

#[test]
fn xp_19_what_became_of_a_message_is_known_until_it_is_in_mapi_s() {
    let place = Place::new();
    let queue = place.open(LONG);
    let (message, _) = begin(&queue, &["a@x"]);
    keep(&queue, message, &["a@x"], &HashMap::new());
    note(&queue, message, "a@x", &Fate::Accepted);
    assert!(queue.tried(message, "", None).expect("tried").is_empty());
    assert!(next(&queue).is_none());
    // It was killed before the message was saved: the spooler comes again.
    let (again, known) = begin(&queue, &["a@x"]);
    assert_eq!(known.get(&recipient("a@x").key), Some(&Fate::Accepted));
    queue.settled(again).expect("settled");
    // Then it is as if it had not been: the same key may be another message's, a copy.
    let (_, known) = begin(&queue, &["a@x"]);
    assert!(known.is_empty());
}

#[test]
fn xp_19_who_is_accepted_while_the_message_is_being_kept_is_not_sent_to_again() {
    let place = Place::new();
    let queue = place.open(LONG);
    let (message, known) = begin(&queue, &["a@x", "b@x"]);
    // After SubmitMessage has looked.
    note(&queue, message, "a@x", &Fate::Accepted);
    keep(&queue, message, &["a@x", "b@x"], &known);
    queue.settled(message).expect("settled");
    assert_eq!(envelope(&next(&queue).expect("b is left")), ["b@x"]);
}

#[test]
fn xp_19_a_failed_try_waits_twice_as_long() {
    let place = Place::new();
    let queue = place.open(LONG);
    let (message, known) = begin(&queue, &["a@x"]);
    keep(&queue, message, &["a@x"], &known);
    for tries in 1..4 {
        let reports = queue.tried(message, "busy", None).expect("tried");
        assert!(reports.is_empty());
        let left = queue.next(&person("ann@x")).expect("next").err().flatten();
        let wait = (LONG.retry_after * (1 << tries)).min(Duration::from_secs(3600));
        let left = left.expect("it waits");
        assert!(left <= wait && left > wait / 2, "{left:?}");
    }
}

#[test]
fn xp_19_what_is_given_up_is_reported_until_the_report_is_saved() {
    let place = Place::new();
    let queue = place.open(SHORT);
    let (message, known) = begin(&queue, &["a@x", "b@x"]);
    keep(&queue, message, &["a@x", "b@x"], &known);
    queue.settled(message).expect("settled");
    note(&queue, message, "a@x", &Fate::Accepted);
    let reports = queue.tried(message, "busy", None).expect("tried");
    assert_eq!(reports.len(), 1);
    assert!(next(&queue).is_none());
    drop(queue);
    let queue = place.open(SHORT);
    queue.recover().expect("recover");
    let reports = queue.reports().expect("reports");
    let [report] = reports.as_slice() else {
        panic!("one report: {reports:?}");
    };
    let received = report.received("Contoso");
    assert_eq!(received.mail().subject, "Undeliverable: Hello");
    let text = received.mail().text.as_deref().unwrap_or_default();
    assert!(text.contains("b@x") && text.contains("busy") && !text.contains("a@x"));
    queue.report_saved(report.id).expect("saved");
    assert!(queue.reports().expect("reports").is_empty());
}

#[test]
fn xp_19_a_refusal_is_reported_though_the_process_was_killed() {
    let place = Place::new();
    let queue = place.open(LONG);
    let (message, known) = begin(&queue, &["a@x"]);
    keep(&queue, message, &["a@x"], &known);
    queue.settled(message).expect("settled");
    note(&queue, message, "a@x", &refused());
    drop(queue);
    let queue = place.open(LONG);
    queue.recover().expect("recover");
    assert_eq!(queue.reports().expect("reports").len(), 1);
    queue.recover().expect("recover");
    assert_eq!(queue.reports().expect("reports").len(), 1);
    assert!(next(&queue).is_none());
}

#[test]
fn xp_19_whom_the_spooler_is_told_of_is_not_reported_a_second_time() {
    let place = Place::new();
    let queue = place.open(SHORT);
    let (message, _) = begin(&queue, &["a@x", "b@x"]);
    note(&queue, message, "a@x", &refused());
    let told = HashMap::from([(recipient("a@x").key, refused())]);
    keep(&queue, message, &["a@x", "b@x"], &told);
    let reports = queue.tried(message, "busy", None).expect("tried");
    let text = reports[0].received("Contoso").mail().text.clone();
    let text = text.unwrap_or_default();
    assert!(text.contains("b@x") && !text.contains("a@x"), "{text}");
}

#[test]
fn xp_19_a_report_that_is_set_aside_does_not_come_again() {
    let place = Place::new();
    let queue = place.open(SHORT);
    let (message, known) = begin(&queue, &["a@x"]);
    keep(&queue, message, &["a@x"], &known);
    let reports = queue.tried(message, "busy", None).expect("tried");
    queue.report_set_aside(reports[0].id).expect("aside");
    assert!(queue.reports().expect("reports").is_empty());
}

#[test]
fn xp_19_one_logon_has_the_queue() {
    let place = Place::new();
    let (first, second) = (place.open(LONG), place.open(LONG));
    begin(&first, &["a@x"]);
    let busy = second.reports().expect_err("it is in use");
    assert!(matches!(busy, QueueError::Busy), "{busy}");
    first.close();
    assert!(second.reports().is_ok());
}
