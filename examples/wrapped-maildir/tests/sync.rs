//! What happens to messages, one rule a test, in a folder that plays the store's.

mod support;

use std::cell::Cell;
use std::fs;
use std::io::ErrorKind;

use mapi_provider::abi::{MAPI_E_NOT_ENOUGH_DISK, MAPI_E_NOT_FOUND, MAPI_E_USER_CANCEL};
use support::*;

/// A world in which both sides have the messages `a` and `b`, and a run has seen them.
fn settled() -> World {
    let world = World::new();
    put(&world.server(), "a", "");
    put(&world.server(), "b", "S");
    world.ok(FULL);
    assert_eq!(world.here(), "a b:S");
    world
}

#[track_caller]
fn assert_both(world: &World, expected: &str) {
    assert_eq!(world.here(), expected, "here");
    assert_eq!(world.there(), expected, "on the server");
}

#[test]
fn a_second_run_does_nothing() {
    let world = settled();
    assert_eq!(world.ok(FULL).steps(), [""; 0]);
}

#[test]
fn new_messages_come_with_their_flags() {
    let world = settled();
    put(&world.server(), "c", "-");
    put(&world.server(), "d", "FRS");
    let told = world.ok(FULL);
    assert_eq!(told.steps(), ["Downloading: c", "Downloading: d"]);
    assert_both(&world, "a b:S c d:FRS");
}

#[test]
fn new_messages_here_go_to_the_server_once() {
    let world = settled();
    world.put_here("c", "S");
    assert_eq!(world.ok(FULL).steps(), ["Uploading: c"]);
    assert_both(&world, "a b:S c:S");
    assert_eq!(world.content_here(), content(&world.server()));
    assert_eq!(world.ok(FULL).steps(), [""; 0]);
}

#[test]
fn a_copy_made_here_is_another_message() {
    let world = settled();
    let copy = world.store.messages.borrow()[0].clone();
    world.store.add(copy);
    world.ok(FULL);
    assert_both(&world, "a a b:S");
    assert_eq!(world.content_here(), content(&world.server()));
}

#[test]
fn flags_change_on_both_sides() {
    let world = settled();
    world.mark_here("a", "FS");
    mark(&world.server(), "b", "RS");
    world.ok(FULL);
    assert_both(&world, "a:FS b:RS");
}

#[test]
fn flags_that_changed_on_both_sides_are_merged() {
    let world = settled();
    world.mark_here("b", "FS");
    mark(&world.server(), "b", "");
    world.ok(FULL);
    assert_both(&world, "a b:F");
}

#[test]
fn what_both_sides_changed_alike_is_agreed_on() {
    let world = settled();
    world.mark_here("a", "S");
    mark(&world.server(), "a", "S");
    assert_eq!(world.ok(FULL).steps(), [""; 0]);
    // The next change is one of S, not of the flags before it.
    world.mark_here("a", "");
    world.ok(FULL);
    assert_both(&world, "a b:S");
}

#[test]
fn what_is_deleted_or_moved_away_here_is_deleted_there() {
    let mut world = settled();
    world.discard("a");
    assert_eq!(world.ok(FULL).steps(), ["Deleting on the server: a"]);
    assert_both(&world, "b:S");
}

#[test]
fn what_is_deleted_there_is_deleted_here() {
    let world = settled();
    remove(&world.server(), "b");
    assert_eq!(world.ok(FULL).steps(), ["Deleting: b"]);
    assert_both(&world, "a");
}

#[test]
fn what_is_taken_back_is_delivered_again() {
    let mut world = settled();
    world.discard("a");
    world.ok(FULL);
    world.take_back();
    assert_eq!(world.ok(FULL).steps(), ["Uploading: a"]);
    assert_both(&world, "a b:S");
}

#[test]
fn what_was_deleted_on_one_side_and_marked_on_the_other_is_kept() {
    let mut world = settled();
    world.discard("a");
    mark(&world.server(), "a", "F");
    remove(&world.server(), "b");
    world.mark_here("b", "FS");
    world.ok(FULL);
    assert_both(&world, "a:F b:FS");
    assert_eq!(world.ok(FULL).steps(), [""; 0]);
}

#[test]
fn headers_are_completed_later() {
    let world = World::new();
    put(&world.server(), "a", "");
    world.ok(HEADERS);
    let text = || world.store.messages.borrow()[0].text.clone();
    assert!(!text().contains("The text of a."));
    assert_eq!(world.ok(HEADERS).steps(), [""; 0]);
    assert_eq!(world.ok(FULL).steps(), ["Completing: a"]);
    assert_eq!(text(), message("a"));
}

#[test]
fn a_header_is_of_no_use_beside_its_message() {
    let mut world = settled();
    world.discard("a");
    mark(&world.server(), "a", "F");
    world.ok(HEADERS);
    world.take_back();
    assert_eq!(world.here(), "a a:F b:S");
    world.ok(FULL);
    assert_eq!(world.content_here(), content(&world.server()));
    assert_both(&world, "a:F b:S");
}

#[test]
fn each_direction_leaves_the_other_side_alone() {
    let mut world = settled();
    world.mark_here("b", "F");
    world.discard("a");
    mark(&world.server(), "b", "RS");
    put(&world.server(), "c", "-");
    let there = world.there();
    world.ok(DOWNLOAD);
    assert_eq!((world.here(), world.there()), ("b:FR c".into(), there));
    let here = world.here();
    world.ok(UPLOAD);
    assert_eq!(world.here(), here);
    assert_both(&world, "b:FR c");
}

#[test]
fn another_server_is_merged_and_nothing_is_deleted() {
    let world = settled();
    let moved = world.server().with_file_name("moved");
    fs::rename(world.server(), &moved).expect("there");
    fs::create_dir_all(world.server().join("cur")).expect("writable");
    world
        .store
        .roster
        .borrow_mut()
        .replace_range(..0, "not ours ");
    put(&world.server(), "c", "");
    world.ok(FULL);
    assert_both(&world, "a b:S c");
}

#[test]
fn a_missing_server_ends_the_run_and_deletes_nothing() {
    let world = settled();
    fs::rename(world.server(), world.server().with_file_name("gone")).expect("there");
    let error = world
        .sync(FULL)
        .result
        .expect("not killed")
        .expect_err("no server");
    assert_eq!(error.code(), MAPI_E_NOT_FOUND);
    assert_eq!(world.here(), "a b:S");
}

#[test]
fn a_message_that_the_store_refuses_is_left_out_with_a_warning() {
    let world = settled();
    put(&world.server(), "c", "-");
    put(&world.server(), "d", "-");
    world
        .store
        .refuse
        .replace(Some(("Subject: c", ErrorKind::InvalidData)));
    let told = world.sync(FULL);
    told.result.expect("not killed").expect("only a warning");
    assert_eq!(told.warnings.len(), 1);
    assert!(
        told.warnings[0].starts_with("Downloading: c: "),
        "{:?}",
        told.warnings
    );
    assert_eq!(world.here(), "a b:S d");
    world.store.refuse.replace(None);
    world.ok(FULL);
    assert_both(&world, "a b:S c d");
}

#[test]
fn a_full_disk_ends_the_run_and_what_was_done_is_known() {
    let mut world = settled();
    put(&world.server(), "c", "-");
    put(&world.server(), "d", "-");
    world
        .store
        .refuse
        .replace(Some(("Subject: d", ErrorKind::StorageFull)));
    let error = world
        .sync(FULL)
        .result
        .expect("not killed")
        .expect_err("no room");
    assert_eq!(error.code(), MAPI_E_NOT_ENOUGH_DISK);
    world.store.refuse.replace(None);
    world.discard("c");
    world.ok(FULL);
    assert_both(&world, "a b:S d");
}

#[test]
fn a_cancelled_run_ends_between_two_messages_and_goes_on_next_time() {
    let world = World::new();
    for subject in ["a", "b", "c"] {
        put(&world.server(), subject, "");
    }
    let cancelled = Disturbance {
        cancel_at: Some(1),
        ..Disturbance::default()
    };
    let error = world
        .run(FULL, &cancelled)
        .result
        .expect("not killed")
        .expect_err("cancelled");
    assert_eq!(error.code(), MAPI_E_USER_CANCEL);
    assert_eq!(world.here(), "a");
    assert_eq!(world.ok(FULL).steps(), ["Downloading: b", "Downloading: c"]);
}

#[test]
fn a_message_taken_back_during_the_run_is_not_deleted() {
    let mut world = settled();
    world.discard("a");
    world.put_here("c", "");
    let back = Cell::new(world.trash.pop());
    let before_each = |text: &str| {
        if text == "Uploading: c" {
            world.store.add(back.take().expect("once"));
        }
    };
    let disturbance = Disturbance {
        before_each: Some(&before_each),
        ..Disturbance::default()
    };
    world
        .run(FULL, &disturbance)
        .result
        .expect("not killed")
        .expect("all well");
    assert_both(&world, "a b:S c");
    assert_eq!(world.ok(FULL).steps(), [""; 0]);
}

#[test]
fn killed_at_any_moment_the_next_run_completes() {
    let prepare = || {
        let mut world = settled();
        put(&world.server(), "new there", "F");
        world.put_here("new here", "S");
        put(&world.server(), "c", "");
        put(&world.server(), "d", "");
        world.ok(FULL);
        world.discard("a");
        remove(&world.server(), "b");
        mark(&world.server(), "c", "RS");
        world.mark_here("d", "FS");
        put(&world.server(), "newer there", "-");
        world.put_here("newer here", "");
        world
    };
    let expected = "c:RS d:FS new here:S new there:F newer here newer there";
    let mut moment = 0;
    loop {
        let world = prepare();
        let killed = world.killed_at(moment);
        world.ok(FULL);
        assert_both(&world, expected);
        assert_eq!(world.content_here(), content(&world.server()));
        if !killed {
            break;
        }
        moment += 1;
    }
    assert!(moment > 20, "{moment} moments are too few to have seen all");
}

#[test]
fn taken_back_after_any_kill_a_message_is_still_there() {
    let mut moment = 0;
    loop {
        let mut world = settled();
        world.discard("a");
        let killed = world.killed_at(moment);
        world.take_back();
        world.ok(FULL);
        assert_both(&world, "a b:S");
        if !killed {
            break;
        }
        moment += 1;
    }
    assert!(moment > 5, "{moment} moments are too few to have seen all");
}
