//! What was edited, and what was only saved again, where the server says which items are the same, but not what it calls a
//! new one. TWOWAY-02, -03, -09 and -13.

use super::bare::{LOG, move_there, remove_here, settle};
use crate::sim::chaos::{Chaos, Fault};
use crate::sim::server;
use crate::sim::world::World;

/// It knows items by their identities, and nothing else: no search, no keys in answers, no log.
fn nameless() -> World {
    let mut kind = server::Kind::bare_imap();
    kind.says_identity = true;
    World::new(kind, LOG)
}

#[test]
fn twoway_02_what_is_only_saved_again_is_not_sent_though_nobody_has_compared_it_before() {
    let mut world = nameless();
    // New on both sides: known by its identity at once.
    world.add_here("Inbox", "b", "");
    world.add_there("Inbox", "b", "");
    // Sent without an answer that names it: known by its identity later.
    world.add_here("Inbox", "a", "");
    settle(&mut world, "both are there");
    for name in ["a", "b"] {
        let key = world.key_here(name);
        world.store.borrow_mut().save(key);
    }
    let chaos = Chaos::none();
    world.run(&chaos).0.expect("nothing goes wrong");
    assert!(!chaos.writes().contains(&"put".to_owned()));
    world.assert_equal();
    assert_eq!(world.contents_there(), ["a", "b"]);
    // It was fetched to be compared, and is not a second time.
    let key = world.key_here("a");
    world.store.borrow_mut().save(key);
    let chaos = Chaos::none();
    world.run(&chaos).0.expect("nothing goes wrong");
    assert!(!chaos.verbs().contains(&"fetch".to_owned()));
    world.assert_quiet();
}

#[test]
fn twoway_09_what_was_edited_here_and_is_deleted_on_both_sides_is_gone() {
    for call in 1..40 {
        for fault in [Fault::LostAfter, Fault::KillAfter] {
            let mut world = nameless();
            world.add_there("Inbox", "a#1", "");
            world.sync();
            let (here, there) = (world.key_here("a#1"), world.key_there("a#1"));
            world
                .server
                .borrow_mut()
                .touch(there)
                .flags
                .insert("\\Seen");
            world.store.borrow_mut().edit(here, "a#2");
            // The edit is sent, and nobody knows yet what it is called.
            world.run(&Chaos::at(call, fault)).0.ok();
            let was_sent = world.contents_there().len() == 2;
            remove_here(&world, world.contents_here()[0].as_str());
            let mut server = world.server.borrow_mut();
            server.remove(there);
            drop(server);
            settle(&mut world, &format!("{fault:?} at {call}"));
            assert!(
                world.contents_there().is_empty(),
                "{fault:?} at {call}, sent: {was_sent}"
            );
        }
    }
}

#[test]
fn twoway_13_what_was_sent_moves_without_being_fetched_like_all_that_the_server_knows() {
    for mut world in [World::usual(), nameless()] {
        world.add_there("Inbox", "a", "");
        world.add_there("Work", "b", "");
        world.sync();
        // Once it is edited, nobody here knows what the server will know it by.
        let here = world.key_here("a");
        world.store.borrow_mut().edit(here, "edited");
        settle(&mut world, "it was sent");
        move_there(&world, "edited", "Work");
        let chaos = Chaos::none();
        world.run(&chaos).0.expect("nothing goes wrong");
        assert!(!chaos.verbs().contains(&"fetch".to_owned()));
        settle(&mut world, "it was moved");
        assert_eq!(world.key_here("edited"), here, "it is the same one");
    }
}
