//! Servers that say little: no token, no key of what was made, no identity. And answers that were lost in ways that only
//! they make hard. TWOWAY-03, -04, -05, -09, -13, -15 and -29.

use crate::sim::chaos::{Chaos, Fault};
use crate::sim::world::{Op, Side, World};
use crate::sim::{server, store};

pub(super) const LOG: store::Kind = store::Kind {
    has_log: true,
    rekeys: false,
};

pub(super) const KINDS: [fn() -> server::Kind; 3] = [
    server::Kind::imap,
    server::Kind::bare_imap,
    server::Kind::jmap,
];

pub(super) fn bare(store: store::Kind) -> World {
    World::new(server::Kind::bare_imap(), store)
}

/// Everything settles within two runs, and then nothing is written.
pub(super) fn settle(world: &mut World, context: &str) {
    world.sync();
    world.sync();
    println!("{context}");
    world.assert_equal();
    world.assert_quiet();
}

pub(super) fn folder_there(world: &World, name: &str) -> u32 {
    let server = world.server.borrow();
    let mut folders = server.folders.iter();
    *folders.find(|(_, f)| f.name == name).expect("there").0
}

pub(super) fn folder_here(world: &World, name: &str) -> u32 {
    let store = world.store.borrow();
    let mut folders = store.folders.iter();
    *folders.find(|(_, f)| f.1 == name).expect("here").0
}

/// Somebody moves an item at the server; its new key.
pub(super) fn move_there(world: &World, content: &str, folder: &str) -> u64 {
    let (key, to) = (world.key_there(content), folder_there(world, folder));
    let mut server = world.server.borrow_mut();
    let from = *server.items[&key].folders.first().expect("one");
    server.move_item(key, from, to)
}

pub(super) fn move_here(world: &World, content: &str, folder: &str) {
    let (key, to) = (world.key_here(content), folder_here(world, folder));
    world.store.borrow_mut().move_item(key, to);
}

pub(super) fn remove_here(world: &World, content: &str) {
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
fn twoway_04_what_was_sent_is_found_though_it_has_another_key_here_since() {
    let store = store::Kind {
        has_log: false,
        rekeys: true,
    };
    let mut world = bare(store);
    world.add_there("Play", "p", "");
    world.sync();
    world.add_here("Inbox", "new", "");
    // It is there, and nobody knows yet what it is called.
    world.sync();
    move_here(&world, "new", "Play");
    let report = world.sync();
    assert_eq!(report.uploaded + report.deleted_remote, 0, "{report}");
    settle(&mut world, "moved here");
    assert_eq!(world.contents_there(), ["new", "p"]);
}

#[test]
fn twoway_04_what_was_sent_and_has_another_key_since_waits_for_the_folder_that_it_was_sent_to() {
    for call in 1..30 {
        let mut world = bare(store::Kind {
            has_log: true,
            rekeys: true,
        });
        world.add_there("Work", "w", "");
        world.add_there("Play", "p", "");
        settle(&mut world, "both are there");
        world.add_here("Work", "a", "");
        world.sync();
        move_here(&world, "a", "Play");
        // While the server is listed, the folder gets another name.
        let chaos = Chaos::none();
        let (work, server) = (folder_there(&world, "Work"), world.server.clone());
        chaos.meanwhile(call, move || {
            let mut server = server.borrow_mut();
            server.folders.get_mut(&work).expect("there").name = "Works".to_owned();
        });
        world.run(&chaos).0.expect("nothing goes wrong");
        world.sync();
        settle(&mut world, &format!("renamed at {call}"));
        assert_eq!(world.contents_there(), ["a", "p", "w"], "renamed at {call}");
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

#[test]
fn twoway_03_what_was_changed_here_before_a_crash_is_no_change_of_people() {
    for call in 1..20 {
        let mut world = World::usual();
        world.add_there("Inbox", "a", "");
        world.add_there("Inbox", "b", "");
        world.sync();
        let key = world.key_there("a");
        world.server.borrow_mut().touch(key).flags.insert("\\Seen");
        world.run(&Chaos::at(call, Fault::KillAfter)).0.ok();
        world.server.borrow_mut().remove(key);
        settle(&mut world, &format!("call {call}"));
        assert_eq!(world.contents_here(), ["b"], "call {call}");
    }
}

#[test]
fn twoway_04_a_folder_that_is_not_listed_does_not_prove_that_nothing_arrived() {
    for call in 1..12 {
        let mut world = bare(LOG);
        world.sync();
        world.add_here("Inbox", "new", "");
        // It is sent, and nobody knows yet what it is called.
        world.sync();
        world.run(&Chaos::at(call, Fault::Item)).0.ok();
        settle(&mut world, &format!("call {call}"));
        assert_eq!(world.contents_there(), ["new"], "call {call}");
    }
}

#[test]
fn twoway_04_a_folder_that_is_not_listed_at_all_keeps_what_was_sent_to_it_in_mind() {
    let mut world = bare(LOG);
    world.add_there("Work", "w", "");
    world.sync();
    world.add_here("Work", "new", "");
    // It is sent, and nobody knows yet what it is called.
    world.sync();
    remove_here(&world, "new");
    let id = folder_there(&world, "Work");
    world.server.borrow_mut().folders_left_out.insert(id);
    world.sync();
    world.server.borrow_mut().folders_left_out.clear();
    settle(&mut world, "it is listed again");
    assert_eq!(world.contents_there(), ["w"]);
}

#[test]
fn twoway_09_our_own_edit_wins_over_no_deletion() {
    for call in 1..20 {
        let mut world = World::new(server::Kind::jmap(), LOG);
        world.add_there("Inbox", "a", "");
        world.add_there("Inbox", "b", "");
        world.sync();
        let here = world.key_here("a");
        world.store.borrow_mut().edit(here, "a2");
        world.run(&Chaos::at(call, Fault::KillAfter)).0.ok();
        world.store.borrow_mut().remove(here);
        settle(&mut world, &format!("call {call}"));
        assert_eq!(world.contents_there(), ["b"], "call {call}");
    }
}

#[test]
fn twoway_29_what_leaves_its_folder_before_it_is_fetched_may_be_what_was_sent() {
    for call in 1..20 {
        let mut world = bare(LOG);
        world.add_there("Work", "w", "");
        world.sync();
        world.add_here("Inbox", "new", "");
        // It is sent, and nobody knows yet what it is called.
        world.sync();
        let chaos = Chaos::none();
        let server = world.server.clone();
        let (key, to) = (world.key_there("new"), folder_there(&world, "Work"));
        chaos.meanwhile(call, move || {
            let mut server = server.borrow_mut();
            let from = *server.items[&key].folders.first().expect("one");
            server.move_item(key, from, to);
        });
        world.run(&chaos).0.expect("it goes on");
        settle(&mut world, &format!("call {call}"));
        assert_eq!(world.contents_there(), ["new", "w"], "call {call}");
    }
}

#[test]
fn twoway_29_an_edit_of_the_server_is_not_lost_with_a_run_that_moves_the_item_too() {
    for call in 1..25 {
        let mut world = World::new(server::Kind::jmap(), LOG);
        world.add_there("Inbox", "a", "");
        world.add_there("Work", "w", "");
        world.sync();
        let key = world.key_there("a");
        world.server.borrow_mut().edit(key, "a2");
        move_here(&world, "a", "Work");
        world.run(&Chaos::at(call, Fault::KillBefore)).0.ok();
        settle(&mut world, &format!("call {call}"));
        assert_eq!(world.contents_here(), ["a2", "w"], "call {call}");
    }
}

#[test]
fn twoway_19_what_a_server_changes_on_its_way_is_not_sent_at_every_run_for_ever() {
    let mut world = bare(LOG);
    world.server.borrow_mut().changes_contents = true;
    world.add_there("Inbox", "a", "");
    world.sync();
    world.add_here("Inbox", "new", "");
    let here = world.key_here("a");
    world.store.borrow_mut().edit(here, "edited");
    for _ in 0..32 {
        world.sync();
    }
    for name in ["new", "edited"] {
        let sent = world.contents_there();
        let count = sent.iter().filter(|one| one.starts_with(name)).count();
        assert!((1..8).contains(&count), "{count} of {name}");
        // What it was made of is here still.
        assert!(world.contents_here().contains(&name.to_owned()));
    }
}

#[test]
fn twoway_04_a_token_spares_a_look_at_the_contents() {
    // Nothing else tells which items are the same.
    let mut kind = server::Kind::imap();
    kind.says_identity = false;
    let mut world = World::new(kind, LOG);
    world.sync();
    world.add_here("Inbox", "new", "");
    let mut call = 1;
    while world.contents_there().is_empty() {
        world.run(&Chaos::at(call, Fault::KillAfter)).0.ok();
        call += 1;
    }
    let chaos = Chaos::none();
    world.run(&chaos).0.expect("nothing goes wrong");
    assert!(chaos.verbs().contains(&"find".to_owned()));
    assert!(!chaos.verbs().contains(&"fetch".to_owned()));
    assert_eq!(world.contents_there(), ["new"]);
    world.assert_equal();
}

#[test]
fn twoway_29_what_is_edited_there_while_it_is_deleted_here_stays() {
    for call in 1..12 {
        let mut world = World::new(server::Kind::jmap(), LOG);
        world.add_there("Inbox", "a", "");
        world.add_there("Inbox", "b", "");
        world.sync();
        remove_here(&world, "a");
        let (server, key) = (world.server.clone(), world.key_there("a"));
        let chaos = Chaos::none();
        let was_there = std::rc::Rc::new(std::cell::Cell::new(false));
        let seen = was_there.clone();
        chaos.meanwhile(call, move || {
            let mut server = server.borrow_mut();
            seen.set(server.items.contains_key(&key));
            if seen.get() {
                server.edit(key, "a2");
            }
        });
        world.run(&chaos).0.expect("it goes on");
        settle(&mut world, &format!("call {call}"));
        let has_edit = world.contents_here().contains(&"a2".to_owned());
        assert_eq!(has_edit, was_there.get(), "call {call}");
    }
}

#[test]
fn twoway_13_a_move_here_before_the_item_had_a_name_is_a_move() {
    let store = store::Kind {
        has_log: false,
        rekeys: true,
    };
    for call in 1..25 {
        let mut world = World::new(server::Kind::imap(), store);
        world.add_there("Work", "w", "");
        world.sync();
        world.add_here("Inbox", "new", "");
        let chaos = Chaos::none();
        let store = world.store.clone();
        let (key, to) = (world.key_here("new"), folder_here(&world, "Work"));
        chaos.meanwhile(call, move || {
            store.borrow_mut().move_item(key, to);
        });
        world.run(&chaos).0.expect("it goes on");
        if world.contents_there().contains(&"new".to_owned()) {
            let key = world.key_there("new");
            world.server.borrow_mut().touch(key).flags.insert("\\Seen");
        }
        settle(&mut world, &format!("call {call}"));
        assert_eq!(world.contents_there(), ["new", "w"], "call {call}");
    }
}
