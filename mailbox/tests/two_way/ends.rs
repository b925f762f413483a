//! A run ends anywhere, and people go on working.

use crate::sim::chaos::{Chaos, Fault};
use crate::sim::server::Kind;
use crate::world::World;

fn mail(name: &str) -> String {
    format!("Subject: {name}\r\n\r\nText of {name}\r\n")
}

/// Both sides equal but for one change of each kind on each of them.
fn world(kind: Kind) -> World {
    let mut world = World::new(kind);
    for name in ["a", "b", "c", "d", "e", "f"] {
        world.put("Inbox", &mail(name), "");
    }
    world.put("Work", &mail("w"), "");
    world.settle();
    world.move_message("a", "Work");
    world.edit("b", "edited");
    world.delete("c");
    world.write_message("Work", "new here");
    let d = {
        let server = world.server.borrow();
        let mut items = server.items.iter();
        *items
            .find(|(_, item)| item.content == mail("d"))
            .expect("there")
            .0
    };
    world.server.borrow_mut().remove(d);
    world.put("Work", &mail("new there"), "\\Seen");
    world
}

/// What must be on both sides in the end, once each.
fn check(world: &World, what: &str) {
    let there = world.there();
    let count = |text: &str| there.iter().filter(|one| one.1.contains(text)).count();
    for text in [
        "Text of a",
        "edited",
        "Text of e",
        "Text of f",
        "Text of w",
        "written here",
        "Text of new there",
    ] {
        assert_eq!(count(text), 1, "{text}, {what}: {there:?}");
    }
    assert_eq!(there.len(), 7, "{what}: {there:?}");
}

#[test]
fn twoway_03_a_run_that_ends_at_any_call_loses_and_doubles_nothing() {
    for kind in [Kind::imap, Kind::jmap] {
        let mut calls = 0;
        for fault in [Fault::KillBefore, Fault::KillAfter, Fault::LostAfter] {
            let mut at = 1;
            loop {
                let mut world = world(kind());
                let chaos = Chaos::at(at, fault);
                // However it ends.
                let _ = world.run(&chaos);
                world.settle();
                check(&world, &format!("{fault:?} at {at}"));
                calls = chaos.calls();
                if at > calls {
                    break;
                }
                at += 1;
            }
        }
        assert!(calls > 20, "{calls}");
    }
}

#[test]
fn what_somebody_edits_during_a_run_is_not_lost() {
    for at in 1.. {
        let mut world = world(Kind::imap());
        let chaos = Chaos::none();
        chaos.meanwhile(at, world.editing("e", "meanwhile"));
        let (ended, report) = world.run(&chaos);
        ended.unwrap_or_else(|stop| panic!("{stop} at {at}: {report}"));
        let is_over = at > chaos.calls();
        world.settle();
        let there = world.there();
        let count = there
            .iter()
            .filter(|one| one.1.contains("meanwhile"))
            .count();
        assert_eq!(count, usize::from(!is_over), "at {at}: {there:?}");
        if is_over {
            break;
        }
    }
}
