//! What a store without a log proves, and what becomes of what changes meanwhile.

use std::collections::{BTreeMap, BTreeSet};

use mapi_provider::abi::{PR_CONTAINER_CLASS_W, PR_MESSAGE_CLASS_W, PR_SUBJECT_W};
use mapi_provider_twoway::{
    Answer, Failure, Flags, Listing, Local, LocalChange, LocalEntry, LocalKey, Proof, Scope,
    Trouble,
};

use crate::sim::chaos::Chaos;
use crate::sim::server::Kind;
use crate::world::World;

fn mail(name: &str) -> String {
    format!("Subject: {name}\r\n\r\nText of {name}\r\n")
}

fn world() -> World {
    let mut world = World::new(Kind::imap());
    for name in ["a", "b", "c"] {
        world.put("Inbox", &mail(name), "");
        world.put("Play", &mail(&format!("{name} of play")), "");
        world.put("Work", &mail(&format!("{name} of work")), "");
    }
    world.settle();
    world
}

/// Hears a listing, and does something at one of its calls.
struct Meddler<F: FnOnce()> {
    there: BTreeSet<LocalKey>,
    gone: BTreeSet<LocalKey>,
    /// After so many calls.
    left: usize,
    act: Option<F>,
}

impl<F: FnOnce()> Meddler<F> {
    fn new(left: usize, act: F) -> Self {
        Self {
            there: BTreeSet::new(),
            gone: BTreeSet::new(),
            left,
            act: Some(act),
        }
    }

    fn hear(&mut self, key: LocalKey) -> Answer<()> {
        self.there.insert(key);
        if self.left == 0
            && let Some(act) = self.act.take()
        {
            act();
        }
        self.left = self.left.saturating_sub(1);
        Ok(())
    }
}

impl<F: FnOnce()> Listing<LocalEntry, LocalKey> for Meddler<F> {
    fn reset(&mut self) -> Answer<()> {
        Ok(())
    }

    fn entry(&mut self, entry: LocalEntry) -> Answer<()> {
        self.hear(entry.key)
    }

    fn present(&mut self, key: LocalKey) -> Answer<()> {
        self.hear(key)
    }

    fn gone(&mut self, key: LocalKey) -> Answer<()> {
        self.gone.insert(key);
        Ok(())
    }
}

#[test]
fn twoway_07_what_is_moved_while_the_store_is_listed_is_not_gone() {
    for (subject, target) in [("a", "Work"), ("a of work", "Inbox")] {
        for at in 0.. {
            let world = world();
            let all: BTreeSet<LocalKey> = world.entries().into_iter().map(|one| one.key).collect();
            let mut meddler = Meddler::new(at, || world.move_message(subject, target));
            let proof = world.side().changes(false, &mut meddler);
            let count = meddler.there.len() as u64;
            assert_eq!(proof, Ok(Proof::Complete { count }), "{subject} at {at}");
            assert_eq!((&meddler.there, &meddler.gone), (&all, &BTreeSet::new()));
            if meddler.act.is_some() {
                assert!(at > 8, "only {at} calls");
                break;
            }
        }
    }
}

#[test]
fn twoway_07_what_is_deleted_while_the_store_is_listed_is_gone_and_the_rest_is_not() {
    for at in 0..9 {
        let world = world();
        let gone = world.key("b");
        let mut meddler = Meddler::new(at, || world.delete("b"));
        let proof = world.side().changes(false, &mut meddler);
        assert_eq!(proof, Ok(Proof::Complete { count: 8 }), "at {at}");
        // Told to be gone, or never told.
        let is_told = meddler.there.remove(&gone);
        assert_eq!(meddler.gone.contains(&gone), is_told, "at {at}");
        assert_eq!(meddler.there.len(), 8);
    }
}

#[test]
fn twoway_29_what_is_not_as_it_was_told_is_not_touched() {
    let world = world();
    let told: BTreeMap<String, LocalEntry> = world
        .entries()
        .into_iter()
        .map(|entry| (entry.title.clone(), entry))
        .collect();
    world.edit("a", "edited");
    world.set_read("b", true);
    world.move_message("c", "Work");
    world.delete("a of work");
    let change = LocalChange {
        flags: Some(["\\Flagged"].into_iter().collect()),
        content: Some(mail("other").into_bytes()),
        folder: Some(told["b of work"].folder.clone()),
    };
    let before = world.here();
    let mut side = world.side();
    for (name, expected) in [
        ("a", Failure::Stale),
        ("b", Failure::Stale),
        ("c", Failure::Stale),
        ("a of work", Failure::Gone),
    ] {
        let failed = side.update(&told[name], &change);
        let is_it = matches!(&failed, Err(Trouble::Item(failure)) if failure.kind == expected);
        assert!(is_it, "{name}: {failed:?}");
    }
    assert_eq!(world.here(), before);
    side.update(&told["b of work"], &change)
        .expect("as it was told");
    assert!(world.entries().iter().any(|one| one.title == "other"));
}

#[test]
fn a_copy_in_the_store_is_another_item() {
    let mut world = world();
    world.copy("a", "Work");
    for _ in 0..3 {
        let (ended, report) = world.run(&Chaos::none());
        ended.unwrap_or_else(|stop| panic!("{stop}: {report}"));
    }
    world.settle();
    let there = world.there();
    let copies = there.iter().filter(|one| one.1 == mail("a"));
    assert_eq!(copies.count(), 2, "{there:?}");
}

#[test]
fn what_is_no_mail_is_not_the_servers() {
    let mut world = world();
    let before = world.there();
    world.make_folder("", "Calendar");
    let calendar = world.folder("Calendar");
    calendar
        .set(PR_CONTAINER_CLASS_W, "IPF.Appointment")
        .expect("set");
    for (folder, class) in [
        (calendar, "IPM.Appointment"),
        (world.folder("Inbox"), "IPM.Contact"),
    ] {
        let item = folder.create_message().expect("made");
        item.set(PR_MESSAGE_CLASS_W, class).expect("set");
        item.set(PR_SUBJECT_W, "no mail").expect("set");
        item.save().expect("saved");
    }
    for _ in 0..2 {
        let (ended, report) = world.run(&Chaos::none());
        ended.unwrap_or_else(|stop| panic!("{stop}: {report}"));
    }
    assert_eq!(world.there(), before);
    let server = world.server.borrow();
    assert!(server.folders.values().all(|one| one.name != "Calendar"));
}

const PICTURE: &str = concat!(
    "From: Ann <ann@example.org>\r\nTo: Bob <bob@example.org>\r\nSubject: a\r\n",
    "Content-Type: multipart/mixed; boundary=mixed\r\n\r\n",
    "--mixed\r\nContent-Type: text/html; charset=iso-8859-1\r\n",
    "Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>Sch=F6n</p>\r\n",
    "--mixed\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n",
    "iVBORw0KGgo=\r\n--mixed--\r\n",
);

#[test]
fn another_content_takes_the_place_of_all_of_the_old_one() {
    let mut world = World::new(Kind::jmap());
    let key = world.put("Inbox", PICTURE, "\\Seen");
    world.settle();
    for content in [&*mail("a"), PICTURE, "Subject: a\r\n\r\n", PICTURE] {
        world.server.borrow_mut().edit(key, content);
        // It comes byte for byte: `settle` compares.
        world.settle();
        let message = world.store().open_message(&world.id("a")).expect("there");
        let files = message.attachments().expect("readable");
        assert_eq!(files.len(), usize::from(content == PICTURE));
    }
}

#[test]
fn of_a_header_the_rest_comes_later() {
    let mut world = World::new(Kind::imap());
    world.put("Inbox", PICTURE, "");
    world.options.scope = Scope {
        headers_only: true,
        ..Scope::default()
    };
    let (ended, report) = world.run(&Chaos::none());
    ended.unwrap_or_else(|stop| panic!("{stop}: {report}"));
    assert_eq!(world.entries().len(), 1);
    assert_eq!(world.there().first().map(|one| &*one.1), Some(PICTURE));
    world.options.scope = Scope::default();
    world.settle();
}

#[test]
fn a_flag_that_no_property_can_have_is_kept() {
    let mut world = World::new(Kind::imap());
    let key = world.put("Inbox", &mail("a"), "\\Draft");
    world.settle();
    // The store counts it as a draft for ever.
    world.server.borrow_mut().touch(key).flags = Flags::new();
    world.settle();
    let names = ["$Junk", "\\Deleted", "\\Draft", "later"];
    world.server.borrow_mut().touch(key).flags = names.into_iter().collect();
    world.settle();
    assert!(world.is_draft("a"));
}
