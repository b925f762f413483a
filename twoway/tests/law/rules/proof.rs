//! What is gone, and what is believed: TWOWAY-07 and TWOWAY-08.

use super::{filled, told};
use crate::sim::world::World;
use crate::sim::{server, store};

#[test]
fn twoway_07_what_a_listing_leaves_out_is_not_gone() {
    let store = store::Kind {
        has_log: false,
        rekeys: false,
    };
    let mut world = World::new(server::Kind::bare_imap(), store);
    for number in 0..20 {
        world.add_there("Inbox", &format!("m{number}"), "");
    }
    world.sync();
    let key = world.key_there("m7");
    world.server.borrow_mut().left_out.insert(key);
    let report = world.sync();
    assert_eq!(report.deleted_local, 0);
    assert!(told(&report, "fewer items"), "{report}");
    // The same of the local side.
    let key = world.key_here("m8");
    world.server.borrow_mut().left_out.clear();
    world.store.borrow_mut().left_out.insert(key);
    let report = world.sync();
    assert_eq!(report.deleted_remote, 0);
    assert!(told(&report, "fewer items"), "{report}");
    world.store.borrow_mut().left_out.clear();
    world.assert_quiet();
}

#[test]
fn twoway_07_a_folder_that_a_listing_leaves_out_is_gone_only_if_it_can_not_be_opened() {
    let mut world = filled(3);
    world.add_there("Work", "w", "");
    world.sync();
    let id = {
        let server = world.server.borrow();
        *server
            .folders
            .iter()
            .find(|(_, f)| f.name == "Work")
            .expect("there")
            .0
    };
    world.server.borrow_mut().folders_left_out.insert(id);
    let report = world.sync();
    assert!(report.is_nothing(), "{report}");
    assert!(told(&report, "does not list"), "{report}");
    world.server.borrow_mut().folders_left_out.clear();
    world.assert_quiet();
    world.server.borrow_mut().remove_folder(id);
    world.sync();
    world.assert_equal();
    assert_eq!(world.contents_here(), ["m1", "m2", "m3"]);
}

#[test]
fn twoway_08_a_side_that_is_suddenly_empty_wipes_nothing_until_somebody_says_so() {
    for side in 0..2 {
        let mut world = filled(12);
        if side == 0 {
            let keys: Vec<u64> = world.server.borrow().items.keys().copied().collect();
            for key in keys {
                world.server.borrow_mut().remove(key);
            }
        } else {
            let keys: Vec<u32> = world.store.borrow().items.keys().copied().collect();
            for key in keys {
                world.store.borrow_mut().remove(key);
            }
        }
        for _ in 0..2 {
            let report = world.sync();
            assert!(report.is_nothing(), "{report}");
            assert!(told(&report, "12 of 12 items are gone"), "{report}");
        }
        assert_eq!(
            world.contents_here().len() + world.contents_there().len(),
            12
        );
        world.options.allow_mass_deletion = true;
        world.sync();
        world.assert_equal();
        assert!(world.contents_here().is_empty());
    }
}

#[test]
fn twoway_08_most_of_a_side_is_not_believed_either() {
    let mut world = filled(12);
    for number in 1..=7 {
        let key = world.key_there(&format!("m{number}"));
        world.server.borrow_mut().remove(key);
    }
    let report = world.sync();
    assert!(report.is_nothing(), "{report}");
    assert!(told(&report, "7 of 12"), "{report}");
}
