//! Folders that keep some flags only, as `PERMANENTFLAGS` says. TWOWAY-09, -11 and -20.

use mapi_provider_twoway::Flags;

use super::bare::{LOG, move_here, move_there};
use super::told;
use crate::sim::chaos::Chaos;
use crate::sim::server;
use crate::sim::store;
use crate::sim::world::World;

const STORES: [store::Kind; 2] = [
    LOG,
    store::Kind {
        has_log: false,
        rekeys: false,
    },
];

/// A server whose folder `Few` keeps what was read and flagged, and nothing else.
fn world(store: store::Kind) -> World {
    let world = World::new(server::Kind::imap(), store);
    world.add_there("Few", "in Few", "");
    world.add_there("Many", "in Many", "");
    let few = super::bare::folder_there(&world, "Few");
    let kept = ["\\Seen", "\\Flagged"].into_iter().collect();
    world.server.borrow_mut().kept_flags.insert(few, kept);
    world
}

fn flags_there(world: &World, content: &str) -> Flags {
    let all = world.there();
    let found = all.into_iter().find(|item| item.1 == content);
    found.expect("there").2
}

fn flags_here(world: &World, content: &str) -> Flags {
    let all = world.here();
    let found = all.into_iter().find(|item| item.1 == content);
    found.expect("here").2
}

fn flags(text: &str) -> Flags {
    text.split_whitespace().collect()
}

/// Two more runs write nothing at the server.
fn assert_settled(world: &mut World) {
    for _ in 0..2 {
        let chaos = Chaos::none();
        world.run(&chaos).0.expect("nothing goes wrong");
        assert_eq!(chaos.writes(), <[String; 0]>::default());
    }
}

#[test]
fn twoway_20_flags_that_a_folder_can_not_keep_stay_here_and_are_told() {
    for store in STORES {
        let mut world = world(store);
        world.sync();
        let few = super::bare::folder_here(&world, "Few");
        let new = world
            .store
            .borrow_mut()
            .add(few, "new", flags("\\Seen $Work"));
        let old = world.key_here("in Few");
        world.store.borrow_mut().touch(old).flags = flags("\\Flagged $Work");
        let report = world.sync();
        assert!(told(&report, "some flags stay here"), "{report}");
        assert_settled(&mut world);
        assert_eq!(flags_there(&world, "new"), flags("\\Seen"));
        assert_eq!(flags_here(&world, "new"), flags("\\Seen $Work"));
        assert_eq!(flags_there(&world, "in Few"), flags("\\Flagged"));
        assert_eq!(flags_here(&world, "in Few"), flags("\\Flagged $Work"));
        // Others still go both ways.
        let there = world.key_there("new");
        world
            .server
            .borrow_mut()
            .touch(there)
            .flags
            .remove("\\Seen");
        world
            .store
            .borrow_mut()
            .touch(new)
            .flags
            .insert("\\Flagged");
        world.sync();
        assert_settled(&mut world);
        assert_eq!(flags_there(&world, "new"), flags("\\Flagged"));
        assert_eq!(flags_here(&world, "new"), flags("\\Flagged $Work"));
        // And what stays here can be taken away here.
        world.store.borrow_mut().touch(new).flags.remove("$Work");
        world.sync();
        assert_settled(&mut world);
        assert_eq!(flags_here(&world, "new"), flags("\\Flagged"));
    }
}

#[test]
fn twoway_20_flags_that_stay_here_from_the_first_are_in_nobodys_way() {
    for store in STORES {
        let mut world = world(store);
        world.sync();
        let few = super::bare::folder_here(&world, "Few");
        let flags_of_new = flags("\\Seen $Work");
        let new = world.store.borrow_mut().add(few, "new", flags_of_new);
        world.sync();
        // Nothing is done here from now on: the store tells no news of it.
        let there = world.key_there("new");
        let mark = |flags: &str| world.server.borrow_mut().touch(there).flags = self::flags(flags);
        mark("\\Flagged");
        let report = world.sync();
        assert!(!told(&report, "changed meanwhile"), "{report}");
        assert_settled(&mut world);
        assert_eq!(flags_there(&world, "new"), flags("\\Flagged"));
        assert_eq!(flags_here(&world, "new"), flags("\\Flagged $Work"));
        // Nor does it keep anybody from deleting it.
        world.store.borrow_mut().remove(new);
        world.sync();
        assert_settled(&mut world);
        assert_eq!(world.there().len(), 2);
    }
}

#[test]
fn twoway_11_what_a_folder_can_not_keep_is_not_taken_away_here() {
    for store in STORES {
        for is_moved_here in [false, true] {
            let mut world = world(store);
            world.add_there("Many", "a", "\\Seen $Work");
            world.sync();
            if is_moved_here {
                move_here(&world, "a", "Few");
            } else {
                move_there(&world, "a", "Few");
            }
            world.sync();
            world.sync();
            assert_settled(&mut world);
            assert_eq!(flags_there(&world, "a"), flags("\\Seen"));
            assert_eq!(flags_here(&world, "a"), flags("\\Seen $Work"));
            // In a folder that keeps it, the server has it again.
            move_here(&world, "a", "Many");
            world.sync();
            world.sync();
            assert_eq!(flags_here(&world, "a"), flags("\\Seen $Work"));
            world.assert_equal();
            world.assert_quiet();
        }
    }
}

#[test]
fn twoway_09_a_flag_that_the_server_can_not_have_wins_over_no_deletion() {
    for store in STORES {
        let mut world = world(store);
        world.sync();
        let here = world.key_here("in Few");
        world.store.borrow_mut().touch(here).flags = flags("$Work");
        world.sync();
        let there = world.key_there("in Few");
        world.server.borrow_mut().remove(there);
        world.sync();
        assert_eq!(world.contents_here(), ["in Many"]);
        assert_settled(&mut world);
    }
}
