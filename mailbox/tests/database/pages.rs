//! Orders, pages, positions, substrings: what tables ask for.

use crate::store_support;
use std::ops::ControlFlow;

use mapi_provider_abi::mapi::{
    PR_MESSAGE_DELIVERY_TIME, PR_SENT_REPRESENTING_NAME_W, PR_SUBJECT_W, PropTag,
};
use mapi_provider_abi::view::{FileTime, PropValue};
use mapi_provider_mailbox::database::{
    Cell, Column, Contents, Direction, FolderId, MessageData, MessageId, Order, Place, Special,
    Store, TextColumn,
};
use mapi_provider_mailbox::text::loose;
use store_support::{save, store};

const ORDERS: [(Order, Option<Column>); 7] = [
    (Order::Id, None),
    (Order::Delivered, Some(Column::Delivered)),
    (Order::Modified, Some(Column::Modified)),
    (Order::Submitted, Some(Column::Submitted)),
    (Order::Subject, Some(Column::NormalizedSubject)),
    (Order::Sender, Some(Column::Sender)),
    (Order::Size, Some(Column::Size)),
];

/// Messages with ties, and some without the one or other property.
fn filled() -> (Store, FolderId) {
    let store = store();
    let inbox = store.read(|r| r.special(Special::Inbox)).expect("inbox");
    for number in 0..40_u64 {
        let mut data = MessageData::default();
        if number % 3 != 0 {
            let subject = ["RE: beta", "Alpha", "ALPHA", "gamma"][number as usize % 4];
            data.props.set_tag(PR_SUBJECT_W, subject);
        }
        if number % 5 != 0 {
            let time = FileTime::from_ticks(number * 7 % 10);
            data.props.set_tag(PR_MESSAGE_DELIVERY_TIME, time);
        }
        if number % 7 != 0 {
            let sender = if number % 2 == 0 { "Zoë" } else { "adam" };
            data.props.set_tag(PR_SENT_REPRESENTING_NAME_W, sender);
        }
        save(&store, inbox, &data);
    }
    (store, inbox)
}

fn contents(store: &Store, folder: FolderId) -> Contents {
    store.read(|r| r.contents(folder, false)).expect("there")
}

#[test]
fn store_14_pages_forwards_and_backwards_are_the_whole_order() {
    let (store, inbox) = filled();
    let contents = contents(&store, inbox);
    for (order, column) in ORDERS {
        for direction in [Direction::Ascending, Direction::Descending] {
            let walk = |backward| {
                let mut found: Vec<Place> = Vec::new();
                loop {
                    let from = found.last();
                    let page = store
                        .read(|r| r.page(contents, order, direction, from, backward, 7))
                        .expect("read");
                    if page.is_empty() {
                        return found;
                    }
                    found.extend(page.into_iter().map(|(place, _)| place));
                }
            };
            let forwards = walk(false);
            let places = store
                .read(|r| r.places(contents, order, direction, None, false, 100))
                .expect("read");
            assert_eq!(places, forwards);
            let mut backwards = walk(true);
            backwards.reverse();
            assert_eq!(forwards, backwards, "{order:?} {direction:?}");
            let ids: Vec<MessageId> = forwards.iter().map(|place| place.id).collect();
            let keys: Vec<_> = column
                .map(|column| (column, direction))
                .into_iter()
                .collect();
            let mut whole = store
                .read(|r| r.ids_in_order(contents, &keys))
                .expect("read");
            if column.is_none() && direction == Direction::Descending {
                whole.reverse();
            }
            assert_eq!(ids, whole, "{order:?} {direction:?}");
            let is_last = |place: &Place| place.key.is_none();
            let first = forwards.iter().position(is_last).unwrap_or(forwards.len());
            assert!(
                forwards[first..].iter().all(is_last),
                "{order:?} {direction:?}"
            );
        }
    }
}

#[test]
fn store_13_the_position_of_a_row_is_its_number() {
    let (store, inbox) = filled();
    let contents = contents(&store, inbox);
    assert_eq!(store.read(|r| r.count(contents)).expect("read"), 40);
    for (order, _) in ORDERS {
        for direction in [Direction::Ascending, Direction::Descending] {
            for number in 0..40 {
                store
                    .read(|r| {
                        let place = r.nth(contents, order, direction, number)?.expect("there");
                        assert_eq!(
                            r.place_of(contents, order, place.id)?.as_ref(),
                            Some(&place)
                        );
                        let before = r.count_before(contents, order, direction, &place)?;
                        assert_eq!(before, number, "{order:?} {direction:?}");
                        Ok(())
                    })
                    .expect("read");
            }
            let beyond = store
                .read(|r| r.nth(contents, order, direction, 40))
                .expect("read");
            assert_eq!(beyond, None);
        }
    }
}

#[test]
fn store_15_the_text_index_and_a_scan_find_the_same() {
    let store = store();
    let inbox = store.read(|r| r.special(Special::Inbox)).expect("inbox");
    let subjects = [
        "Grüße aus Köln",
        "GRUSSE",
        "Gru\u{308}ße",
        "100% \"quoted\" text",
        "a-b-c",
        "ab",
        "İstanbul",
        "日本語のメール",
        "",
    ];
    for subject in subjects {
        let mut data = MessageData::default();
        data.props.set_tag(PR_SUBJECT_W, subject);
        save(&store, inbox, &data);
    }
    let mut odd = MessageData::default();
    odd.props.set_tag(
        PR_SUBJECT_W,
        PropValue::from(&*format!("{}needle", "x".repeat(9000))),
    );
    let odd = save(&store, inbox, &odd).info.id;
    let contents = contents(&store, inbox);
    for needle in [
        "gru",
        "GRÜ",
        "ße",
        "\"quo",
        "b-c",
        "istan",
        "本語の",
        "zzz",
        "% \"",
    ] {
        let mut scanned = Vec::new();
        store
            .read(|r| {
                r.each_row(contents, |row| {
                    let subject = row.subject.unwrap_or_default();
                    if loose(&subject).contains(&loose(needle)) {
                        scanned.push(row.info.id);
                    }
                    Ok(ControlFlow::Continue(()))
                })
            })
            .expect("read");
        let candidates = store
            .read(|r| r.text_candidates(contents, TextColumn::Subject, needle))
            .expect("read");
        let Some(candidates) = candidates else {
            assert!(loose(needle).chars().count() < 3, "{needle}");
            continue;
        };
        scanned.push(odd);
        assert_eq!(candidates, scanned, "{needle}");
    }
}

#[test]
fn store_10_a_row_says_what_the_properties_say_or_that_it_does_not_know() {
    let (store, inbox) = filled();
    let contents = contents(&store, inbox);
    let tags = [
        PR_SUBJECT_W,
        PR_MESSAGE_DELIVERY_TIME,
        PR_SENT_REPRESENTING_NAME_W,
        PropTag(0x0017_0003),
    ];
    let mut seen = 0;
    store
        .read(|r| {
            r.each_full_row(contents, |row, props| {
                for tag in tags {
                    let cell = match props.value(tag.id()) {
                        Some(value) => Cell::Value(value.clone()),
                        None => Cell::None,
                    };
                    assert_eq!(row.cell(tag.id()), cell);
                }
                seen += 1;
                Ok(ControlFlow::Continue(()))
            })
        })
        .expect("read");
    assert_eq!(seen, 40);
    store
        .read(|r| {
            let ids = [PR_MESSAGE_DELIVERY_TIME.id(), PR_SUBJECT_W.id()];
            r.each_row_with(contents, &ids, |row, some| {
                let all = r.message_props(row.info.id)?;
                for id in ids {
                    assert_eq!(some.get(id), all.get(id));
                }
                assert!(some.len() <= 2);
                assert_eq!(r.some_message_props(row.info.id, &ids)?, some);
                Ok(ControlFlow::Continue(()))
            })
        })
        .expect("read");
}

#[test]
fn store_42_a_search_folder_has_what_was_found() {
    use mapi_provider_abi::mapi::PR_DISPLAY_NAME_W;
    use mapi_provider_mailbox::database::{FolderKind, NewFolder, PropertySet, Search};
    let (store, inbox) = filled();
    let mut props = PropertySet::default();
    props.set_tag(PR_DISPLAY_NAME_W, "Found");
    let found = store
        .write(|tx| {
            let parent = tx.special(Special::SearchRoot)?;
            let new = NewFolder {
                parent,
                kind: FolderKind::Search,
                props: &props,
                open_existing: false,
            };
            let (id, _) = tx.create_folder(&new)?;
            let search = Search {
                restriction: vec![1, 2],
                scope: vec![inbox],
                state: 1,
            };
            tx.set_search(id, &search, false)?;
            assert_eq!(tx.search(id)?, Some(search));
            Ok(id)
        })
        .expect("made");
    let all = store.read(|r| r.message_ids(inbox)).expect("read");
    store
        .write(|tx| tx.add_hits(found, &all[..10]))
        .expect("added");
    assert_eq!(
        store
            .write(|tx| tx.add_hits(found, &all[..11]))
            .expect("added"),
        1
    );
    let counts = || {
        let folder = store.read(|r| r.existing_folder(found)).expect("there");
        (folder.total, folder.unread)
    };
    assert_eq!(counts(), (11, 11));
    store
        .write(|tx| tx.set_read(&all[..2], true))
        .expect("marked");
    assert_eq!(counts(), (11, 9));
    store
        .write(|tx| tx.delete_messages(&all[1..3]))
        .expect("deleted");
    assert_eq!(counts(), (9, 8));
    let contents = contents(&store, found);
    let page = store
        .read(|r| {
            r.page(
                contents,
                Order::Delivered,
                Direction::Descending,
                None,
                false,
                50,
            )
        })
        .expect("read");
    assert_eq!(page.len(), 9);
    assert!(page.iter().all(|(_, row)| row.info.folder == inbox));
    assert_eq!(
        store.check().expect("readable").problems,
        Vec::<String>::new()
    );
    store
        .write(|tx| tx.delete_folder(found, Default::default()))
        .expect("deleted");
    assert_eq!(
        store.read(|r| r.message_ids(inbox)).expect("read").len(),
        38
    );
}
