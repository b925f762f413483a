//! How large a value is, where a table reads only its beginning (STORE-12, STORE-15).

use crate::object_support;
use crate::parts_support;

use mapi_provider::abi::*;
use mapi_provider::view::{Property, RelOp, Restriction};
use mapi_provider_mailbox::database::MessageData;
use object_support::*;
use parts_support::*;

fn has_at_least(tag: PropTag, bytes: u32) -> Restriction<'static> {
    Restriction::Size {
        relop: RelOp::Ge,
        tag,
        bytes,
    }
}

#[test]
fn store_15_the_size_of_an_attachment_is_that_of_all_of_it() {
    const BYTES: u32 = 1024 * 1024;
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let (_, attachment) = create_attachment(&message);
    let data = [
        named(PR_DISPLAY_NAME_W, "a.bin"),
        Property::new(PR_ATTACH_DATA_BIN, vec![7_u8; BYTES as usize]),
    ];
    set(&session, &attachment, &data);
    save_and_go_on(&attachment);
    save_and_go_on(&message);
    let again = open_message(&session, &entry_id_of(&session, &message));
    // As it was set, and as it was read.
    for message in [&message, &again] {
        let table = attachment_table(message);
        for (bytes, expected) in [(BYTES, 1), (BYTES + 1, 0)] {
            let size = has_at_least(PR_ATTACH_DATA_BIN, bytes);
            assert_eq!(restrict(&session, &table, &size), S_OK);
            assert_eq!(query(&session, &table, 10).len(), expected, "{bytes}");
        }
    }
    drop((folder, message, again, attachment));
    session.close();
}

#[test]
fn store_15_the_size_of_a_body_is_that_of_all_of_it() {
    const BYTES: u32 = 17 * 1024 * 1024;
    let (session, store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let id = entry_id_of(&session, &folder).into();
    let mut data = MessageData::default();
    data.props.set_tag(PR_HTML, vec![7_u8; BYTES as usize]);
    save(&store, folder_id(&id), &data);
    deliver(&store, folder_id(&id), "small");
    let table = contents(&folder);
    for (bytes, expected) in [(BYTES, 1), (BYTES + 1, 0)] {
        let size = has_at_least(PR_HTML, bytes);
        assert_eq!(restrict(&session, &table, &size), S_OK);
        assert_eq!(query(&session, &table, 10).len(), expected, "{bytes}");
    }
    drop((folder, table));
    session.close();
}
