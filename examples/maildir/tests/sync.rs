//! What happens to messages, one rule a test.

mod support;

use std::fs;

use maildir32::maildir::Maildir;
use maildir32::plan::Memory;
use mapi_provider::abi::MAPI_E_NOT_FOUND;
use support::*;

/// A world in which both sides have the messages `a` and `b`, and a run has seen them.
fn settled() -> World {
    let mut world = World::new();
    put(&world.server(), "a", "");
    put(&world.server(), "b", "S");
    world.ok(FULL);
    assert_eq!(short(&world.local()), "a b:S");
    world
}

fn assert_both(world: &World, expected: &str) {
    assert_eq!(
        (short(&world.server()), short(&world.local())),
        (expected.to_owned(), expected.to_owned())
    );
    assert_eq!(content(&world.server()), content(&world.local()));
}

#[test]
fn the_first_run_fills_a_local_folder_that_it_makes() {
    let mut world = World::new();
    put(&world.server(), "a", "-");
    put(&world.server(), "b", "FS");
    let told = world.ok(FULL);
    let told: Vec<_> = told
        .progress
        .iter()
        .map(|(text, done, total)| (text.as_str(), *done, *total))
        .collect();
    assert_eq!(
        told,
        [
            ("Downloading: a", 0, 2),
            ("Downloading: b", 1, 2),
            ("Finished", 2, 2)
        ]
    );
    assert_both(&world, "a b:FS");
    let ours = files(&world.local());
    assert!(
        ours[0].starts_with("cur/b") && ours[1] == "new/a" && ours.len() == 2,
        "{ours:?}"
    );
}

#[test]
fn a_plan_says_what_a_run_would_do_and_does_nothing() {
    let world = World::new();
    put(&world.server(), "a", "-");
    assert_eq!(world.plan(), "Downloading: a\n");
    assert!(!world.local().exists());

    let mut world = settled();
    assert_eq!(world.plan(), "nothing to do\n");
    put(&world.server(), "c", "-");
    mark(&world.local(), "a", "F");
    remove(&world.local(), "b");
    let before = (files(&world.server()), files(&world.local()));
    let planned = "Marking: a\nDeleting on the server: b\nDownloading: c\n";
    assert_eq!(world.plan(), planned);
    assert_eq!((files(&world.server()), files(&world.local())), before);
    world.ok(FULL);
    assert_eq!(world.plan(), "nothing to do\n");
}

#[test]
fn a_second_run_does_nothing() {
    let mut world = settled();
    let cursor = world.cursor.clone();
    assert_eq!(world.ok(FULL).steps(), [""; 0]);
    assert_eq!(world.cursor, cursor);
}

#[test]
fn new_messages_travel_both_ways() {
    let mut world = settled();
    put(&world.server(), "c", "-");
    put(&world.local(), "d", "D");
    assert_eq!(world.ok(FULL).steps(), ["Downloading: c", "Uploading: d"]);
    assert_both(&world, "a b:S c d:D");
}

#[test]
fn flags_travel_both_ways() {
    let mut world = settled();
    mark(&world.server(), "a", "F");
    mark(&world.local(), "b", "");
    assert_eq!(world.ok(FULL).steps(), ["Marking: a", "Marking: b"]);
    assert_both(&world, "a:F b");
}

#[test]
fn deletions_travel_both_ways() {
    let mut world = settled();
    remove(&world.server(), "a");
    remove(&world.local(), "b");
    assert_eq!(
        world.ok(FULL).steps(),
        ["Deleting: a", "Deleting on the server: b"]
    );
    assert_both(&world, "");
    // Who puts it back means it.
    put(&world.server(), "a", "");
    put(&world.local(), "b", "S");
    assert_eq!(world.ok(FULL).steps(), ["Downloading: a", "Uploading: b"]);
    assert_both(&world, "a b:S");
}

#[test]
fn flags_changed_on_both_sides_are_merged_each_by_itself() {
    let mut world = World::new();
    put(&world.server(), "a", "RS");
    world.ok(FULL);
    mark(&world.server(), "a", "FRS"); // flagged
    mark(&world.local(), "a", "R"); // not seen
    world.ok(FULL);
    assert_both(&world, "a:FR");
}

#[test]
fn the_same_change_on_both_sides_is_settled() {
    let mut world = settled();
    mark(&world.server(), "a", "F");
    mark(&world.local(), "a", "F");
    assert_eq!(world.ok(FULL).steps(), [""; 0]);
    remove(&world.local(), "a");
    assert_eq!(world.ok(FULL).steps(), ["Deleting on the server: a"]);
}

#[test]
fn a_message_deleted_here_and_changed_there_is_kept() {
    let mut world = settled();
    remove(&world.local(), "a");
    mark(&world.server(), "a", "F");
    remove(&world.server(), "b");
    mark(&world.local(), "b", "FS");
    assert_eq!(world.ok(FULL).steps(), ["Downloading: a", "Uploading: b"]);
    assert_both(&world, "a:F b:FS");
}

#[test]
fn a_message_deleted_on_both_sides_is_forgotten() {
    let mut world = settled();
    remove(&world.local(), "a");
    remove(&world.server(), "a");
    assert_eq!(world.ok(FULL).steps(), [""; 0]);
    put(&world.server(), "a", "");
    assert_eq!(world.ok(FULL).steps(), ["Downloading: a"]);
}

#[test]
fn an_upload_leaves_the_local_folder_alone_and_loses_no_change() {
    let mut world = settled();
    put(&world.server(), "c", "");
    put(&world.local(), "d", "");
    mark(&world.server(), "a", "F");
    mark(&world.local(), "a", "S");
    remove(&world.server(), "b");
    world.ok(UPLOAD);
    assert_eq!(
        (
            short(&world.server()).as_str(),
            short(&world.local()).as_str()
        ),
        ("a:FS c d", "a:S b:S d")
    );
    world.ok(UPLOAD);
    world.ok(FULL);
    assert_both(&world, "a:FS c d");
}

#[test]
fn a_download_leaves_the_server_alone_and_loses_no_change() {
    let mut world = settled();
    put(&world.server(), "c", "");
    put(&world.local(), "d", "");
    mark(&world.server(), "a", "F");
    mark(&world.local(), "a", "S");
    remove(&world.local(), "b");
    world.ok(DOWNLOAD);
    assert_eq!(
        (
            short(&world.server()).as_str(),
            short(&world.local()).as_str()
        ),
        ("a:F b:S c", "a:FS c d")
    );
    world.ok(DOWNLOAD);
    world.ok(FULL);
    assert_both(&world, "a:FS c d");
}

#[test]
fn headers_come_first_and_a_full_run_completes_them() {
    let mut world = World::new();
    put(&world.server(), "a", "-");
    put(&world.server(), "b", "S");
    world.ok(HEADERS);
    for (_, text) in content(&world.local()).values() {
        assert!(
            text.contains("Subject: ") && text.ends_with("\r\n\r\n") && !text.contains("The text"),
            "{text}"
        );
    }
    mark(&world.local(), "a", "F");
    assert_eq!(world.ok(HEADERS).steps(), [""; 0]);
    assert_eq!(
        world.ok(FULL).steps(),
        ["Completing: a", "Marking: a", "Completing: b"]
    );
    assert_both(&world, "a:F b:S");
    assert_eq!(world.ok(FULL).steps(), [""; 0]);
}

#[test]
fn headers_are_known_as_such_without_a_state() {
    let mut world = World::new();
    put(&world.server(), "a", "-");
    world.ok(HEADERS);
    mark(&world.local(), "a", "F");
    world.cursor = None;
    world.ok(HEADERS);
    world.cursor = None;
    world.ok(FULL);
    assert_both(&world, "a:F");
}

#[test]
fn a_header_is_never_uploaded() {
    for state_is_lost in [false, true] {
        let mut world = World::new();
        put(&world.server(), "a", "-");
        world.ok(HEADERS);
        remove(&world.server(), "a");
        mark(&world.local(), "a", "F");
        if state_is_lost {
            world.cursor = None;
        }
        world.ok(FULL);
        assert_eq!(short(&world.server()), "");
    }
}

#[test]
fn a_state_that_does_not_fit_deletes_nothing() {
    let damages: [fn(&mut World); 5] = [
        |world| world.cursor = None,
        |world| world.cursor = Some(b"1 0123456789abcdef".to_vec()),
        |world| fs::remove_file(world.local().join(".maildir-sync")).expect("there"),
        |world| {
            fs::write(
                world.local().join(".maildir-sync"),
                "maildir-sync 1\nnonsense",
            )
            .expect("writable")
        },
        |world| {
            let file = world.local().join(".maildir-sync");
            let text = fs::read_to_string(&file).expect("there");
            fs::write(file, text.replace("whole  a", "whole F a")).expect("writable");
        },
    ];
    for damage in damages {
        let mut world = settled();
        remove(&world.local(), "a");
        mark(&world.server(), "b", "F");
        damage(&mut world);
        world.ok(FULL);
        assert_both(&world, "a b:FS");
        assert_eq!(world.ok(FULL).steps(), [""; 0]);
    }
}

#[test]
fn another_server_is_no_reason_to_delete() {
    let mut world = settled();
    fs::rename(world.server(), world.server().with_file_name("old")).expect("there");
    Maildir::new(world.server()).create().expect("writable");
    // The path is the same here, so the state counts: everything was deleted on the server.
    world.ok(FULL);
    assert_both(&world, "");

    let mut world = settled();
    let moved = world.server().with_file_name("other");
    Maildir::new(&moved).create().expect("writable");
    let cursor = world.cursor.take().expect("saved");
    let state = maildir32::state::State::load(&world.local(), &moved, Some(&cursor));
    assert_eq!(state.get("a"), None);
    let state = maildir32::state::State::load(&world.local(), &world.server(), Some(&cursor));
    assert!(state.get("a").is_some());
}

#[test]
fn a_server_that_is_missing_is_an_error_that_names_it_and_deletes_nothing() {
    let mut world = settled();
    fs::rename(world.server(), world.server().with_file_name("gone")).expect("there");
    let error = world.sync(FULL).result.expect_err("no server");
    assert_eq!(error.code(), MAPI_E_NOT_FOUND);
    assert!(
        error.text().contains(&world.server().display().to_string()),
        "{error}"
    );
    assert_eq!(short(&world.local()), "a b:S");
}

#[test]
fn a_run_that_is_cancelled_anywhere_keeps_what_it_did_and_the_next_one_does_the_rest() {
    for step in 0..5 {
        let mut world = settled();
        put(&world.server(), "c", "");
        put(&world.local(), "d", "");
        mark(&world.local(), "a", "F");
        remove(&world.server(), "b");
        let told = world.run(FULL, Some(step), &|_| {});
        assert!(told.result.expect_err("cancelled").is_cancelled());
        let rest = world.ok(FULL);
        assert_eq!(
            rest.steps().len(),
            4 - step,
            "after {step}: {:?}",
            rest.steps()
        );
        assert_both(&world, "a:F c d");
    }
}

#[test]
fn what_a_cancelled_run_fetched_can_be_deleted_before_the_next_one() {
    let mut world = settled();
    put(&world.server(), "c", "");
    put(&world.server(), "d", "");
    world
        .run(FULL, Some(1), &|_| {})
        .result
        .expect_err("cancelled");
    remove(&world.local(), "c");
    assert_eq!(
        world.ok(FULL).steps(),
        ["Downloading: d", "Deleting on the server: c"]
    );
}

#[test]
fn a_run_that_died_before_it_saved_anything_is_repeated() {
    let mut world = settled();
    let state = fs::read(world.local().join(".maildir-sync")).expect("there");
    let cursor = world.cursor.clone();
    put(&world.server(), "c", "");
    mark(&world.local(), "a", "F");
    remove(&world.local(), "b");
    world.ok(FULL);
    fs::write(world.local().join(".maildir-sync"), state).expect("writable");
    world.cursor = cursor;
    assert_eq!(world.ok(FULL).steps(), [""; 0]);
    assert_both(&world, "a:F c");
}

#[test]
fn a_message_that_vanishes_or_changes_meanwhile_is_left_for_the_next_run() {
    let mut world = settled();
    put(&world.server(), "c", "");
    put(&world.server(), "d", "");
    remove(&world.local(), "a");
    let server = world.server();
    let told = world.run(FULL, None, &|text| match text {
        "Downloading: c" => remove(&server, "c"),
        "Deleting on the server: a" => mark(&server, "a", "F"),
        _ => {}
    });
    told.result.expect("the run goes on");
    assert_eq!(told.warnings.len(), 2, "{:?}", told.warnings);
    assert!(
        told.warnings[0].starts_with("Downloading: c: "),
        "{:?}",
        told.warnings
    );
    assert_eq!(
        files(&world.local())
            .iter()
            .filter(|name| name.starts_with("tmp/"))
            .count(),
        0
    );
    world.ok(FULL);
    assert_both(&world, "a:F b:S d");
}

#[test]
fn a_message_that_was_hidden_for_a_moment_is_not_deleted() {
    let mut world = settled();
    put(&world.server(), "c", "");
    let (file, away) = (file(&world.local(), "a"), world.local().join("away"));
    fs::rename(&file, &away).expect("there");
    let back = |text: &str| {
        if text == "Downloading: c" {
            fs::rename(&away, &file).expect("there");
        }
    };
    let told = world.run(FULL, None, &back);
    assert_eq!(told.steps(), ["Downloading: c"]);
    assert_both(&world, "a b:S c");
}

#[test]
fn a_message_that_can_not_be_delivered_leaves_nothing_half_and_the_others_arrive() {
    let mut world = settled();
    put(&world.server(), "c", "-");
    put(&world.server(), "d", "-");
    // A folder in its way: no file system lets a file replace it.
    fs::create_dir(world.local().join("new/c")).expect("writable");
    let told = world.sync(FULL);
    told.result.as_ref().expect("the run goes on");
    assert_eq!(told.warnings.len(), 1, "{:?}", told.warnings);
    assert_eq!(short(&world.local()), "a b:S d");
    assert!(
        !files(&world.local())
            .iter()
            .any(|name| name.starts_with("tmp/"))
    );
    fs::remove_dir(world.local().join("new/c")).expect("there");
    assert_eq!(world.ok(FULL).steps(), ["Downloading: c"]);
}

#[test]
fn a_folder_keeps_its_separator_and_its_own_letters() {
    let mut world = World::new();
    fs::write(world.server().join("cur/a;2,Sab"), message("a")).expect("writable");
    world.ok(FULL);
    mark(&world.local(), "a", "FS");
    world.ok(FULL);
    assert_eq!(files(&world.server()), ["cur/a;2,FSab"]);
    fs::rename(
        world.server().join("cur/a;2,FSab"),
        world.server().join("cur/a!2,Sab"),
    )
    .expect("there");
    mark(&world.local(), "a", "RFS");
    world.ok(FULL);
    assert_eq!(files(&world.server()), ["cur/a!2,RSab"]);
}

#[test]
fn a_new_folder_gets_colons_where_names_can_have_them() {
    let mut world = World::new();
    put(&world.server(), "a", "S");
    let possible = {
        let (plain, colon) = (
            world.server().join("tmp/x"),
            world.server().join("tmp/x:2,"),
        );
        fs::write(&plain, "").expect("writable");
        fs::rename(&plain, &colon).is_ok()
            && files(&world.server()).contains(&"tmp/x:2,".to_owned())
    };
    world.ok(FULL);
    let expected = if possible { "cur/a:2,S" } else { "cur/a;2,S" };
    assert_eq!(files(&world.local()), [expected]);
}

#[test]
fn the_time_of_arrival_is_kept() {
    let mut world = World::new();
    put(&world.server(), "a", "S");
    let arrival = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_772_784_767);
    let server = fs::File::options()
        .write(true)
        .open(file(&world.server(), "a"))
        .expect("there");
    server.set_modified(arrival).expect("writable");
    world.ok(FULL);
    let ours = fs::metadata(file(&world.local(), "a")).expect("there");
    assert_eq!(ours.modified().expect("a time"), arrival);
}

#[test]
fn the_messages_of_the_example_arrive_byte_by_byte() {
    let mut world = World::new();
    let messages = fs::read_dir(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../templates/maildir/messages"
    ))
    .expect("there");
    let mut sent = std::collections::BTreeMap::new();
    for entry in messages {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "eml") {
            let name = path
                .file_stem()
                .and_then(|name| name.to_str())
                .expect("a name")
                .to_owned();
            fs::copy(&path, world.server().join("new").join(&name)).expect("writable");
            sent.insert(name, fs::read(&path).expect("readable"));
        }
    }
    let told = world.ok(FULL);
    assert_eq!(told.steps()[9], "Downloading: Café à la crème et déjà vu");
    assert_eq!(sent.len(), 12);
    for (name, bytes) in sent {
        assert!(bytes.ends_with(b"\r\n"), "{name}");
        assert!(
            fs::read(file(&world.local(), &name)).expect("arrived") == bytes,
            "{name}"
        );
    }
}
