//! How a run goes, and what it tells: TWOWAY-19 to TWOWAY-30.

use std::collections::BTreeSet;

use mapi_provider_twoway::{Stop, Synchronizer};

use super::{filled, told};
use crate::sim::chaos::{Chaos, Fault};
use crate::sim::server;
use crate::sim::server::SimRemote;
use crate::sim::store::SimLocal;
use crate::sim::world::World;

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
        let is_early = count < 20;
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
fn twoway_22_what_came_before_the_connection_was_lost_is_kept() {
    let new_world = || {
        let mut world = World::usual();
        for number in 0..5 {
            world.add_there("Inbox", &format!("m{number}"), "");
        }
        world.options.reconnects = 0;
        world
    };
    let mut kept = BTreeSet::new();
    // More calls than such a run has.
    for call in 1..60 {
        let mut world = new_world();
        let (ended, _) = world.run(&Chaos::at(call, Fault::LostBefore));
        if ended.is_err() {
            kept.insert(world.contents_here().len());
        }
        world.sync();
        world.assert_equal();
    }
    assert!((0..5).all(|count| kept.contains(&count)), "{kept:?}");
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
