//! What a crash, a lost answer, new keys or a lost state mean: TWOWAY-02 to TWOWAY-06.

use super::bare::{KINDS, LOG, bare, move_there, settle};
use super::filled;
use crate::sim::chaos::{Chaos, Fault};
use crate::sim::world::World;
use crate::sim::{server, store};

#[test]
fn twoway_02_a_second_run_does_nothing() {
    for kind in [
        server::Kind::imap(),
        server::Kind::bare_imap(),
        server::Kind::jmap(),
    ] {
        for has_log in [false, true] {
            let store = store::Kind {
                has_log,
                rekeys: false,
            };
            let mut world = World::new(kind, store);
            world.add_there("Inbox", "a", "\\Seen");
            world.add_there("Work", "b", "$x");
            world.add_here("Play", "c", "\\Flagged");
            world.sync();
            if kind.says_keys {
                world.assert_quiet();
            }
            world.sync();
            world.assert_equal();
            world.assert_quiet();
        }
    }
}

#[test]
fn twoway_04_an_upload_whose_answer_was_lost_is_found_and_not_repeated() {
    for kind in [
        server::Kind::imap(),
        server::Kind::bare_imap(),
        server::Kind::jmap(),
    ] {
        for call in 1..40 {
            let store = store::Kind {
                has_log: true,
                rekeys: false,
            };
            let mut world = World::new(kind, store);
            world.sync();
            world.add_here("Inbox", "new", "\\Seen");
            world.add_here("Inbox", "newer", "");
            world
                .run(&Chaos::at(call, Fault::LostAfter))
                .0
                .expect("it connects again");
            world.sync();
            world.assert_equal();
            assert_eq!(world.contents_there(), ["new", "newer"], "call {call}");
        }
    }
}

#[test]
fn twoway_04_the_token_is_journalled_before_anything_is_sent() {
    let mut world = World::usual();
    world.sync();
    world.add_here("Inbox", "new", "");
    let first = {
        let chaos = Chaos::none();
        let mut other = World::usual();
        other.sync();
        other.add_here("Inbox", "new", "");
        other.run(&chaos).0.expect("nothing goes wrong");
        // Points are calls too: `put` is the call after the journal's.
        chaos.calls()
    };
    for call in 1..=first {
        world.run(&Chaos::at(call, Fault::KillAfter)).0.ok();
        let rows: i64 = world
            .state
            .as_ref()
            .expect("kept")
            .query_row(
                "SELECT count(*) FROM twoway_journal WHERE kind = 1",
                [],
                |r| r.get(0),
            )
            .expect("counted");
        let pairs: i64 = world
            .state
            .as_ref()
            .expect("kept")
            .query_row("SELECT count(*) FROM twoway_pair", [], |r| r.get(0))
            .expect("counted");
        let is_there = !world.contents_there().is_empty();
        assert!(
            !is_there || rows + pairs > 0,
            "sent, and nobody knows of it"
        );
    }
    world.sync();
    assert_eq!(world.contents_there(), ["new"]);
}

#[test]
fn twoway_05_new_keys_delete_nothing_and_known_items_are_not_fetched_again() {
    let mut world = filled(6);
    world.server.borrow_mut().new_validity();
    let chaos = Chaos::none();
    let (ended, report) = world.run(&chaos);
    ended.expect("nothing goes wrong");
    assert!(report.is_nothing(), "{report}");
    assert!(!chaos.verbs().contains(&"fetch".to_owned()));
    world.assert_equal();
    world.assert_quiet();
}

#[test]
fn twoway_05_without_identities_known_items_are_compared_and_nothing_is_doubled() {
    let store = store::Kind {
        has_log: true,
        rekeys: false,
    };
    let mut world = World::new(server::Kind::bare_imap(), store);
    for name in ["a", "b", "c"] {
        world.add_there("Inbox", name, "");
    }
    world.sync();
    world.server.borrow_mut().new_validity();
    world.sync();
    world.assert_equal();
    assert_eq!(world.contents_here(), ["a", "b", "c"]);
    world.assert_quiet();
}

#[test]
fn twoway_05_what_was_moved_before_its_folder_got_new_keys_is_one_item() {
    for fault in [None, Some(Fault::Item)] {
        for call in 1..25 {
            let mut world = bare(LOG);
            for (folder, name) in [("Early", "a"), ("Late", "b"), ("Early", "c")] {
                world.add_there(folder, name, "");
            }
            world.sync();
            move_there(&world, "a", "Late");
            world.server.borrow_mut().new_validity();
            let chaos = fault.map_or_else(Chaos::none, |fault| Chaos::at(call, fault));
            world.run(&chaos).0.ok();
            settle(&mut world, &format!("{fault:?} at {call}"));
            assert_eq!(
                world.contents_there(),
                ["a", "b", "c"],
                "{fault:?} at {call}"
            );
            if fault.is_none() {
                break;
            }
        }
    }
}

#[test]
fn twoway_06_what_can_not_be_fetched_may_be_what_is_new_here() {
    for kind in KINDS {
        for call in 1..25 {
            let mut world = World::new(kind(), LOG);
            for name in ["a", "b"] {
                world.add_there("Inbox", name, "");
                world.add_here("Inbox", name, "");
            }
            world.run(&Chaos::at(call, Fault::Item)).0.ok();
            world.sync();
            world.sync();
            let context = format!("{:?} call {call}", kind());
            assert_eq!(world.contents_there(), ["a", "b"], "{context}");
            assert_eq!(world.contents_here(), ["a", "b"], "{context}");
        }
    }
}

#[test]
fn twoway_05_a_box_made_anew_with_other_mail_deletes_nothing() {
    let mut world = filled(5);
    {
        let mut server = world.server.borrow_mut();
        let keys: Vec<u64> = server.items.keys().copied().collect();
        for key in keys {
            server.remove(key);
        }
    }
    world.add_there("Inbox", "other", "");
    world.server.borrow_mut().new_validity();
    let report = world.sync();
    assert_eq!(report.deleted_local + report.deleted_remote, 0);
    world.assert_equal();
    assert_eq!(
        world.contents_here(),
        ["m1", "m2", "m3", "m4", "m5", "other"]
    );
}

#[test]
fn twoway_06_a_lost_state_merges_and_deletes_nothing() {
    for kind in [
        server::Kind::imap(),
        server::Kind::bare_imap(),
        server::Kind::jmap(),
    ] {
        for has_log in [false, true] {
            let store = store::Kind {
                has_log,
                rekeys: false,
            };
            let mut world = World::new(kind, store);
            for name in ["a", "b", "c", "d"] {
                world.add_there("Work", name, "");
            }
            world.sync();
            world.lose_state();
            let (a, b) = (world.key_there("a"), world.key_here("b"));
            world.server.borrow_mut().remove(a);
            world.store.borrow_mut().remove(b);
            let c = world.key_here("c");
            world.store.borrow_mut().touch(c).flags.insert("\\Seen");
            let report = world.sync();
            assert_eq!(report.deleted_local + report.deleted_remote, 0);
            world.sync();
            world.assert_equal();
            assert_eq!(world.contents_there(), ["a", "b", "c", "d"]);
            assert!(world.there()[2].2.contains("\\Seen"));
            world.assert_quiet();
        }
    }
}

#[test]
fn twoway_06_a_store_that_was_copied_is_another_one() {
    let mut world = filled(5);
    world.store.borrow_mut().name = "copy".to_owned();
    let keys: Vec<u32> = world.store.borrow().items.keys().copied().collect();
    for key in keys {
        world.store.borrow_mut().remove(key);
    }
    let report = world.sync();
    assert_eq!(report.deleted_remote, 0);
    world.assert_equal();
}
