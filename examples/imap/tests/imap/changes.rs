//! What is done on one side comes to the other, whatever the server can do.

use std::cell::{Cell, RefCell};

use mapi_provider_twoway::{Monitor, Point, Stop};

use crate::client::Client;
use crate::dovecot::{BARE, NO_CONDSTORE, NO_MOVE, NO_UIDPLUS, Setting, WHOLE};
use crate::world::{World, mail};

pub(crate) const KINDS: [Setting; 5] = [WHOLE, NO_UIDPLUS, NO_CONDSTORE, NO_MOVE, BARE];

/// Both sides with five messages, which are equal.
pub(crate) fn world(settings: &[Setting]) -> Option<World> {
    let mut world = World::new(settings)?;
    let mut client = world.client();
    client.say("CREATE Work");
    client.put("INBOX", mail("a").as_bytes(), "\\Seen");
    client.put("INBOX", mail("b").as_bytes(), "");
    client.put("INBOX", mail("e").as_bytes(), "");
    client.put(
        "Work",
        mail("c").as_bytes(),
        "\\Flagged \\Answered $Forwarded later",
    );
    client.put("Work", mail("d").as_bytes(), "");
    world.settle();
    assert_eq!(world.there().len(), 5);
    Some(world)
}

pub(crate) fn each_kind(act: impl Fn(&mut World)) {
    for kind in KINDS {
        let Some(mut world) = world(&[kind]) else {
            return;
        };
        act(&mut world);
        world.settle();
    }
}

/// Whether a folder at the server has a text.
fn has(world: &World, folder: &str, text: &str) -> bool {
    let there = world.there();
    there
        .iter()
        .any(|one| one.0 == folder && one.1.contains(text))
}

#[test]
fn twoway_28_a_life_in_both_directions_is_the_same_with_and_without_extensions() {
    each_kind(|world| {
        world.move_to("a", "Work");
        world.edit_text("b", "edited");
        world.delete("c");
        world.make_folder("Work", "Deep");
        world.write("Work/Deep", "new here");
        let mut client = world.client();
        client.store("INBOX", "e", "+FLAGS (\\Seen soon)");
        client.remove("Work", "d");
        client.put("Work", mail("new there").as_bytes(), "\\Flagged");
        client.say("CREATE Work/There");
        client.put("Work/There", mail("deep there").as_bytes(), "");
        world.settle();
        assert!(has(world, "Work", "Text of a"));
        assert!(has(world, "INBOX", "edited"));
        assert!(has(world, "Work/Deep", "new here"));
        assert!(has(world, "Work/There", "deep there"));
        assert_eq!(world.there().len(), 6);
    });
}

#[test]
fn twoway_12_downloading_marks_nothing_as_read() {
    each_kind(|world| {
        let there = world.there();
        let read = there.iter().filter(|one| one.2.contains("\\Seen")).count();
        assert_eq!(read, 1, "{there:?}");
    });
}

/// How many messages there are where nothing is new: more in the long form.
fn messages() -> usize {
    let told = std::env::var("IMAP_TEST_MESSAGES").ok();
    told.map_or(2_000, |told| told.parse().expect("a number"))
}

#[test]
fn twoway_02_and_twoway_26_nothing_new_costs_three_round_trips_a_folder_and_writes_nothing() {
    for kind in [WHOLE, NO_CONDSTORE, BARE] {
        let Some(mut world) = World::new(&[kind]) else {
            return;
        };
        world.client().open("INBOX");
        world.dovecot.fill(messages(), mail);
        let proxy = world.through_proxy();
        world.settle();
        proxy.reset();
        let before = world.here();
        let report = world.run();
        assert!(report.is_nothing(), "{report}");
        assert_eq!(proxy.writes(), [""; 0]);
        // INBOX, Drafts, Sent, Trash and the Outlook folders that were made; beside them the logon and the list.
        let folders = world.client().folders().len() as u64;
        let trips = proxy.round_trips();
        assert!(
            trips <= 4 + 3 * folders,
            "{kind:?}: {trips} round trips for {folders} folders"
        );
        if kind == WHOLE {
            // LIST says it of all of them.
            assert!(trips <= 5, "{trips}");
        }
        assert_eq!(proxy.count("BODY.PEEK[]"), 0, "nothing is fetched again");
        assert_eq!(world.here(), before);
    }
}

#[test]
fn twoway_10_what_others_have_marked_as_deleted_is_never_expunged() {
    each_kind(|world| {
        let mut client = world.client();
        client.store("INBOX", "b", "+FLAGS (\\Deleted)");
        world.delete("e");
        world.run();
        world.run();
        let mut client = world.client();
        assert_eq!(client.find("INBOX", "b").len(), 1, "it is another client's");
        client.open("INBOX");
        let text = client.say("UID SEARCH DELETED");
        let deleted = String::from_utf8_lossy(&text)
            .lines()
            .next()
            .map(|line| line.split(' ').count() - 2);
        let can_expunge = client.find("INBOX", "e").is_empty();
        // Without UIDPLUS ours stays marked, too.
        assert_eq!(deleted, Some(if can_expunge { 1 } else { 2 }));
        client.store("INBOX", "b", "-FLAGS (\\Deleted)");
        world.settle();
        assert!(has(world, "INBOX", "Text of b"), "it comes back");
    });
}

#[test]
fn twoway_11_flags_merge_one_by_one_and_keywords_survive() {
    each_kind(|world| {
        let mut client = world.client();
        let many: Vec<String> = (0..40).map(|number| format!("key{number}")).collect();
        client.store("INBOX", "a", &format!("+FLAGS ({})", many.join(" ")));
        client.store("INBOX", "b", "+FLAGS (\\Flagged there R&D)");
        world.mark_read("b");
        world.set_categories("e", &["Red Category", "Größe", "plain"]);
        world.settle();
        let there = world.there();
        let flags = |name: &str| {
            let content = mail(name);
            there
                .iter()
                .find(|one| one.1 == content)
                .expect("there")
                .2
                .clone()
        };
        assert_eq!(flags("a").split(' ').count(), 41);
        assert_eq!(flags("b"), "R&D \\Flagged \\Seen there");
        assert_eq!(flags("e"), "Gr&APYA3w-e Red&ACA-Category plain");
        client.store("INBOX", "a", "-FLAGS (key7)");
        world.set_categories(
            "a",
            &many[..20].iter().map(String::as_str).collect::<Vec<_>>(),
        );
        world.settle();
        let there = world.there();
        let a = there.iter().find(|one| one.1 == mail("a")).expect("there");
        assert_eq!(a.2.split(' ').count(), 20, "{}", a.2);
    });
}

#[test]
fn twoway_13_a_move_is_a_move_and_nothing_is_fetched_again() {
    each_kind(|world| {
        let proxy = world.through_proxy();
        world.run();
        proxy.reset();
        world.move_to("a", "Work");
        let mut client = world.client();
        client.open("Work");
        let uid = client.uid("Work", "c");
        client.say(&format!("UID COPY {uid} INBOX"));
        client.remove("Work", "c");
        world.settle();
        assert!(has(world, "Work", "Text of a"));
        assert!(has(world, "INBOX", "Text of c"));
        assert_eq!(world.there().len(), 5);
        assert_eq!(proxy.count("BODY.PEEK[]"), 0, "{}", proxy.said());
        assert_eq!(proxy.count("APPEND"), 0);
        // The same of one that we have sent.
        world.edit_text("b", "edited");
        world.settle();
        proxy.reset();
        // Without UIDPLUS the old one is there as well, marked.
        let uid = client.find("INBOX", "b").pop().expect("there");
        client.say(&format!("UID COPY {uid} Work"));
        client.say(&format!("UID STORE {uid} +FLAGS (\\Deleted)"));
        client.say("EXPUNGE");
        world.settle();
        assert!(has(world, "Work", "edited"));
        assert_eq!(proxy.count("BODY.PEEK[]"), 0, "{}", proxy.said());
    });
}

#[test]
fn twoway_14_a_renamed_folder_keeps_its_messages_on_both_sides() {
    each_kind(|world| {
        let proxy = world.through_proxy();
        let mut client = world.client();
        client.say("CREATE Play");
        client.put("Play", mail("p").as_bytes(), "");
        client.say("CREATE Work/Below");
        client.put("Work/Below", mail("q").as_bytes(), "");
        world.settle();
        proxy.reset();
        client.say("RENAME Work Done");
        world.settle();
        assert!(world.has_folder("Done/Below") && !world.has_folder("Work"));
        world.rename_folder("Done", "", "Again");
        world.settle();
        assert!(has(world, "Again/Below", "Text of q"));
        client.say("RENAME Again Third");
        client.say("RENAME Play Again");
        client.say("RENAME Third Play");
        world.settle();
        assert!(has(world, "Again", "Text of p") && has(world, "Play", "Text of c"));
        assert_eq!(proxy.count("BODY.PEEK[]"), 0, "{}", proxy.said());
        world.delete_folder("Play");
        world.settle();
        assert!(!world.client().folders().contains("Play"));
        assert!(has(world, "Again", "Text of p"));
    });
}

#[test]
fn twoway_15_a_folder_that_is_deleted_loses_nothing_that_the_other_side_never_got() {
    each_kind(|world| {
        let mut client = world.client();
        client.put("Work", mail("late").as_bytes(), "");
        world.delete_folder("Work");
        world.settle();
        assert!(has(world, "Work", "Text of late"));
        client.say("CREATE Other");
        world.settle();
        world.write("Other", "unsent");
        client.say("DELETE Other");
        world.settle();
        assert!(has(world, "Other", "Text of unsent"));
    });
}

/// Somebody puts a message into a folder whenever something of a run is half done.
struct Putting {
    client: RefCell<Client>,
    count: Cell<usize>,
}

impl Monitor for Putting {
    fn at(&self, _point: Point) -> Result<(), Stop> {
        let count = self.count.get() + 1;
        self.count.set(count);
        let content = mail(&format!("late {count}"));
        // It may be deleted at this moment.
        let mut client = self.client.borrow_mut();
        if client.folders().contains("Work") {
            client.put("Work", content.as_bytes(), "");
        } else {
            self.count.set(count - 1);
        }
        Ok(())
    }
}

#[test]
fn twoway_15_what_comes_while_its_folder_is_deleted_is_not_lost() {
    each_kind(|world| {
        world.delete_folder("Work");
        let putting = Putting {
            client: RefCell::new(world.client()),
            count: Cell::new(0),
        };
        let (ended, report) = world.try_run(&putting);
        ended.unwrap_or_else(|stop| panic!("{stop}: {report}"));
        world.settle();
        let count = putting.count.get();
        assert!(count > 3, "{count}");
        let there = world.there();
        let late = there.iter().filter(|one| one.1.contains("Text of late"));
        assert_eq!(late.count(), count, "{there:?}");
    });
}

#[test]
fn twoway_05_other_numbers_for_the_same_messages_delete_nothing_and_fetch_nothing_twice() {
    each_kind(|world| {
        let proxy = world.through_proxy();
        world.run();
        proxy.reset();
        world.dovecot.doveadm(&[
            "mailbox",
            "update",
            "-u",
            "alice",
            "--uid-validity",
            "12345",
            "INBOX",
        ]);
        let before = world.here();
        world.settle();
        assert_eq!(world.here(), before);
        assert_eq!(proxy.count("BODY.PEEK[]"), 0, "{}", proxy.said());
        assert_eq!(proxy.writes(), [""; 0]);
        // Made anew, with other mail.
        let mut client = world.client();
        client.say("DELETE Work");
        client.say("CREATE Work");
        client.put("Work", mail("other").as_bytes(), "");
        world.settle();
        assert!(has(world, "Work", "Text of other"));
        assert!(has(world, "INBOX", "Text of a"));
    });
}

#[test]
fn twoway_06_without_a_state_both_sides_are_merged() {
    each_kind(|world| {
        let before = world.there();
        world.write("Work", "mine");
        world.client().put("Work", mail("theirs").as_bytes(), "");
        world.forget_state();
        world.settle();
        assert_eq!(world.there().len(), before.len() + 2);
    });
}

#[test]
fn twoway_08_a_folder_that_is_suddenly_empty_wipes_nothing() {
    each_kind(|world| {
        world
            .dovecot
            .doveadm(&["expunge", "-u", "alice", "mailbox", "INBOX", "all"]);
        world
            .dovecot
            .doveadm(&["expunge", "-u", "alice", "mailbox", "Work", "all"]);
        let report = world.run();
        assert_eq!(report.deleted_local, 0, "{report}");
        assert!(!report.warnings.is_empty());
        assert_eq!(world.here().len(), 5);
        world.options.allow_mass_deletion = true;
    });
}
