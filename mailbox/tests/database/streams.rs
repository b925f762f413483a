//! Large values, in pieces.

use crate::store_support;
use mapi_provider_abi::mapi::{PR_ATTACH_DATA_BIN, PR_BODY_W, PT_BINARY, PT_UNICODE};
use mapi_provider_abi::view::PropValue;
use mapi_provider_mailbox::database::{LargeValue, MessageData, Property, Special, Store};
use store_support::{Work, message, save, store};

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|one| (one * 7 / 3) as u8).collect()
}

fn large(property: Option<&Property>) -> &LargeValue {
    match property {
        Some(Property::Large(large)) => large,
        other => panic!("it lies apart: {other:?}"),
    }
}

fn bytes(store: &Store, value: &LargeValue) -> Vec<u8> {
    let mut bytes = vec![0; usize::try_from(value.size()).expect("small")];
    let length = store.read_blob(value, 0, &mut bytes).expect("there");
    assert_eq!(length, bytes.len());
    bytes
}

#[test]
fn store_30_what_is_written_in_pieces_anywhere_is_read_anywhere() {
    let store = store();
    let mut staged = store.new_blob().expect("new");
    let mut model = Vec::new();
    let pieces = [
        (0, 100),
        (100, 70_000),
        (50, 10),
        (65_530, 20),
        (300_000, 3),
        (200_000, 90_000),
    ];
    for (offset, length) in pieces {
        let new = pattern(length);
        staged.write_at(offset as u64, &new).expect("written");
        if model.len() < offset + length {
            model.resize(offset + length, 0);
        }
        model[offset..offset + length].copy_from_slice(&new);
    }
    assert_eq!(staged.size(), model.len() as u64);
    for (offset, length) in [(0, 10), (65_500, 100), (290_000, 20_000), (300_001, 5)] {
        let mut read = vec![1; length];
        let some = staged.read_at(offset as u64, &mut read).expect("read");
        assert_eq!(
            read[..some],
            model[offset..model.len().min(offset + length)]
        );
    }
    for size in [300_000, 65_536, 65_537, 9_000, 70_000] {
        staged.set_size(size as u64).expect("cut");
        model.resize(size, 0);
        let property = staged.property(PT_BINARY).expect("read");
        assert_eq!(bytes(&store, large(Some(&property))), model, "{size}");
    }
    staged.set_size(100).expect("cut");
    let small = staged.property(PT_BINARY).expect("read");
    assert_eq!(
        small,
        Property::Value(PropValue::from(model[..100].to_vec()))
    );
    assert!(staged.write_at(u64::MAX - 5, &[0; 10]).is_err());
    assert!(staged.set_size(1 << 40).is_err());
}

#[test]
fn store_21_a_stream_that_goes_on_after_the_save_does_not_touch_what_is_saved() {
    let store = store();
    let mut staged = store.new_blob().expect("new");
    let first = pattern(100_000);
    staged.write_at(0, &first).expect("written");
    let mut data = MessageData::default();
    let property = staged.property(PT_UNICODE).expect("staged");
    data.props.put(PR_BODY_W.id(), property);
    let mut work = Work::new(&store, Special::Inbox, data);
    let saved = work.save(&store, false).expect("saved");
    staged.write_at(50_000, &[9; 100]).expect("written");
    let again = staged.property(PT_UNICODE).expect("staged");
    let body = large(saved.data.props.get(PR_BODY_W.id()));
    assert_eq!(bytes(&store, body), first);
    let mut changed = first.clone();
    changed[50_000..50_100].fill(9);
    assert_eq!(bytes(&store, large(Some(&again))), changed);

    let edited = store.edit_blob(body).expect("copied");
    assert_eq!(edited.size(), 100_000);
    drop((staged, edited, again));
    while store.maintain().expect("cleaned") {}
    let report = store.check().expect("readable");
    assert_eq!(report.problems, Vec::<String>::new());
}

#[test]
fn store_30_what_nobody_has_is_thrown_away_and_what_somebody_reads_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&folder.path().join("store.db")).expect("made");
    let inbox = store.read(|r| r.special(Special::Inbox)).expect("inbox");
    let pages = || store.check().expect("readable").bytes;
    let empty = pages();
    let mut data = message("Large", 1);
    data.props.set_tag(PR_BODY_W, &*"x".repeat(2_000_000));
    let saved = save(&store, inbox, &data).info.id;
    let open = store.open_message(saved).expect("read").expect("there");
    let copied = store
        .write(|tx| tx.copy_messages(&[saved], inbox))
        .expect("copied");
    let full = pages();
    assert!(full < empty + 6_000_000, "copies share what is large");
    store
        .write(|tx| tx.delete_messages(&[saved, copied.done[0].1]))
        .expect("deleted");
    while store.maintain().expect("cleaned") {}
    let body = large(open.data.props.get(PR_BODY_W.id()));
    assert_eq!(bytes(&store, body).len(), 4_000_000);
    drop(open);
    while store.maintain().expect("cleaned") {}
    store.compact().expect("compacted");
    assert!(pages() < empty + 500_000);
}

#[test]
fn store_30_a_value_of_hundreds_of_megabytes_goes_through_a_small_window() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(&folder.path().join("store.db")).expect("made");
    let mut staged = store.new_blob().expect("new");
    let piece = pattern(1 << 20);
    for number in 0..200 {
        staged.write_at(number << 20, &piece).expect("written");
    }
    let property = staged.property(PT_BINARY).expect("staged");
    let mut data = MessageData::default();
    data.props.put(PR_ATTACH_DATA_BIN.id(), property);
    let inbox = store.read(|r| r.special(Special::Inbox)).expect("inbox");
    let saved = save(&store, inbox, &data);
    let value = large(saved.data.props.get(PR_ATTACH_DATA_BIN.id()));
    let mut read = vec![0; 1 << 20];
    for number in [0, 77, 199] {
        store
            .read_blob(value, number << 20, &mut read)
            .expect("read");
        assert_eq!(read, piece);
    }
    assert_eq!(
        saved.info.size,
        (200 << 20) + 8 + saved.data.props.size() - value.size() - 8
    );
}
