//! Changes of items and folders: TWOWAY-09 to TWOWAY-18.

use mapi_provider_twoway::Flags;

use super::filled;
use crate::sim::chaos::{Chaos, Fault};
use crate::sim::world::World;
use crate::sim::{server, store};

#[test]
fn twoway_09_a_change_wins_over_a_deletion() {
    let mut world = filled(6);
    let [a, b, c] = ["m1", "m2", "m3"].map(|name| (world.key_there(name), world.key_here(name)));
    // Deleted here, marked there.
    world.store.borrow_mut().remove(a.1);
    world.server.borrow_mut().touch(a.0).flags.insert("\\Seen");
    // Deleted there, edited here.
    world.server.borrow_mut().remove(b.0);
    world.store.borrow_mut().edit(b.1, "edited");
    // Deleted there, moved here.
    world.server.borrow_mut().remove(c.0);
    let folder = world.store.borrow_mut().make_folder(None, "Play");
    world.store.borrow_mut().move_item(c.1, folder);
    world.sync();
    world.assert_equal();
    assert_eq!(
        world.contents_here(),
        ["edited", "m1", "m3", "m4", "m5", "m6"]
    );
    world.assert_quiet();
}

#[test]
fn twoway_10_and_twoway_13_an_edit_replaces_only_its_own_item() {
    let mut world = filled(3);
    let key = world.key_here("m2");
    world.store.borrow_mut().edit(key, "m2 edited");
    let chaos = Chaos::none();
    world.run(&chaos).0.expect("nothing goes wrong");
    assert_eq!(chaos.writes(), ["put", "delete"]);
    assert_eq!(world.contents_there(), ["m1", "m2 edited", "m3"]);
    world.assert_equal();
    world.assert_quiet();
}

#[test]
fn twoway_11_only_single_flags_are_sent_and_unknown_ones_survive() {
    let mut world = World::usual();
    world.add_there("Inbox", "m", "\\Seen $Strange a]b");
    world.sync();
    let (there, here) = (world.key_there("m"), world.key_here("m"));
    {
        let mut server = world.server.borrow_mut();
        let item = server.touch(there);
        item.flags.insert("$There");
        item.flags.remove("\\Seen");
    }
    world.store.borrow_mut().touch(here).flags.insert("$Here");
    let chaos = Chaos::none();
    world.run(&chaos).0.expect("nothing goes wrong");
    assert_eq!(chaos.writes(), ["mark", "update"]);
    let all: Flags = ["$Strange", "a]b", "$There", "$Here"].into_iter().collect();
    assert_eq!(world.there()[0].2, all);
    world.assert_equal();
    world.assert_quiet();
}

#[test]
fn twoway_11_a_mark_whose_answer_was_lost_is_not_taken_back() {
    for call in 1..40 {
        let mut world = filled(1);
        let key = world.key_here("m1");
        world.store.borrow_mut().touch(key).flags.insert("\\Seen");
        world.run(&Chaos::at(call, Fault::KillAfter)).0.ok();
        // Before the next run somebody takes it away again.
        world.store.borrow_mut().touch(key).flags.remove("\\Seen");
        world.sync();
        world.assert_equal();
        assert!(world.there()[0].2.is_empty(), "call {call}: it came back");
    }
}

#[test]
fn twoway_13_a_move_is_a_move_on_both_sides() {
    for kind in [server::Kind::imap(), server::Kind::jmap()] {
        let store = store::Kind {
            has_log: true,
            rekeys: false,
        };
        let mut world = World::new(kind, store);
        world.add_there("Inbox", "a", "");
        world.add_there("Inbox", "b", "");
        world.add_there("Work", "c", "");
        world.sync();
        let a = world.key_there("a");
        {
            let mut server = world.server.borrow_mut();
            let id = |server: &server::Server, name: &str| {
                *server
                    .folders
                    .iter()
                    .find(|(_, f)| f.name == name)
                    .expect("there")
                    .0
            };
            let (inbox, work) = (id(&server, "Inbox"), id(&server, "Work"));
            server.move_item(a, inbox, work);
        }
        let b = world.key_here("b");
        let work = {
            let store = world.store.borrow();
            *store
                .folders
                .iter()
                .find(|(_, f)| f.1 == "Work")
                .expect("here")
                .0
        };
        world.store.borrow_mut().move_item(b, work);
        let chaos = Chaos::none();
        world.run(&chaos).0.expect("nothing goes wrong");
        assert_eq!(
            chaos.writes(),
            ["move", "update"],
            "nothing is sent or fetched again"
        );
        assert!(!chaos.verbs().contains(&"fetch".to_owned()));
        world.assert_equal();
        world.assert_quiet();
    }
}

#[test]
fn twoway_14_folders_that_are_renamed_keep_their_items_even_if_they_swap_names() {
    let mut world = World::usual();
    world.add_there("One", "a", "");
    world.add_there("Two", "b", "");
    world.sync();
    let ids = |world: &World| {
        let server = world.server.borrow();
        let id = |name: &str| {
            *server
                .folders
                .iter()
                .find(|f| f.1.name == name)
                .expect("there")
                .0
        };
        (id("One"), id("Two"))
    };
    let (one, two) = ids(&world);
    {
        let mut server = world.server.borrow_mut();
        server.folders.get_mut(&one).expect("there").name = "Two".to_owned();
        server.folders.get_mut(&two).expect("there").name = "One".to_owned();
    }
    let chaos = Chaos::none();
    world.run(&chaos).0.expect("nothing goes wrong");
    assert!(
        chaos
            .writes()
            .iter()
            .all(|verb| verb == "local rename_folder")
    );
    assert!(!chaos.verbs().contains(&"fetch".to_owned()));
    world.assert_equal();
    world.assert_quiet();
    // And back, from this side.
    {
        let mut store = world.store.borrow_mut();
        let keys: Vec<u32> = store.folders.keys().copied().collect();
        for key in keys {
            let name = &mut store.folders.get_mut(&key).expect("there").1;
            *name = match name.as_str() {
                "One" => "Two".to_owned(),
                "Two" => "One".to_owned(),
                other => other.to_owned(),
            };
        }
    }
    let chaos = Chaos::none();
    world.run(&chaos).0.expect("nothing goes wrong");
    assert!(
        chaos.writes().iter().all(|verb| verb == "rename_folder"),
        "{:?}",
        chaos.writes()
    );
    world.assert_equal();
    world.assert_quiet();
}

#[test]
fn twoway_15_a_folder_that_is_deleted_loses_nothing_that_the_other_side_never_got() {
    let mut world = filled(5);
    world.add_there("Work", "w", "");
    world.sync();
    let there = {
        let server = world.server.borrow();
        *server
            .folders
            .iter()
            .find(|f| f.1.name == "Work")
            .expect("there")
            .0
    };
    world.server.borrow_mut().remove_folder(there);
    world.add_here("Work", "unsent", "");
    world.sync();
    world.assert_equal();
    assert_eq!(
        world.contents_here(),
        ["m1", "m2", "m3", "m4", "m5", "unsent"]
    );
    // The same the other way round, with one that is too old to be here.
    world.options.since = Some(0);
    world.add_there("Work", "old", "");
    let old = world.key_there("old");
    world
        .server
        .borrow_mut()
        .items
        .get_mut(&old)
        .expect("there")
        .date = -1;
    world.sync();
    let here = {
        let store = world.store.borrow();
        *store
            .folders
            .iter()
            .find(|f| f.1.1 == "Work")
            .expect("here")
            .0
    };
    world.store.borrow_mut().remove_folder(here);
    world.sync();
    assert_eq!(
        world.contents_there(),
        ["m1", "m2", "m3", "m4", "m5", "old"]
    );
}

#[test]
fn twoway_16_and_twoway_17_names_that_are_one_here_get_different_ones_and_keep_them() {
    let mut world = World::usual();
    for name in ["Foo", "foo", "../up", "a\0b", ".."] {
        world.add_there(name, name, "");
    }
    world.sync();
    let names = |world: &World| -> Vec<String> {
        world
            .store
            .borrow()
            .folders
            .values()
            .map(|f| f.1.clone())
            .collect()
    };
    let first = names(&world);
    assert_eq!(first.len(), 6);
    for name in &first {
        assert!(
            !name.contains(['/', '\\', '\0']) && name != "..",
            "{name:?}"
        );
    }
    let folded: std::collections::BTreeSet<String> =
        first.iter().map(|name| name.to_lowercase()).collect();
    assert_eq!(folded.len(), 6);
    world.assert_quiet();
    assert_eq!(names(&world), first);
    assert_eq!(world.contents_here().len(), 5);
}

#[test]
fn twoway_18_sizes_are_believed_by_nobody() {
    // The played server says of everything that it has three bytes.
    let mut world = World::usual();
    let long = "x".repeat(100_000);
    world.add_there("Inbox", &long, "");
    world.add_there("Inbox", "", "");
    world.options.batch_bytes = 10;
    world.sync();
    world.assert_equal();
    assert_eq!(world.contents_here(), ["".to_owned(), long]);
}
