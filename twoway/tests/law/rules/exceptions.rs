//! Where the crate says that an item can get a second copy, it gets no third one, nothing is lost, and both sides are equal.
//! What it says is in `src/lib.rs`, "What is promised".

use super::bare::{LOG, bare, folder_there, move_there, settle};
use crate::sim::chaos::Chaos;
use crate::sim::server;
use crate::sim::world::World;

/// An item `a` that is changed here; the folders are listed in the order of their names.
fn changed_here(kind: server::Kind) -> World {
    let mut world = World::new(kind, LOG);
    for name in ["Early", "Middle"] {
        world.add_there(name, &format!("in {name}"), "");
    }
    world.add_there("Late", "a", "");
    world.sync();
    let key = world.key_here("a");
    world.store.borrow_mut().touch(key).flags.insert("\\Seen");
    world
}

/// How many copies there are, on both sides alike.
fn copies(world: &World) -> usize {
    let count = |contents: Vec<String>| contents.iter().filter(|one| *one == "a").count();
    let there = count(world.contents_there());
    assert_eq!(there, count(world.contents_here()));
    there
}

#[test]
fn twoway_13_a_folder_that_is_not_listed_in_two_runs_can_make_a_second_copy_and_loses_none() {
    for kind in [server::Kind::imap, server::Kind::bare_imap] {
        let mut world = changed_here(kind());
        let id = folder_there(&world, "Middle");
        move_there(&world, "a", "Middle");
        world.server.borrow_mut().folders_left_out.insert(id);
        assert_eq!(world.sync().uploaded, 0, "it waits for one run");
        assert_eq!(world.sync().uploaded, 1, "and not for ever");
        world.server.borrow_mut().folders_left_out.clear();
        settle(&mut world, "it is listed again");
        assert_eq!(copies(&world), 2);
    }
}

#[test]
fn twoway_29_what_is_moved_twice_while_the_server_is_listed_is_not_lost() {
    let mut most = 0;
    for first in 1..12 {
        for second in first + 1..22 {
            let context = format!("at {first} and {second}");
            let mut world = changed_here(server::Kind::bare_imap());
            let chaos = Chaos::none();
            for (call, to) in [(first, "Middle"), (second, "Early")] {
                let (server, to) = (world.server.clone(), folder_there(&world, to));
                chaos.meanwhile(call, move || {
                    let mut server = server.borrow_mut();
                    let mut items = server.items.iter();
                    let found = items.find(|(_, item)| item.content == "a");
                    let found = found.map(|(key, item)| (*key, item.folders.first().copied()));
                    if let Some((key, Some(from))) = found {
                        server.move_item(key, from, to);
                    }
                });
            }
            world.run(&chaos).0.expect("it goes on");
            settle(&mut world, &context);
            most = most.max(copies(&world));
            assert!((1..=2).contains(&copies(&world)), "{context}");
        }
    }
    assert_eq!(most, 2, "it can still happen, as the crate says");
}

#[test]
fn twoway_13_what_the_limits_leave_out_is_not_compared_and_nothing_is_lost() {
    let mut world = bare(LOG);
    world.add_there("Early", "in Early", "");
    world.add_there("Late", "a", "");
    world.sync();
    let key = world.key_here("a");
    world.store.borrow_mut().touch(key).flags.insert("\\Seen");
    move_there(&world, "a", "Early");
    world.options.since = Some(1000);
    let report = world.sync();
    assert_eq!((report.left_out, report.uploaded), (1, 1), "{report}");
    assert_eq!(world.contents_here(), ["a", "in Early"]);
    assert_eq!(world.contents_there(), ["a", "a", "in Early"]);
    assert!(world.sync().is_nothing());
    // Without the limit both are on both sides.
    world.options.since = None;
    settle(&mut world, "without a limit");
    assert_eq!(copies(&world), 2);
}

#[test]
fn twoway_06_what_is_new_on_both_sides_and_cannot_be_fetched_in_two_runs_can_be_there_twice() {
    for kind in [server::Kind::imap, server::Kind::bare_imap] {
        let mut world = World::new(kind(), LOG);
        world.sync();
        let key = world.add_there("Inbox", "a", "");
        world.add_here("Inbox", "a", "");
        world.server.borrow_mut().unreadable.insert(key);
        let says_identity = kind().says_identity;
        assert_eq!(world.sync().uploaded, 0, "it waits for one run");
        // Where the server says which items are the same, nothing has to be fetched.
        let sent = u64::from(!says_identity);
        assert_eq!(world.sync().uploaded, sent, "and not for ever");
        world.server.borrow_mut().unreadable.clear();
        settle(&mut world, "it can be read again");
        assert_eq!(copies(&world), if says_identity { 1 } else { 2 });
    }
}
