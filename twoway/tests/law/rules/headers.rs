//! Runs for headers only: what a header does not say is found out all the same. TWOWAY-04, -06 and -13.

use super::bare::{KINDS, LOG, move_there, settle};
use crate::sim::world::World;

/// Everything is there once, after runs for headers and one for all.
fn settle_once(world: &mut World, context: &str) {
    world.options.scope.headers_only = true;
    world.sync();
    world.sync();
    world.options.scope.headers_only = false;
    settle(world, context);
    let contents = world.contents_there();
    let mut once = contents.clone();
    once.dedup();
    assert_eq!(contents, once, "{context}");
}

#[test]
fn twoway_13_a_move_is_seen_by_a_run_for_headers() {
    for kind in KINDS {
        let mut world = World::new(kind(), LOG);
        world.add_there("Early", "in Early", "");
        world.add_there("Late", "a", "");
        world.sync();
        let key = world.key_here("a");
        world.store.borrow_mut().touch(key).flags.insert("\\Seen");
        move_there(&world, "a", "Early");
        settle_once(&mut world, "moved there, changed here");
        assert_eq!(world.key_here("a"), key, "it is the same item");
    }
}

#[test]
fn twoway_04_what_was_sent_is_no_new_header() {
    for kind in KINDS {
        let mut world = World::new(kind(), LOG);
        world.sync();
        world.add_here("Inbox", "new", "");
        settle_once(&mut world, "sent");
        assert_eq!(world.contents_there(), ["new"]);
    }
}

#[test]
fn twoway_06_what_is_new_on_both_sides_is_one_item_for_a_run_for_headers() {
    for kind in KINDS {
        let mut world = World::new(kind(), LOG);
        world.add_there("Inbox", "a", "");
        world.add_here("Inbox", "a", "");
        settle_once(&mut world, "new on both sides");
        assert_eq!(world.contents_there(), ["a"]);
    }
}
