//! What is not where it was at the server is gone only once it would have been seen wherever else it could be: it is neither
//! sent again nor deleted before (TWOWAY-04, -07, -13 and -29).

use super::bare::{KINDS, LOG, bare, folder_here, folder_there, move_here, move_there, settle};
use crate::sim::chaos::{Chaos, Fault};
use crate::sim::world::{Op, Side, World};
use crate::sim::{server, store};

/// An item `a` in a folder, and one more in another; both sides have them.
fn two_folders(kind: server::Kind, from: &str, to: &str) -> World {
    let mut world = World::new(kind, LOG);
    for name in ["Early", "Late"] {
        world.add_there(name, &format!("in {name}"), "");
    }
    world.add_there(from, "a", "");
    world.sync();
    assert_ne!(from, to);
    world
}

fn mark_here(world: &World, content: &str) {
    let key = world.key_here(content);
    world.store.borrow_mut().touch(key).flags.insert("\\Seen");
}

/// Somebody moves `a` at the server, at a call of the next run, unless it is gone by then.
fn moves_meanwhile(world: &World, call: u32, to: &str) -> Chaos {
    let chaos = Chaos::none();
    let (server, to) = (world.server.clone(), folder_there(world, to));
    chaos.meanwhile(call, move || {
        let mut server = server.borrow_mut();
        let found = server.items.iter().find(|(_, item)| item.content == "a");
        if let Some((key, from)) =
            found.map(|(key, item)| (*key, *item.folders.first().expect("one")))
        {
            server.move_item(key, from, to);
        }
    });
    chaos
}

const ALL: [&str; 3] = ["a", "in Early", "in Late"];

#[test]
fn twoway_29_what_is_moved_while_the_server_is_listed_is_one_item() {
    for kind in KINDS {
        for (from, to) in [("Early", "Late"), ("Late", "Early")] {
            for is_marked in [false, true] {
                for call in 1..25 {
                    let context = format!("from {from} to {to}, marked: {is_marked}, call {call}");
                    let mut world = two_folders(kind(), from, to);
                    if is_marked {
                        mark_here(&world, "a");
                    }
                    let here = world.key_here("a");
                    let chaos = moves_meanwhile(&world, call, to);
                    let (ended, first) = world.run(&chaos);
                    ended.expect("it goes on");
                    let second = world.sync();
                    settle(&mut world, &context);
                    assert_eq!(world.contents_there(), ALL, "{context}");
                    // TWOWAY-13: there is never none of it here, and it is not fetched anew.
                    assert_eq!(world.key_here("a"), here, "{context}");
                    let deleted = first.deleted_local + second.deleted_local;
                    assert_eq!(deleted, 0, "{context}");
                }
            }
        }
    }
}

#[test]
fn twoway_13_what_may_be_in_a_folder_that_is_not_listed_is_not_gone() {
    for kind in KINDS {
        for is_marked in [false, true] {
            for call in 1..25 {
                let context = format!("marked: {is_marked}, call {call}");
                let mut world = two_folders(kind(), "Early", "Late");
                if is_marked {
                    mark_here(&world, "a");
                }
                let here = world.key_here("a");
                let key = world.key_there("a");
                if kind().abilities.per_folder {
                    move_there(&world, "a", "Late");
                } else {
                    let (from, to) = (folder_there(&world, "Early"), folder_there(&world, "Late"));
                    world.server.borrow_mut().move_item(key, from, to);
                }
                world.run(&Chaos::at(call, Fault::Item)).0.ok();
                settle(&mut world, &context);
                assert_eq!(world.contents_there(), ALL, "{context}");
                assert_eq!(world.key_here("a"), here, "{context}");
            }
        }
    }
}

#[test]
fn twoway_13_what_may_be_in_a_folder_that_the_server_leaves_out_waits_for_one_run() {
    let mut world = two_folders(server::Kind::imap(), "Early", "Late");
    mark_here(&world, "a");
    let id = folder_there(&world, "Late");
    move_there(&world, "a", "Late");
    world.server.borrow_mut().folders_left_out.insert(id);
    let report = world.sync();
    assert!(super::told(&report, "nobody can look now"), "{report}");
    assert_eq!(report.uploaded, 0, "{report}");
    world.server.borrow_mut().folders_left_out.clear();
    settle(&mut world, "it is listed again");
    assert_eq!(world.contents_there(), ALL);
}

#[test]
fn twoway_19_nothing_waits_for_ever_for_a_folder_that_is_never_listed() {
    let mut world = two_folders(server::Kind::imap(), "Early", "Late");
    let id = folder_there(&world, "Late");
    world.server.borrow_mut().folders_left_out.insert(id);
    let key = world.key_there("a");
    world.server.borrow_mut().remove(key);
    assert_eq!(world.sync().deleted_local, 0);
    assert_eq!(world.sync().deleted_local, 1);
    assert_eq!(world.contents_here(), ["in Early", "in Late"]);
}

#[test]
fn twoway_13_what_can_not_be_fetched_where_it_is_new_is_not_gone_where_it_was() {
    for is_marked in [false, true] {
        let mut world = two_folders(server::Kind::bare_imap(), "Early", "Late");
        if is_marked {
            mark_here(&world, "a");
        }
        let here = world.key_here("a");
        move_there(&world, "a", "Late");
        world.server.borrow_mut().refused.insert("a".to_owned());
        let report = world.sync();
        assert!(super::told(&report, "nobody can look now"), "{report}");
        assert_eq!(report.uploaded + report.deleted_local, 0, "{report}");
        world.server.borrow_mut().refused.clear();
        settle(&mut world, "it can be fetched again");
        assert_eq!(world.contents_there(), ALL);
        assert_eq!(world.key_here("a"), here);
    }
}

#[test]
fn twoway_29_a_folder_that_is_made_or_renamed_meanwhile_may_have_it() {
    for kind in [server::Kind::imap, server::Kind::bare_imap] {
        for (is_new, is_marked) in [(false, true), (true, true), (true, false)] {
            for call in 1..20 {
                let context = format!("new: {is_new}, marked: {is_marked}, call {call}");
                // The Inbox is listed first, so that only the folders themselves are to be listed once more.
                let home = if is_new { "Inbox" } else { "Early" };
                let mut world = two_folders(kind(), home, "Late");
                if is_marked {
                    mark_here(&world, "a");
                }
                let here = world.key_here("a");
                let chaos = Chaos::none();
                let (server, key) = (world.server.clone(), world.key_there("a"));
                let (from, late) = (folder_there(&world, home), folder_there(&world, "Late"));
                chaos.meanwhile(call, move || {
                    let mut server = server.borrow_mut();
                    let to = if is_new {
                        server.make_folder(None, "New")
                    } else {
                        server.folders.get_mut(&late).expect("there").name = "Renamed".to_owned();
                        late
                    };
                    if server.items.contains_key(&key) {
                        server.move_item(key, from, to);
                    }
                });
                world.run(&chaos).0.expect("it goes on");
                settle(&mut world, &context);
                assert_eq!(world.contents_there(), ALL, "{context}");
                assert_eq!(world.key_here("a"), here, "{context}");
            }
        }
    }
}

#[test]
fn twoway_04_what_was_sent_and_is_moved_while_the_server_is_listed_is_not_sent_again() {
    for (from, to) in [("Early", "Late"), ("Late", "Early")] {
        for call in 1..25 {
            let context = format!("from {from} to {to}, call {call}");
            let mut world = bare(LOG);
            for name in ["Early", "Late"] {
                world.add_there(name, &format!("in {name}"), "");
            }
            world.sync();
            world.add_here(from, "a", "");
            // It is sent, and nobody knows yet what it is called.
            world.sync();
            let chaos = moves_meanwhile(&world, call, to);
            world.run(&chaos).0.expect("it goes on");
            settle(&mut world, &context);
            assert_eq!(world.contents_there(), ALL, "{context}");
        }
    }
}

#[test]
fn twoway_29_what_is_new_and_is_moved_on_before_it_is_fetched_may_be_what_was_moved() {
    for call in 1..20 {
        // All others are listed after the folder that it was in.
        let mut world = two_folders(server::Kind::bare_imap(), "Inbox", "Late");
        mark_here(&world, "a");
        move_there(&world, "a", "Late");
        let chaos = moves_meanwhile(&world, call, "Early");
        world.run(&chaos).0.expect("it goes on");
        settle(&mut world, &format!("call {call}"));
        assert_eq!(world.contents_there(), ALL, "call {call}");
    }
}

#[test]
fn twoway_13_what_was_moved_on_both_sides_is_one_item() {
    let store = store::Kind {
        has_log: false,
        rekeys: true,
    };
    let mut kind = server::Kind::imap();
    kind.says_identity = false;
    for is_fetched in [true, false] {
        for kill in 1..20 {
            let context = format!("fetched: {is_fetched}, killed at {kill}");
            let mut world = World::new(kind, store);
            for name in ["Early", "Late"] {
                world.add_there(name, &format!("in {name}"), "");
            }
            world.sync();
            world.add_here("Inbox", "a", "");
            world.run(&Chaos::at(kill, Fault::KillBefore)).0.ok();
            // The store may not have heard which pair it belongs to, and gives it another key.
            move_here(&world, "a", "Early");
            if world.contents_there().contains(&"a".to_owned()) {
                move_there(&world, "a", "Late");
            }
            if !is_fetched {
                world.server.borrow_mut().refused.insert("a".to_owned());
                world.sync();
                world.server.borrow_mut().refused.clear();
            }
            settle(&mut world, &context);
            assert_eq!(world.contents_there(), ALL, "{context}");
        }
    }
}

#[test]
fn twoway_09_an_edit_that_was_sent_and_deleted_with_its_folder_does_not_come_back() {
    for kind in KINDS {
        for kill in 9..14 {
            for call in 10..20 {
                let context = format!("killed at {kill}, then {call} fails");
                let mut world = two_folders(kind(), "Early", "Late");
                let here = world.key_here("a");
                move_here(&world, "a", "Late");
                world.store.borrow_mut().edit(here, "a2");
                world.run(&Chaos::at(kill, Fault::KillAfter)).0.ok();
                let folder = folder_here(&world, "Late");
                world.store.borrow_mut().remove_folder(folder);
                world.apply(Side::Server, &Op::Add(0));
                world.run(&Chaos::at(call, Fault::Item)).0.ok();
                settle(&mut world, &context);
                assert_eq!(world.contents_there(), ["c1", "in Early"], "{context}");
            }
        }
    }
}

#[test]
fn twoway_14_a_folder_goes_into_one_that_is_made_for_it() {
    for kind in KINDS {
        for call in 1..30 {
            let mut world = World::new(kind(), LOG);
            world.add_there("Work", "w", "");
            world.sync();
            // The one above it is newer than it, and may fail to be made at first.
            let work = folder_here(&world, "Work");
            let above = world.store.borrow_mut().make_folder(None, "Above");
            let place = (Some(above), "Work".to_owned());
            world.store.borrow_mut().folders.insert(work, place);
            let chaos = Chaos::at(call, Fault::Item);
            world.run(&chaos).0.ok();
            if chaos.calls() < call {
                // Nothing went wrong, and one run was enough.
                world.assert_equal();
            }
            settle(&mut world, &format!("call {call}"));
            assert_eq!(world.there()[0].0, ["Above/Work".to_owned()].into());
        }
    }
}

#[test]
fn twoway_03_what_is_moved_back_before_our_move_is_known_is_moved_back() {
    for has_log in [false, true] {
        let store = store::Kind {
            has_log,
            rekeys: false,
        };
        let mut world = bare(store);
        world.add_there("Late", "b", "");
        world.add_there("Inbox", "a", "");
        world.sync();
        move_here(&world, "a", "Late");
        // It is moved, and nobody knows yet what it is called.
        world.sync();
        move_here(&world, "a", "Inbox");
        let key = world.key_there("a");
        world.server.borrow_mut().touch(key).flags.insert("\\Seen");
        settle(&mut world, &format!("with a log: {has_log}"));
        let (path, _, flags) = world.here()[0].clone();
        assert_eq!(path, "Inbox");
        assert!(flags.contains("\\Seen"));
    }
}
