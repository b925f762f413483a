//! What is done on one side comes to the other. Each kind of store has these tests, with a world of its own.

use mapi_provider_abi::mapi::{PT_LONG, PropTag};
use mapi_provider_twoway::{Flags, Role};

use crate::sim::chaos::Chaos;
use crate::sim::server::Kind;
use crate::world::World;

const KINDS: [fn() -> Kind; 3] = [Kind::imap, Kind::bare_imap, Kind::jmap];

/// PidTagFlagStatus and PidTagLastVerbExecuted.
const FLAG_STATUS: PropTag = PropTag::new(0x1090, PT_LONG);
const LAST_VERB: PropTag = PropTag::new(0x1081, PT_LONG);

fn mail(name: &str) -> String {
    format!("Subject: {name}\r\nX-Odd: as it was\r\n\r\nText of {name}\r\n")
}

/// Both sides with three items, which are equal.
fn world(kind: Kind) -> World {
    let mut world = World::new(kind);
    world.put("Inbox", &mail("a"), "\\Seen");
    world.put("Inbox", &mail("b"), "");
    world.put("Work", &mail("c"), "\\Flagged \\Answered $Forwarded later");
    world.settle();
    assert_eq!(world.there().len(), 3);
    world
}

fn each_kind(act: impl Fn(&mut World)) {
    for kind in KINDS {
        let mut world = world(kind());
        act(&mut world);
        world.settle();
    }
}

fn flags_there(world: &World, name: &str) -> String {
    let there = world.there();
    let content = mail(name);
    let one = there.iter().find(|one| one.1 == content);
    one.unwrap_or_else(|| panic!("no {name} in {there:?}"))
        .2
        .clone()
}

#[test]
fn twoway_12_what_is_there_comes_byte_for_byte_and_nothing_is_said_twice() {
    each_kind(|_| {});
}

#[test]
fn twoway_18_what_is_no_mail_comes_back_byte_for_byte() {
    each_kind(|world| {
        world.put("Inbox", "\r\n", "");
        world.put("Work", " \n\t\n", "\\Seen");
        world.settle();
        // It is marked and moved like any other.
        let keys: Vec<u64> = world.server.borrow().items.keys().copied().collect();
        for key in keys {
            let mut server = world.server.borrow_mut();
            server.touch(key).flags.insert("\\Flagged");
        }
    });
}

#[test]
fn twoway_11_a_flag_that_was_changed_here_is_the_only_one_that_changes_there() {
    each_kind(|world| {
        world.set_read("b", true);
        world.set_long("c", FLAG_STATUS, None);
        world.set_long("b", LAST_VERB, Some(102));
        world.settle();
        assert_eq!(flags_there(world, "b"), "(\\Answered \\Seen)");
        assert_eq!(flags_there(world, "c"), "($Forwarded \\Answered later)");
    });
}

#[test]
fn twoway_11_flags_that_were_changed_there_come_here() {
    each_kind(|world| {
        let keys: Vec<u64> = world.server.borrow().items.keys().copied().collect();
        for key in keys {
            let mut server = world.server.borrow_mut();
            let flags = &mut server.touch(key).flags;
            *flags = match flags.contains("later") {
                true => Flags::new(),
                false => ["\\Flagged", "$Forwarded", "two words"]
                    .into_iter()
                    .collect(),
            };
        }
    });
}

#[test]
fn what_is_moved_edited_made_and_deleted_here_is_so_there() {
    each_kind(|world| {
        world.move_message("a", "Work");
        world.edit("b", "edited");
        world.delete("c");
        world.make_folder("Work", "Deep");
        world.write_message("Work/Deep", "new");
        world.settle();
        let there = world.there();
        let paths: Vec<&str> = there.iter().map(|one| one.0.as_str()).collect();
        assert_eq!(paths, ["Inbox", "Work", "Work/Deep"]);
        assert!(
            there
                .iter()
                .any(|one| one.1.contains("edited") && one.1.contains("X-Odd: as it was"))
        );
        assert!(
            there
                .iter()
                .any(|one| one.1.contains("Subject: new") && one.1.contains("written here"))
        );
        assert!(there.iter().all(|one| !one.1.contains("Text of c")));
    });
}

#[test]
fn what_is_moved_edited_made_and_deleted_there_is_so_here() {
    each_kind(|world| {
        let mut server = world.server.borrow_mut();
        let key = |server: &crate::sim::server::Server, name: &str| {
            let mut items = server.items.iter();
            *items
                .find(|(_, item)| item.content == mail(name))
                .expect("there")
                .0
        };
        let ids: Vec<u32> = server.folders.keys().copied().collect();
        let id = |server: &crate::sim::server::Server, path: &str| {
            *ids.iter()
                .find(|id| server.path(**id) == path)
                .expect("there")
        };
        let (inbox, work) = (id(&server, "Inbox"), id(&server, "Work"));
        let a = key(&server, "a");
        server.move_item(a, inbox, work);
        let b = key(&server, "b");
        server.edit(b, &mail("other"));
        let c = key(&server, "c");
        server.remove(c);
        let deep = server.make_folder(Some(work), "Deep");
        server.put(deep, &mail("new"), Flags::new());
    });
}

#[test]
fn folders_are_renamed_and_deleted_on_both_sides() {
    each_kind(|world| {
        world.rename_folder("Work", "Play");
        world.settle();
        assert!(world.there().iter().any(|one| one.0 == "Play"));
        world.delete_folder("Play");
        world.settle();
        assert!(world.there().iter().all(|one| one.0 == "Inbox"));
    });
}

#[test]
fn what_waits_to_be_sent_is_not_the_servers() {
    each_kind(|world| {
        let before = world.there();
        world.write_message("Outbox", "to be sent");
        world.settle();
        assert_eq!(world.there(), before);
    });
}

#[test]
fn a_draft_is_one_on_both_sides() {
    let mut world = World::new(Kind::imap());
    world.put("Inbox", &mail("draft"), "\\Draft");
    world.settle();
    assert!(world.is_draft("draft"));
    world.write_message("Inbox", "mine");
    world.settle();
}

#[test]
fn twoway_20_what_the_server_refuses_stays_is_marked_and_the_mark_is_no_flag() {
    let mut world = world(Kind::imap());
    world.server.borrow_mut().has_room = false;
    world.write_message("Inbox", "too much");
    let (ended, report) = world.run(&Chaos::none());
    ended.expect("the run goes on");
    assert!(!report.warnings.is_empty());
    assert_eq!(world.categories("too much"), ["Not on the server"]);
    world.server.borrow_mut().has_room = true;
    let mut runs = 0;
    // It is tried again less and less often.
    while !world.there().iter().any(|one| one.1.contains("too much")) {
        let (ended, _) = world.run(&Chaos::none());
        ended.expect("the run goes on");
        runs += 1;
        assert!(runs < 100, "it is never sent");
    }
    world.settle();
    assert_eq!(world.categories("too much"), [""; 0]);
}

#[test]
fn twoway_14_folders_for_one_purpose_are_one_and_each_side_keeps_its_name() {
    for kind in KINDS {
        let mut world = World::new(kind());
        world.put("Sent", &mail("sent"), "\\Seen");
        {
            let mut server = world.server.borrow_mut();
            let id = *server.folders.keys().last().expect("just made");
            server.roles.insert(id, Role::Sent);
        }
        let run = |world: &mut World| {
            let chaos = Chaos::none();
            let (ended, report) = world.run(&chaos);
            ended.unwrap_or_else(|stop| panic!("{stop}: {report}"));
            assert_eq!(report.warnings, [], "{report}");
            chaos.writes()
        };
        run(&mut world);
        world.write_message("Sent Items", "written");
        run(&mut world);
        run(&mut world);
        assert_eq!(run(&mut world), [""; 0]);
        let paths = |seen: std::collections::BTreeSet<crate::world::Seen>| {
            let paths: Vec<String> = seen.into_iter().map(|one| one.0).collect();
            paths
        };
        assert_eq!(paths(world.here()), ["Sent Items"; 2]);
        assert_eq!(paths(world.there()), ["Sent"; 2]);
        let server = world.server.borrow();
        let names: Vec<&str> = server.folders.values().map(|one| &*one.name).collect();
        assert!(!names.contains(&"Sent Items"), "{names:?}");
    }
}

#[test]
fn a_folder_that_every_store_has_is_made_at_the_server_with_its_first_item() {
    let mut world = World::new(Kind::imap());
    world.put("Inbox", &mail("a"), "");
    world.settle();
    let names = |world: &World| {
        let server = world.server.borrow();
        let names: Vec<String> = server
            .folders
            .values()
            .map(|one| one.name.clone())
            .collect();
        names
    };
    assert!(!names(&world).contains(&"Deleted Items".to_owned()));
    world.write_message("Deleted Items", "thrown away");
    world.settle();
    assert!(names(&world).contains(&"Deleted Items".to_owned()));
}
