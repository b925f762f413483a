//! The rules, each with what it is about.

use mapi_provider_twoway::{Edits, Flags, FolderStep, Report, Scope, Silent, Stop, Synchronizer};

use crate::sim::chaos::{Chaos, Fault};
use crate::sim::server::{self, SimRemote};
use crate::sim::store::{self, SimLocal};
use crate::sim::world::World;

/// IMAP with some items that both sides have.
fn filled(count: usize) -> World {
    let mut world = World::usual();
    for number in 1..=count {
        world.add_there("Inbox", &format!("m{number}"), "");
    }
    world.sync();
    world.assert_equal();
    world
}

fn told(report: &Report, text: &str) -> bool {
    report.warnings.iter().any(|w| w.to_string().contains(text))
}

/// A plan of what a run would do now.
fn plan(world: &mut World) -> mapi_provider_twoway::Plan {
    let mut state = mapi_provider_twoway::State::with(
        world
            .state
            .take()
            .unwrap_or_else(|| rusqlite::Connection::open_in_memory().expect("memory")),
    )
    .expect("ours");
    let chaos = Chaos::none();
    let remote = SimRemote {
        server: world.server.clone(),
        chaos: chaos.clone(),
    };
    let mut local = SimLocal {
        store: world.store.clone(),
        chaos: chaos.clone(),
    };
    let plan = Synchronizer::new(&remote, &mut local, &mut state, &world.options, &Silent).plan();
    assert_eq!(chaos.writes(), <[String; 0]>::default(), "a plan writes");
    world.state = Some(state.into_connection());
    plan.expect("made")
}

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

#[test]
fn twoway_19_one_bad_item_stops_no_other_and_is_told_with_folder_and_title() {
    let mut world = filled(2);
    for name in ["bad down", "good down"] {
        world.add_there("Inbox", name, "");
    }
    for name in ["bad up", "good up"] {
        world.add_here("Inbox", name, "");
    }
    for name in ["bad down", "bad up"] {
        world.server.borrow_mut().refused.insert(name.to_owned());
    }
    let report = world.sync();
    assert!(
        told(&report, "Inbox: \"bad down\": download: it can't be read"),
        "{report}"
    );
    assert!(
        told(&report, "Inbox: \"bad up\": upload: too strange"),
        "{report}"
    );
    assert!(world.contents_here().contains(&"good down".to_owned()));
    assert!(world.contents_there().contains(&"good up".to_owned()));
    // Neither is deleted, nor tried at every run for ever; it is told all the same.
    let mut tries = 0;
    for _ in 0..20 {
        let chaos = Chaos::none();
        let (ended, report) = world.run(&chaos);
        ended.expect("nothing goes wrong");
        tries += chaos.verbs().iter().filter(|verb| *verb == "put").count();
        assert!(
            told(&report, "bad up") && told(&report, "bad down"),
            "{report}"
        );
    }
    assert!((2..=5).contains(&tries), "{tries} tries in 20 runs");
    assert!(world.contents_there().contains(&"bad down".to_owned()));
    assert!(world.contents_here().contains(&"bad up".to_owned()));
    world.server.borrow_mut().refused.clear();
    for _ in 0..70 {
        world.sync();
    }
    world.assert_equal();
}

#[test]
fn twoway_20_what_the_server_refuses_stays_here_marked_and_downloads_go_on() {
    let mut world = filled(2);
    world.server.borrow_mut().has_room = false;
    for name in ["a", "b", "c"] {
        world.add_here("Inbox", name, "");
    }
    world.add_there("Inbox", "down", "");
    let chaos = Chaos::none();
    let (ended, report) = world.run(&chaos);
    ended.expect("nothing goes wrong");
    assert!(told(&report, "no room"), "{report}");
    let puts = chaos.verbs().iter().filter(|verb| *verb == "put").count();
    assert_eq!(puts, 1, "a full server is asked once a run");
    assert_eq!(world.store.borrow().unsent.len(), 1);
    assert!(world.contents_here().contains(&"down".to_owned()));
    world.server.borrow_mut().has_room = true;
    world.sync();
    world.assert_equal();
    assert!(world.store.borrow().unsent.is_empty());
}

#[test]
fn twoway_20_what_the_server_can_not_do_is_told_and_the_rest_is_done() {
    let mut world = filled(3);
    world.abilities(|can| {
        *can = mapi_provider_twoway::Abilities::read_only();
        can.per_folder = true;
    });
    world.add_there("Inbox", "down", "");
    world.add_here("Inbox", "up", "");
    let [one, two, three] = ["m1", "m2", "m3"].map(|name| world.key_here(name));
    world.store.borrow_mut().touch(one).flags.insert("\\Seen");
    world.store.borrow_mut().remove(two);
    world.store.borrow_mut().edit(three, "edited");
    let report = world.sync();
    for what in [
        "new items stay",
        "flags stay",
        "deleted here stays",
        "edits stay",
    ] {
        assert!(told(&report, what), "{what}: {report}");
    }
    assert_eq!(world.contents_here(), ["down", "edited", "m1", "up"]);
    assert_eq!(world.contents_there(), ["down", "m1", "m2", "m3"]);
    world.assert_quiet();
    world.abilities(|can| *can = server::Kind::imap().abilities);
    world.sync();
    world.assert_equal();
}

#[test]
fn twoway_21_a_run_that_is_cancelled_ends_and_the_next_one_goes_on() {
    struct Cancelled(std::cell::Cell<u32>);
    impl mapi_provider_twoway::Monitor for Cancelled {
        fn is_cancelled(&self) -> bool {
            self.0.set(self.0.get().saturating_sub(1));
            self.0.get() == 0
        }
    }
    for count in 1..40 {
        let mut world = World::usual();
        for number in 0..4 {
            world.add_there("Inbox", &format!("m{number}"), "");
            world.add_here("Inbox", &format!("n{number}"), "");
        }
        let db = rusqlite::Connection::open_in_memory().expect("memory");
        let mut state = mapi_provider_twoway::State::with(db).expect("new");
        let chaos = Chaos::none();
        let remote = SimRemote {
            server: world.server.clone(),
            chaos: chaos.clone(),
        };
        let mut local = SimLocal {
            store: world.store.clone(),
            chaos,
        };
        let monitor = Cancelled(count.into());
        let mut run = Synchronizer::new(&remote, &mut local, &mut state, &world.options, &monitor);
        let ended = run.run();
        // It is asked more often than this, and ends when it is told so.
        let is_early = count < 10;
        assert!(ended == Err(Stop::Cancelled) || !is_early && ended.is_ok());
        world.state = Some(state.into_connection());
        world.sync();
        world.assert_equal();
    }
}

#[test]
fn twoway_22_a_run_connects_again_and_not_for_ever() {
    let mut world = filled(2);
    world.add_here("Inbox", "new", "");
    let chaos = Chaos::at(3, Fault::LostBefore);
    let (ended, report) = world.run(&chaos);
    ended.expect("it connects again");
    assert_eq!((report.reconnects, chaos.logons()), (1, 2));
    world.assert_equal();
    world.options.reconnects = 0;
    world.add_here("Inbox", "newer", "");
    let (ended, _) = world.run(&Chaos::at(3, Fault::LostBefore));
    assert!(matches!(ended, Err(Stop::Lost(_))));
}

#[test]
fn twoway_23_a_refused_password_is_tried_once_a_run() {
    let mut world = filled(2);
    world.server.borrow_mut().takes_password = false;
    let chaos = Chaos::none();
    let (ended, _) = world.run(&chaos);
    assert!(matches!(ended, Err(Stop::Logon(_))));
    assert_eq!(chaos.logons(), 1);
    assert_eq!(world.contents_here(), ["m1", "m2"]);
}

#[test]
fn twoway_25_newest_items_come_first_in_batches() {
    let mut world = World::usual();
    for number in 0..10 {
        world.add_there("Inbox", &format!("m{number}"), "");
    }
    let mut calls = 1;
    // It is broken off after the first batch of three.
    loop {
        let chaos = Chaos::at(calls, Fault::KillAfter);
        let _ = world.run(&chaos);
        if !world.contents_here().is_empty() {
            break;
        }
        calls += 1;
    }
    assert_eq!(world.contents_here(), ["m7", "m8", "m9"]);
    world.sync();
    world.assert_equal();
}

#[test]
fn twoway_26_nothing_new_costs_one_call_a_folder() {
    let mut world = filled(50);
    let chaos = Chaos::none();
    world.run(&chaos).0.expect("nothing goes wrong");
    assert_eq!(
        chaos.verbs(),
        ["local folders", "folders", "changes", "local changes"]
    );
}

#[test]
fn twoway_29_what_is_done_meanwhile_is_never_overwritten() {
    for call in 1..40 {
        let mut world = filled(2);
        let (there, here) = (world.key_there("m1"), world.key_here("m1"));
        world
            .server
            .borrow_mut()
            .touch(there)
            .flags
            .insert("\\Seen");
        let key = world.key_there("m2");
        world.server.borrow_mut().remove(key);
        let two = world.key_here("m2");
        let chaos = Chaos::none();
        let store = world.store.clone();
        chaos.meanwhile(call, move || {
            let mut store = store.borrow_mut();
            store.edit(here, "mine");
            if store.items.contains_key(&two) {
                store.edit(two, "mine too");
            }
        });
        world.run(&chaos).0.expect("nothing goes wrong");
        world.sync();
        world.sync();
        if chaos.calls() >= call {
            assert!(
                world.contents_there().contains(&"mine".to_owned()),
                "call {call}"
            );
        }
        world.assert_equal();
        world.assert_quiet();
    }
}

#[test]
fn twoway_30_whatever_was_not_done_is_told_without_forged_lines() {
    let mut world = filled(1);
    world.add_there("Inbox", "bad\nline", "");
    world
        .server
        .borrow_mut()
        .refused
        .insert("bad\nline".to_owned());
    let report = world.sync();
    assert!(told(&report, "bad\\nline"));
    assert_eq!(report.to_string().lines().count(), 2, "{report}");
}

#[test]
fn two_edits_are_both_kept_or_one_of_them_as_chosen() {
    for (edits, contents) in [
        (Edits::KeepBoth, vec!["mine", "theirs"]),
        (Edits::ServerWins, vec!["theirs"]),
        (Edits::LocalWins, vec!["mine"]),
    ] {
        let store = store::Kind {
            has_log: true,
            rekeys: false,
        };
        let mut world = World::new(server::Kind::jmap(), store);
        world.options.edits = edits;
        world.add_there("Inbox", "old", "");
        world.sync();
        let (there, here) = (world.key_there("old"), world.key_here("old"));
        world.server.borrow_mut().edit(there, "theirs");
        world.store.borrow_mut().edit(here, "mine");
        world.sync();
        world.assert_equal();
        assert_eq!(world.contents_there(), contents);
        world.assert_quiet();
    }
}

#[test]
fn the_same_edit_on_both_sides_is_no_conflict() {
    let store = store::Kind {
        has_log: false,
        rekeys: false,
    };
    let mut world = World::new(server::Kind::jmap(), store);
    world.add_there("Inbox", "old", "");
    world.sync();
    let (there, here) = (world.key_there("old"), world.key_here("old"));
    world.server.borrow_mut().edit(there, "new");
    world.store.borrow_mut().edit(here, "new");
    let report = world.sync();
    assert!(report.is_nothing(), "{report}");
    world.assert_equal();
    world.assert_quiet();
}

#[test]
fn limits_leave_items_at_the_server_until_they_are_lifted() {
    let mut world = World::usual();
    let old = world.add_there("Inbox", "old", "");
    world
        .server
        .borrow_mut()
        .items
        .get_mut(&old)
        .expect("there")
        .date = 5;
    let new = world.add_there("Inbox", "new", "");
    world
        .server
        .borrow_mut()
        .items
        .get_mut(&new)
        .expect("there")
        .date = 50;
    world.options.since = Some(20);
    let report = world.sync();
    assert_eq!(report.left_out, 1);
    assert_eq!(world.contents_here(), ["new"]);
    world.assert_quiet();
    world.options.since = None;
    world.sync();
    world.assert_equal();
}

#[test]
fn only_folders_that_are_chosen_are_synchronised() {
    let mut world = World::usual();
    world.add_there("Inbox", "a", "");
    world.add_there("Work", "b", "");
    world.add_there("Other", "c", "");
    world.options = world.options.clone().folders_matching("Inbox,Work");
    world.sync();
    assert_eq!(world.contents_here(), ["a", "b"]);
    world.assert_quiet();
    // What was synchronised once and is no more stays as it is.
    world.options = world.options.clone().folders_matching("Inbox");
    let key = world.key_there("b");
    world.server.borrow_mut().remove(key);
    let report = world.sync();
    assert!(
        report.is_nothing() && report.warnings.is_empty(),
        "{report}"
    );
    assert_eq!(world.contents_here(), ["a", "b"]);
}

#[test]
fn headers_come_first_and_the_rest_later() {
    let mut world = World::usual();
    world.add_there("Inbox", "hello", "");
    world.options.scope.headers_only = true;
    world.sync();
    assert_eq!(world.contents_here(), ["h"]);
    world.assert_quiet();
    world.options.scope.headers_only = false;
    world.sync();
    world.assert_equal();
    assert_eq!(world.contents_here(), ["hello"]);
    world.assert_quiet();
}

#[test]
fn a_run_in_one_direction_leaves_the_other_for_later() {
    let mut world = filled(3);
    world.add_there("Inbox", "down", "");
    world.add_here("Inbox", "up", "");
    let (there, here) = (world.key_there("m1"), world.key_here("m2"));
    world.server.borrow_mut().touch(there).flags.insert("a");
    world.store.borrow_mut().touch(here).flags.insert("b");
    world.options.scope = Scope {
        download: false,
        ..Scope::default()
    };
    world.sync();
    assert_eq!(world.contents_there(), ["down", "m1", "m2", "m3", "up"]);
    assert_eq!(world.contents_here(), ["m1", "m2", "m3", "up"]);
    world.options.scope = Scope::default();
    world.sync();
    world.assert_equal();
    world.assert_quiet();
}

#[test]
fn a_plan_is_made_and_printed_before_anything_is_done() {
    let mut world = filled(3);
    world.add_there("Work", "down", "");
    world.add_here("Inbox", "up", "");
    let key = world.key_there("m1");
    world.server.borrow_mut().remove(key);
    let plan = plan(&mut world);
    let text = plan.to_string();
    for line in [
        "make here: folder Work",
        "download: Work: \"down\"",
        "upload: Inbox: \"up\"",
        "delete here: Inbox: \"m1\"",
    ] {
        assert!(text.contains(line), "{line} in {text}");
    }
    assert_eq!(plan.len(), 4);
    assert!(
        plan.folder_steps()
            .any(|(step, _)| step == FolderStep::CreateLocal)
    );
    world.sync();
    world.assert_equal();
}

#[test]
fn an_item_with_several_folders_is_one_item_here_and_keeps_the_others() {
    let store = store::Kind {
        has_log: true,
        rekeys: false,
    };
    let mut world = World::new(server::Kind::jmap(), store);
    world.add_there("Work", "other", "");
    let key = world.add_there("Inbox", "labelled", "");
    world.add_here("Play", "x", "");
    world.sync();
    let folder = |world: &World, name: &str| {
        let server = world.server.borrow();
        *server
            .folders
            .iter()
            .find(|f| f.1.name == name)
            .expect("there")
            .0
    };
    let work = folder(&world, "Work");
    world.server.borrow_mut().touch(key).folders.insert(work);
    let report = world.sync();
    assert!(report.is_nothing(), "{report}");
    let here = world.key_here("labelled");
    let play = {
        let store = world.store.borrow();
        *store
            .folders
            .iter()
            .find(|f| f.1.1 == "Play")
            .expect("here")
            .0
    };
    world.store.borrow_mut().move_item(here, play);
    world.sync();
    world.assert_equal();
    let folders = world.server.borrow().items[&key].folders.clone();
    assert_eq!(folders, [work, folder(&world, "Play")].into());
    // Taken out of the folder where it is here, it goes to one where it still is.
    let play = folder(&world, "Play");
    world.server.borrow_mut().touch(key).folders.remove(&play);
    world.sync();
    world.assert_equal();
}
