//! The queue by itself, closed and opened again between any two steps: as a process that is killed leaves it.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;

use super::{About, Kept, MessageId, Next, Patience, Queue, QueueError};
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
    let about = About {
        search_key: b"key",
        class: "IPM.Note",
        subject: "Hello",
    };
    queue.begin(&about, to.iter()).expect("begin")
}

fn note(queue: &Queue, message: MessageId, address: &str, fate: &Fate) {
    let key = recipient(address).key;
    let noted = queue.note(message, [(&key, fate)].into_iter());
    noted.expect("note");
}

fn keep(queue: &Queue, message: MessageId, to: &[&str], fates: &HashMap<Key, Fate>) {
    let octets = mail(to).to_mime().expect("octets");
    keep_octets(queue, message, to, fates, &octets);
}

fn keep_octets(
    queue: &Queue,
    message: MessageId,
    to: &[&str],
    fates: &HashMap<Key, Fate>,
    octets: &[u8],
) {
    let mail = mail(to);
    let kept = Kept {
        mail: &mail,
        octets,
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
    assert!(
        queue
            .tried(message, &HashMap::new(), "", None)
            .expect("tried")
            .is_empty()
    );
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
        let reports = queue
            .tried(message, &HashMap::new(), "busy", None)
            .expect("tried");
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
    let reports = queue
        .tried(message, &HashMap::new(), "busy", None)
        .expect("tried");
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
    let reports = queue
        .tried(message, &HashMap::new(), "busy", None)
        .expect("tried");
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
    let reports = queue
        .tried(message, &HashMap::new(), "busy", None)
        .expect("tried");
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

/// Whether the file takes no change of a message: as a full disk does not, though a transaction begins.
fn full(queue: &Queue, is_so: bool) {
    let db = queue.lock();
    let db = db.as_ref().expect("it is open");
    let sql = match is_so {
        true => {
            "CREATE TEMP TRIGGER no_room BEFORE UPDATE ON message BEGIN SELECT RAISE(ABORT, 'full'); END"
        }
        false => "DROP TRIGGER no_room",
    };
    db.execute_batch(sql).expect("a trigger");
}

/// Changes the file behind the queue's back.
fn change(queue: &Queue, sql: &str) {
    let changed = queue.write(|tx| Ok(tx.execute(sql, [])?));
    assert_eq!(changed.expect("changed"), 1);
}

#[test]
fn xp_19_where_nothing_can_be_written_nothing_is_sent() {
    let place = Place::new();
    let queue = place.open(LONG);
    let (message, known) = begin(&queue, &["a@x"]);
    keep(&queue, message, &["a@x"], &known);
    queue.hurry().expect("hurry");
    full(&queue, true);
    assert!(queue.next(&person("ann@x")).is_err());
    full(&queue, false);
    let due = queue.next(&person("ann@x")).expect("next");
    assert!(due.is_ok());
    // It is not due a second time, though nobody has said how it ended.
    let left = queue.next(&person("ann@x")).expect("next").err().flatten();
    assert!(left.is_some_and(|left| left > LONG.retry_after));
    queue.put_back(message, &HashMap::new()).expect("put back");
    assert!(queue.next(&person("ann@x")).expect("next").is_ok());
}

#[test]
fn xp_19_who_was_accepted_is_not_sent_to_again_though_that_was_not_written_at_once() {
    let place = Place::new();
    let queue = place.open(LONG);
    let (message, _) = begin(&queue, &["a@x", "b@x", "c@x", "d@x"]);
    let accepted = |address: &str| (recipient(address).key, Fate::Accepted);
    let fates = HashMap::from([accepted("a@x"), (recipient("d@x").key, refused())]);
    keep(&queue, message, &["a@x", "b@x", "c@x", "d@x"], &fates);
    assert_eq!(envelope(&next(&queue).expect("due")), ["b@x", "c@x"]);
    let fates = HashMap::from([
        accepted("b@x"),
        (recipient("a@x").key, refused()),
        (recipient("c@x").key, Fate::Queued),
    ]);
    let reports = queue.tried(message, &fates, "busy", None).expect("tried");
    assert!(reports.is_empty());
    assert_eq!(envelope(&next(&queue).expect("due")), ["c@x"]);
    let fates = HashMap::from([(recipient("c@x").key, refused())]);
    let reports = queue.tried(message, &fates, "", None).expect("tried");
    assert_eq!(reports.len(), 1);
    assert!(next(&queue).is_none());
}

#[test]
fn xp_19_a_clock_that_is_set_back_stops_nothing() {
    let place = Place::new();
    let queue = place.open(SHORT);
    let (message, known) = begin(&queue, &["a@x"]);
    keep(&queue, message, &["a@x"], &known);
    let sql = "UPDATE message SET next_try = next_try + 864000000, began = began + 864000000";
    change(&queue, sql);
    assert!(queue.next(&person("ann@x")).expect("next").is_ok());
    let reports = queue.tried(message, &known, "busy", None).expect("tried");
    assert_eq!(reports.len(), 1);
}

#[test]
fn xp_19_time_begins_when_the_queue_takes_a_message() {
    let place = Place::new();
    let queue = place.open(LONG);
    let (message, known) = begin(&queue, &["a@x"]);
    change(&queue, "UPDATE message SET began = 1");
    keep(&queue, message, &["a@x"], &known);
    let reports = queue.tried(message, &known, "busy", None).expect("tried");
    assert!(reports.is_empty());
    // From then on it runs.
    change(&queue, "UPDATE message SET began = 1");
    keep(&queue, message, &["a@x"], &known);
    let reports = queue.tried(message, &known, "busy", None).expect("tried");
    assert_eq!(reports.len(), 1);
}

#[test]
fn xp_19_what_can_t_be_read_waits_like_the_others() {
    let place = Place::new();
    let queue = place.open(LONG);
    let (message, known) = begin(&queue, &["a@x"]);
    keep(&queue, message, &["a@x"], &known);
    change(&queue, "UPDATE shown SET line = 'none'");
    queue.hurry().expect("hurry");
    assert!(queue.next(&person("ann@x")).is_err());
    let left = queue.next(&person("ann@x")).expect("next").err().flatten();
    assert!(left.is_some());
}

#[cfg(unix)]
#[test]
fn xp_19_nobody_else_reads_what_waits() {
    use std::os::unix::fs::PermissionsExt;

    let place = Place::new();
    let queue = place.open(LONG);
    begin(&queue, &["a@x"]);
    let file = place.file();
    let folder = file.parent().expect("a folder");
    let of = |path: &std::path::Path| {
        let known = std::fs::metadata(path).expect("it is there");
        known.permissions().mode() & 0o777
    };
    assert_eq!(of(folder), 0o700);
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        assert_eq!(of(&path), 0o600, "{path:?}");
    }
}

#[test]
fn xp_18_a_refusal_is_reported_though_the_process_was_killed_before_it_could_tell() {
    for is_kept in [false, true] {
        let place = Place::new();
        let queue = place.open(LONG);
        let (message, _) = begin(&queue, &["a@x", "b@x"]);
        note(&queue, message, "a@x", &refused());
        if is_kept {
            let told = HashMap::from([(recipient("a@x").key, refused())]);
            keep(&queue, message, &["a@x", "b@x"], &told);
        }
        drop(queue);
        let queue = place.open(LONG);
        for _ in 0..2 {
            queue.open().expect("open");
            let reports = queue.reports().expect("reports");
            let [report] = reports.as_slice() else {
                panic!("one report: {reports:?}");
            };
            let received = report.received("Contoso");
            assert_eq!(received.mail().subject, "Undeliverable: Hello");
        }
        // The spooler may come with it again: it has nothing to tell.
        let (_, known) = begin(&queue, &["a@x", "b@x"]);
        assert_eq!(known.get(&recipient("a@x").key), Some(&Fate::Queued));
    }
}

#[test]
fn xp_19_what_was_sent_leaves_nothing_in_the_file() {
    let place = Place::new();
    let queue = place.open(LONG);
    let (id, _) = begin(&queue, &["a@x"]);
    let octets = b"a secret that nobody else is to read ".repeat(20_000);
    keep_octets(&queue, id, &["a@x"], &HashMap::new(), &octets);
    drop(next(&queue).expect("it is due"));
    let mut fates = HashMap::new();
    fates.insert(recipient("a@x").key, Fate::Accepted);
    queue.tried(id, &fates, "", None).expect("written");
    queue.settled(id).expect("written");
    drop(queue);
    let left = std::fs::read(place.file()).expect("a file");
    assert!(left.len() < 200_000, "{} bytes", left.len());
    let needle = b"nobody else is to read";
    assert!(!left.windows(needle.len()).any(|part| part == needle));
}

#[test]
fn xp_19_a_queue_whose_file_breaks_is_opened_anew() {
    let place = Place::new();
    let queue = place.open(LONG);
    let (id, _) = begin(&queue, &["a@x"]);
    let broken: super::Result<()> = queue.write(|_| Err(QueueError::Broken("broken".to_owned())));
    assert!(broken.is_err());
    // Nobody has it open now.
    let other = place.open(LONG);
    assert_eq!(begin(&other, &["a@x"]).0, id);
    assert!(matches!(queue.write(|_| Ok(())), Err(QueueError::Busy)));
    drop(other);
    assert_eq!(begin(&queue, &["a@x"]).0, id);
}
