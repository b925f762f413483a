//! Single cases of what tables tell.

use mapi_provider_abi::mapi::*;

use super::acts::{Act, Mail, World};
use super::*;
use crate::database::FolderId;

/// A store with some messages in its outer folder, unread and not hidden.
fn world(mails: &[Mail]) -> (Stage, World) {
    let stage = Stage::new();
    let mut world = World::new(&stage.store);
    world.act(&Act::Many(0, mails.to_vec()));
    (stage, world)
}

fn mails(subjects: &[&'static str]) -> Vec<Mail> {
    let mail = |subject: &&'static str| Mail::of(subject, 1);
    subjects.iter().map(mail).collect()
}

fn contents(folder: FolderId) -> Which {
    Which::Contents {
        folder,
        associated: false,
    }
}

/// What is told of some acts, which a client then has done and has the rows.
fn told(followed: &mut Followed, stage: &Stage, world: &mut World, acts: &[Act]) -> Vec<String> {
    acts.iter().for_each(|act| world.act(act));
    let events = followed.follow(stage).expect("the rows are those told");
    let name = |event: &TableEvent<'_>| match event {
        TableEvent::RowAdded { .. } => "added",
        TableEvent::RowModified { .. } => "modified",
        TableEvent::RowDeleted { .. } => "deleted",
        TableEvent::Changed => "changed",
        _ => "another",
    };
    events.iter().map(|event| name(event).to_owned()).collect()
}

#[test]
fn store_40_folders_tell_what_a_search_folder_has_that_is_unread() {
    let (stage, mut world) = world(&mails(&["a", "b"]));
    let finder = stage.store.read(|r| r.special(Special::SearchRoot));
    let which = Which::Hierarchy {
        folder: finder.expect("there"),
        deep: false,
    };
    let mut folders = Followed::new(Setup::new(which, by(&[])), &stage).expect("there");
    let mut told = |acts: &[Act]| told(&mut folders, &stage, &mut world, acts);
    assert_eq!(told(&[Act::Find(0, 0), Act::Find(0, 1)]), ["modified"]);
    assert_eq!(told(&[Act::Read(0, true)]), ["modified"]);
    // One that is found no more when somebody looks.
    assert_eq!(told(&[Act::Read(1, true), Act::Lose(0, 1)]), ["modified"]);
    assert_eq!(told(&[Act::Read(1, false)]), [""; 0]);
}

#[test]
fn store_40_what_changed_before_it_was_found_is_new() {
    let (stage, mut world) = world(&mails(&["a", "b"]));
    let setup = Setup::new(contents(world.searches[0]), by(&[]));
    let mut found = Followed::new(setup, &stage).expect("there");
    let mut told = |acts: &[Act]| told(&mut found, &stage, &mut world, acts);
    assert_eq!(told(&[Act::Read(0, true), Act::Find(0, 0)]), ["added"]);
    assert_eq!(told(&[Act::Find(0, 1), Act::Mark(1, 1)]), ["added"]);
    assert_eq!(told(&[Act::Mark(0, 1), Act::Lose(0, 0)]), ["deleted"]);
}

#[test]
fn store_40_a_search_folder_that_goes_takes_its_rows_along() {
    let (stage, mut world) = world(&mails(&["a", "b"]));
    let setup = Setup::new(contents(world.searches[0]), by(&[]));
    world.act(&Act::Find(0, 0));
    let mut found = Followed::new(setup, &stage).expect("there");
    let mut told = |acts: &[Act]| told(&mut found, &stage, &mut world, acts);
    // Of all folders the last.
    assert_eq!(told(&[Act::Find(0, 1), Act::DeleteFolder(2)]), ["deleted"]);
}

#[test]
fn store_40_and_store_25_what_was_found_tells_how_its_folder_is_called_now() {
    let (stage, mut world) = world(&mails(&["a", "b"]));
    let orders = [by(&[]), by(&[(PR_PARENT_DISPLAY_W, UP)])];
    let setups = orders.map(|order| Setup::new(contents(world.searches[0]), order));
    world.act(&Act::Find(0, 1));
    for setup in setups {
        let mut found = Followed::new(setup, &stage).expect("there");
        let mut told = |acts: &[Act]| told(&mut found, &stage, &mut world, acts);
        assert_eq!(told(&[Act::Rename(0, 0)]), ["modified"]);
        assert_eq!(
            told(&[Act::Rename(1, 1)]),
            [""; 0],
            "nothing was found there"
        );
        assert_eq!(told(&[Act::Rename(0, 2)]), ["modified"]);
    }
}

#[test]
fn store_40_a_row_that_no_index_has_in_its_place_is_told_in_it() {
    let (stage, mut world) = world(&mails(&["a", "c", "d"]));
    let setup = Setup::new(
        contents(world.folders[0]),
        by(&[(PR_NORMALIZED_SUBJECT_W, UP)]),
    );
    let mut table = Followed::new(setup, &stage).expect("there");
    table
        .table
        .seek_row(BOOKMARK_BEGINNING as usize, 2)
        .expect("a seek");
    // Very long: the database sorts it last, and it is the second.
    let long = Mail::of("b", 5000);
    world.act(&Act::Many(0, vec![long.clone()]));
    table.table.refresh().expect("rows");
    let position = table.table.query_position().expect("a position");
    assert_eq!(position.row, 3, "the cursor stays before its row");
    let mut told = |acts: &[Act]| told(&mut table, &stage, &mut world, acts);
    assert_eq!(told(&[]), ["changed"]);
    assert_eq!(told(&[Act::Many(0, vec![long])]), ["added"]);
}

#[test]
fn store_14_messages_of_more_than_two_gigabytes_are_alike_and_each_is_read_once() {
    let (stage, mut world) = world(&mails(&["a", "b", "c", "d"]));
    let sizes = [0x1_8000_0000, 0x8000_0000, 3, 0x1_0000_0000];
    for (number, size) in sizes.into_iter().enumerate() {
        world.act(&Act::Grow(number, size));
    }
    for (direction, expected) in [(UP, ["c", "a", "b", "d"]), (DOWN, ["d", "b", "a", "c"])] {
        let setup = Setup::new(
            contents(world.folders[0]),
            by(&[(PR_MESSAGE_SIZE, direction)]),
        );
        let mut table = setup.open(&stage).expect("there");
        let mut subjects = |count: i32| -> Vec<String> {
            let text = |row: &Row<'_>| row.get(PR_SUBJECT_W).and_then(PropValue::to_text);
            // More often than there are rows: one that does not end has more. Backwards the cursor stays before what was read.
            let rows = (0..6).flat_map(|_| table.query_rows(count, count > 0).expect("rows"));
            let subjects: Vec<String> = rows.filter_map(|row| text(&row)).collect();
            subjects
        };
        assert_eq!(subjects(1), expected);
        let backwards: Vec<&str> = expected.into_iter().rev().collect();
        assert_eq!(subjects(-1), backwards);
        let mut followed = Followed::new(setup, &stage).expect("there");
        followed
            .follow(&stage)
            .expect("as a table sorts that has no index");
    }
}
