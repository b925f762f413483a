//! Servers that say little: no token, no key of what was made, no identity. And answers that were lost in ways that only
//! they make hard. TWOWAY-03, -04, -05, -13, -15 and -29.

use crate::sim::chaos::{Chaos, Fault};
use crate::sim::world::{Op, Side, World};
use crate::sim::{server, store};

const LOG: store::Kind = store::Kind {
    has_log: true,
    rekeys: false,
};

const KINDS: [fn() -> server::Kind; 3] = [
    server::Kind::imap,
    server::Kind::bare_imap,
    server::Kind::jmap,
];

fn bare(store: store::Kind) -> World {
    World::new(server::Kind::bare_imap(), store)
}

/// Everything settles within two runs, and then nothing is written.
fn settle(world: &mut World, context: &str) {
    world.sync();
    world.sync();
    println!("{context}");
    world.assert_equal();
    world.assert_quiet();
}

fn folder_there(world: &World, name: &str) -> u32 {
    let server = world.server.borrow();
    let mut folders = server.folders.iter();
    *folders.find(|(_, f)| f.name == name).expect("there").0
}

fn folder_here(world: &World, name: &str) -> u32 {
    let store = world.store.borrow();
    let mut folders = store.folders.iter();
    *folders.find(|(_, f)| f.1 == name).expect("here").0
}

/// Somebody moves an item at the server; its new key.
fn move_there(world: &World, content: &str, folder: &str) -> u64 {
    let (key, to) = (world.key_there(content), folder_there(world, folder));
    let mut server = world.server.borrow_mut();
    let from = *server.items[&key].folders.first().expect("one");
    server.move_item(key, from, to)
}

fn move_here(world: &World, content: &str, folder: &str) {
    let (key, to) = (world.key_here(content), folder_here(world, folder));
    world.store.borrow_mut().move_item(key, to);
}

fn remove_here(world: &World, content: &str) {
    let key = world.key_here(content);
    world.store.borrow_mut().remove(key);
}

#[test]
fn twoway_13_a_move_at_a_server_without_identities_is_seen_by_the_content() {
    let mut world = bare(LOG);
    world.add_there("Inbox", "a", "");
    world.add_there("Inbox", "b", "");
    world.add_there("Work", "c", "");
    world.sync();
    let here = world.key_here("a");
    move_there(&world, "a", "Work");
    // It is changed here at the same time, and all the same it is one item.
    world.store.borrow_mut().touch(here).flags.insert("\\Seen");
    let report = world.sync();
    assert_eq!(report.deleted_local + report.uploaded, 0, "{report}");
    assert_eq!(world.key_here("a"), here, "it is the same item");
    world.assert_equal();
    assert_eq!(world.contents_there(), ["a", "b", "c"]);
    world.assert_quiet();
}

#[test]
fn twoway_13_a_move_of_ours_is_remembered_until_the_server_is_listed() {
    let mut world = bare(LOG);
    world.add_there("Inbox", "a", "");
    world.add_there("Work", "b", "");
    world.sync();
    move_here(&world, "a", "Work");
    let report = world.sync();
    assert_eq!(report.changed_remote, 1, "{report}");
    assert!(report.warnings.is_empty(), "{report}");
    // Before anybody has heard what it is called now.
    remove_here(&world, "a");
    settle(&mut world, "moved, then deleted");
    assert_eq!(world.contents_there(), ["b"]);
}

#[test]
fn twoway_04_what_was_sent_and_is_deleted_here_before_that_is_known_is_deleted_there() {
    for kind in KINDS {
        for fault in [Fault::KillBefore, Fault::KillAfter] {
            for call in 1..30 {
                let mut world = World::new(kind(), LOG);
                world.sync();
                world.add_here("Inbox", "new", "");
                world.run(&Chaos::at(call, fault)).0.ok();
                remove_here(&world, "new");
                settle(&mut world, &format!("{fault:?} at {call}"));
                assert!(world.contents_there().is_empty(), "{fault:?} at {call}");
            }
        }
    }
}

#[test]
fn twoway_04_what_did_not_arrive_claims_nobody_elses_item() {
    for call in 1..30 {
        let mut world = bare(LOG);
        world.sync();
        world.add_here("Inbox", "new", "");
        world.run(&Chaos::at(call, Fault::KillBefore)).0.ok();
        let has_arrived = !world.contents_there().is_empty();
        remove_here(&world, "new");
        world.sync();
        if has_arrived {
            continue;
        }
        // Somebody else has the same, later.
        world.add_there("Inbox", "new", "");
        settle(&mut world, &format!("call {call}"));
        assert_eq!(world.contents_there(), ["new"], "call {call}");
    }
}

#[test]
fn twoway_04_what_was_sent_is_found_where_it_was_moved_to_on_either_side() {
    for rekeys in [false, true] {
        let store = store::Kind {
            has_log: false,
            rekeys,
        };
        let mut world = bare(store);
        world.add_there("Work", "w", "");
        world.add_there("Play", "p", "");
        world.sync();
        world.add_here("Inbox", "new", "");
        world.sync();
        // It is there, and nobody knows yet what it is called.
        move_there(&world, "new", "Work");
        move_here(&world, "new", "Play");
        settle(&mut world, &format!("keys change: {rekeys}"));
        assert_eq!(world.contents_there(), ["new", "p", "w"]);
    }
}

#[test]
fn twoway_04_an_edit_that_was_sent_is_found_where_it_was_moved_to() {
    let mut world = bare(LOG);
    world.add_there("Work", "w", "");
    world.add_there("Inbox", "a", "");
    world.sync();
    let here = world.key_here("a");
    world.store.borrow_mut().edit(here, "a2");
    world.sync();
    let moved = move_there(&world, "a2", "Work");
    world
        .server
        .borrow_mut()
        .touch(moved)
        .flags
        .insert("\\Seen");
    settle(&mut world, "edited here, moved and marked there");
    assert_eq!(world.contents_there(), ["a2", "w"]);
    assert!(world.there()[0].2.contains("\\Seen"));
}

#[test]
fn twoway_04_what_was_edited_there_before_it_was_found_is_not_taken_for_what_was_sent() {
    let mut world = World::new(server::Kind::jmap(), LOG);
    world.sync();
    world.add_here("Inbox", "new", "");
    let mut call = 1;
    while world.contents_there().is_empty() {
        world.run(&Chaos::at(call, Fault::KillAfter)).0.ok();
        call += 1;
    }
    let key = world.key_there("new");
    world.server.borrow_mut().edit(key, "edited");
    settle(&mut world, "edited there");
    assert_eq!(world.contents_here(), ["edited"]);
}

#[test]
fn twoway_03_a_folder_whose_making_was_not_answered_is_not_made_again() {
    for kind in KINDS {
        for fault in [Fault::LostAfter, Fault::KillBefore, Fault::KillAfter] {
            for call in 1..30 {
                let mut world = World::new(kind(), LOG);
                world.sync();
                world.apply(Side::Server, &Op::MakeFolder(0));
                world.apply(Side::Store, &Op::MakeFolder(0));
                world.run(&Chaos::at(call, fault)).0.ok();
                settle(&mut world, &format!("{fault:?} at {call}"));
                let count = world.server.borrow().folders.len();
                assert_eq!(count, 3, "{fault:?} at {call}");
            }
        }
    }
}

#[test]
fn twoway_15_a_folder_that_must_come_back_is_made_once() {
    for kind in KINDS {
        for call in 1..30 {
            let mut world = World::new(kind(), LOG);
            world.add_there("Work", "w", "");
            world.sync();
            let id = folder_there(&world, "Work");
            world.server.borrow_mut().remove_folder(id);
            world.add_here("Work", "unsent", "");
            world.run(&Chaos::at(call, Fault::KillAfter)).0.ok();
            settle(&mut world, &format!("call {call}"));
            assert_eq!(world.contents_there(), ["unsent"], "call {call}");
            assert_eq!(world.server.borrow().folders.len(), 2, "call {call}");
        }
    }
}

#[test]
fn twoway_15_a_folder_with_something_in_it_at_the_server_comes_back() {
    let mut world = World::new(server::Kind::jmap(), LOG);
    world.add_there("Work", "w", "");
    world.add_there("Inbox", "m", "");
    world.sync();
    let key = world.key_there("m");
    let work = folder_there(&world, "Work");
    // `m` is in both folders there, and here in the Inbox.
    world.server.borrow_mut().touch(key).folders.insert(work);
    world.sync();
    let folder = folder_here(&world, "Work");
    world.store.borrow_mut().remove_folder(folder);
    let report = world.sync();
    assert!(super::told(&report, "it comes back"), "{report}");
    world.assert_equal();
    assert_eq!(world.contents_there(), ["m"]);
    world.assert_quiet();
}

#[test]
fn twoway_05_a_folder_that_was_made_again_has_other_keys_even_where_they_look_alike() {
    for call in 1..30 {
        let mut world = World::usual();
        for name in ["a", "b", "c"] {
            world.add_there("Work", name, "");
        }
        world.add_there("Inbox", "m", "");
        world.sync();
        let old = world.key_there("a");
        let id = folder_there(&world, "Work");
        world.server.borrow_mut().remove_folder(id);
        // What is gone is known, and is here still.
        world.run(&Chaos::at(call, Fault::KillBefore)).0.ok();
        let new = world.add_there("Work", "other", "");
        {
            let mut server = world.server.borrow_mut();
            let item = server.items.remove(&new).expect("made");
            server.items.insert(old, item);
        }
        settle(&mut world, &format!("call {call}"));
        assert!(world.contents_here().contains(&"other".to_owned()));
        assert!(world.contents_here().contains(&"m".to_owned()));
    }
}

#[test]
fn twoway_29_a_folder_that_is_renamed_during_a_run_loses_nothing() {
    for call in 1..30 {
        let mut world = World::usual();
        world.add_there("Work", "w", "");
        world.sync();
        world.add_there("Work", "new", "");
        remove_here(&world, "w");
        let chaos = Chaos::none();
        let server = world.server.clone();
        chaos.meanwhile(call, move || {
            let mut server = server.borrow_mut();
            let mut folders = server.folders.values_mut();
            let work = folders.find(|f| f.name == "Work").expect("there");
            work.name = "Renamed".to_owned();
        });
        world.run(&chaos).0.expect("it goes on");
        settle(&mut world, &format!("call {call}"));
        assert_eq!(world.contents_here(), ["new"], "call {call}");
    }
}
