//! A store that is put back without its state. TWOWAY-06.

use super::bare::settle;
use super::told;
use crate::sim::server;
use crate::sim::store;
use crate::sim::world::World;

const COMPARED: store::Kind = store::Kind {
    has_log: false,
    rekeys: false,
};

#[test]
fn twoway_06_an_older_store_beside_a_newer_state_deletes_nothing() {
    for kind in [server::Kind::imap, server::Kind::bare_imap] {
        let mut world = World::new(kind(), COMPARED);
        for number in 0..9 {
            world.add_there("Inbox", &format!("m{number}"), "");
        }
        world.sync();
        let old = world.store.borrow().clone();
        world.add_there("Inbox", "new", "");
        world.add_here("Inbox", "made", "");
        world.sync();
        world.sync();
        world.assert_equal();
        // What is new since is few: no gate would mind.
        *world.store.borrow_mut() = old;
        let report = world.sync();
        assert_eq!(report.deleted_remote + report.deleted_local, 0, "{report}");
        assert!(told(&report, "older or newer"), "{report}");
        settle(&mut world, "put back");
        assert_eq!(world.contents_there().len(), 11);
        // That is told once.
        assert!(!told(&world.sync(), "older or newer"));
    }
}

#[test]
fn twoway_06_what_is_deleted_after_a_run_that_did_nothing_is_deleted_still() {
    let mut world = World::new(server::Kind::imap(), COMPARED);
    for number in 0..9 {
        world.add_there("Inbox", &format!("m{number}"), "");
    }
    world.sync();
    let copy = world.store.borrow().clone();
    world.assert_quiet();
    // A copy of the same moment is as good.
    *world.store.borrow_mut() = copy;
    let key = world.key_here("m3");
    world.store.borrow_mut().remove(key);
    assert_eq!(world.sync().deleted_remote, 1);
    settle(&mut world, "deleted");
}
