//! STORE-20: how much memory a table takes that is open.
#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "every pointer is NULL, to a local, or to what a method has just answered"
)]

#[path = "support/counting_heap/mod.rs"]
mod counting_heap;
#[path = "support/object_support/mod.rs"]
mod object_support;

use counting_heap::counted;
use mapi_provider::abi::*;
use mapi_provider::view::{SortDirection, SortOrder};
use mapi_provider_mailbox::database::{self, Options};
use object_support::*;

const MESSAGES: u32 = 3_000;

fn fill(store: &database::Store, folder: database::FolderId) {
    let write = |tx: &database::Transaction<'_>| {
        for number in 0..MESSAGES {
            let mut data = database::MessageData::default();
            let subject = format!("Message {}", number * 7919 % MESSAGES);
            data.props.set_tag(PR_SUBJECT_W, &*subject);
            data.props
                .set_tag(PR_IMPORTANCE, (number % 3).cast_signed());
            let save = database::Save {
                id: tx.new_message_id(),
                folder,
                associated: false,
                base: None,
                force: false,
                read: false,
                keep_time: false,
                data: &data,
            };
            tx.save_message(&save)?;
        }
        Ok(())
    };
    store.write(write).expect("saved");
}

// One test in this program: others would be counted with it.
#[test]
fn store_20_an_open_table_takes_at_most_16_bytes_a_row() {
    let (folder, path) = place();
    let store = database::Store::open_with(&path, Options::new()).expect("made");
    let session = Session::open(file(&path));
    let id = session
        .folder("Large")
        .entry_id()
        .expect("an ID")
        .into_owned();
    fill(&store, folder_id(&id));
    let object = raw_folder(&session, &id);
    // Orders that no index has: two that the narrow row has, and one that only the message could have.
    for tag in [PR_IMPORTANCE, PR_SUBJECT_W, PR_INTERNET_MESSAGE_ID_W] {
        let open = || {
            let table = contents(&object);
            assert_eq!(set_columns(&session, &table, &[PR_SUBJECT_W]), S_OK);
            let direction = SortDirection::Ascend;
            assert_eq!(
                sort(&session, &table, &[SortOrder { tag, direction }]),
                S_OK
            );
            // One row: the host remembers what it was given and has freed.
            assert_eq!(query(&session, &table, 1).len(), 1);
            table
        };
        // Statements that are kept are prepared.
        drop(open());
        let (table, taken, _) = counted(open);
        let allowed = 16 * MESSAGES as usize;
        assert!(taken <= allowed, "{taken} bytes for {tag}");
        assert!(taken > 8 * MESSAGES as usize, "it is counted");
        drop(table);
    }
    // An index has this order: no row is kept at all.
    let open = || {
        let table = contents(&object);
        let (tag, direction) = (PR_MESSAGE_DELIVERY_TIME, SortDirection::Descend);
        assert_eq!(
            sort(&session, &table, &[SortOrder { tag, direction }]),
            S_OK
        );
        // One row: the host remembers what it was given and has freed.
        assert_eq!(query(&session, &table, 1).len(), 1);
        table
    };
    drop(open());
    let (table, taken, _) = counted(open);
    assert!(taken < 16 * 1024, "{taken} bytes");
    drop((table, object));
    session.close();
    drop((store, folder));
}
