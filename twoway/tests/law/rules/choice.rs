//! What a team can choose: conflicts, limits, scope, the plan, items with several folders.

use mapi_provider_twoway::{Edits, FolderStep, Scope};

use super::{filled, plan};
use crate::sim::world::World;
use crate::sim::{server, store};

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
