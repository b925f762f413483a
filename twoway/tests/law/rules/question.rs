//! What an earlier run has left open is asked, and a question that fails is no answer: neither yes nor no.

use super::bare::{KINDS, LOG, move_here, remove_here, settle};
use crate::sim::chaos::{Chaos, Fault};
use crate::sim::world::{Op, Side, World};

#[test]
fn twoway_04_a_question_that_fails_is_no_answer() {
    for kind in KINDS {
        for call in 1..25 {
            let mut world = World::new(kind(), LOG);
            world.sync();
            world.add_here("Inbox", "new", "");
            world.run(&Chaos::at(9, Fault::KillAfter)).0.ok();
            remove_here(&world, "new");
            world.apply(Side::Store, &Op::MakeFolder(0));
            world.run(&Chaos::at(call, Fault::Item)).0.ok();
            settle(&mut world, &format!("call {call}"));
            assert!(world.contents_there().is_empty(), "call {call}");
        }
    }
}

#[test]
fn twoway_03_what_is_not_known_of_an_earlier_run_is_not_decided_about() {
    for kind in KINDS {
        for kill in (8..32).step_by(2) {
            for call in 3..14 {
                let context = format!("killed after {kill}, then {call} fails");
                let mut world = World::new(kind(), LOG);
                for name in ["a", "b", "c"] {
                    world.add_there("Inbox", name, "");
                }
                world.add_there("Work", "w", "");
                world.sync();
                let key = world.key_there("a");
                world.server.borrow_mut().touch(key).flags.insert("\\Seen");
                let key = world.key_here("b");
                world.store.borrow_mut().touch(key).flags.insert("\\Seen");
                move_here(&world, "c", "Work");
                world.add_there("Inbox", "n", "");
                world.add_here("Inbox", "m", "");
                world.run(&Chaos::at(kill, Fault::KillAfter)).0.ok();
                // What was changed by us only is deleted on the other side.
                let key = world.key_there("a");
                world.server.borrow_mut().remove(key);
                remove_here(&world, "b");
                remove_here(&world, "c");
                world.run(&Chaos::at(call, Fault::Item)).0.ok();
                settle(&mut world, &context);
                assert_eq!(world.contents_here(), ["m", "n", "w"], "{context}");
            }
        }
    }
}

#[test]
fn twoway_03_what_is_not_known_of_an_edit_of_ours_is_not_decided_about() {
    for kill in 8..16 {
        for call in 4..12 {
            let context = format!("killed after {kill}, then {call} fails");
            let mut world = World::new(KINDS[2](), LOG);
            world.add_there("Inbox", "a", "");
            world.add_there("Inbox", "b", "");
            world.sync();
            let here = world.key_here("a");
            world.store.borrow_mut().edit(here, "a2");
            world.run(&Chaos::at(kill, Fault::KillAfter)).0.ok();
            // It is our own edit that the server has, and it can't be looked at.
            world.store.borrow_mut().remove(here);
            world.run(&Chaos::at(call, Fault::Item)).0.ok();
            settle(&mut world, &context);
            assert_eq!(world.contents_there(), ["b"], "{context}");
        }
    }
}
