//! What becomes of a message that was sent (STORE-37).

use super::{Stage, asked, submit};
use crate::object_support::*;

use mapi_provider::abi::*;
use mapi_provider::view::Property;

#[test]
fn store_37_what_was_sent_is_no_draft_any_more() {
    let stage = Stage::new();
    let store = stage.session.store.interface();
    let finish = |id: &[u8]| {
        let mut id = id.to_vec();
        unsafe { store.FinishedMsg(0, id.len() as u32, id.as_mut_ptr().cast()) }
    };
    let flags = |id: &[u8]| {
        let opened = open_for(&stage.session, store, id, OpenEntryFlags::empty());
        stage.flags(&opened.expect("to be read").0)
    };
    let of_drafts = MessageFlags::SUBMIT | MessageFlags::UNSENT;
    // Whoever puts it away has it without the flags.
    let id = stage.submitted("sent");
    assert!(flags(&id).contains(of_drafts));
    let allocators = stage.session.allocators();
    *stage.desk.sent.lock().expect("sound") = Some(Box::new(move |message| {
        let flags = asked(allocators, message, PR_MESSAGE_FLAGS).as_long();
        let flags = MessageFlags::from_bits_retain(flags.expect("flags").cast_unsigned());
        assert!(!flags.intersects(of_drafts));
        S_OK
    }));
    assert_eq!(finish(&id), S_OK);
    assert!(!flags(&id).intersects(of_drafts));
    // What is taken back is a draft as before.
    let id = stage.submitted("taken back");
    let mut bytes = id.clone();
    let aborted = unsafe { store.AbortSubmit(id.len() as u32, bytes.as_mut_ptr().cast(), 0) };
    assert_eq!(aborted, S_OK);
    assert_eq!(flags(&id) & of_drafts, MessageFlags::UNSENT);
    stage.close();
}

#[test]
fn store_37_what_says_nothing_of_where_it_goes_stays_where_it_is() {
    let (session, store) = Session::in_memory();
    let (out, sent) = (session.raw_folder("Out"), session.raw_folder("Sent"));
    let where_to = entry_id_of(&session, &sent);
    let kept = Property::new(PR_DELETE_AFTER_SUBMIT, false);
    let moved = Property::new(PR_SENTMAIL_ENTRYID, where_to.clone());
    let deleted = Property::new(PR_DELETE_AFTER_SUBMIT, true);
    // The table of both properties: where it is afterwards, or nowhere.
    for (properties, expected) in [
        (vec![], Some(&out)),
        (vec![kept], Some(&out)),
        (vec![moved.clone()], Some(&sent)),
        (vec![deleted.clone()], None),
        (vec![moved, deleted], None),
    ] {
        let message = create_message(&out);
        if !properties.is_empty() {
            set(&session, &message, &properties);
        }
        add_recipients(&session, &message, &[(MAPI_TO, "Ann")]);
        assert_eq!(submit(&message), S_OK);
        let mut id = entry_id_of(&session, &message);
        let client = session.store.interface();
        let finished = unsafe { client.FinishedMsg(0, id.len() as u32, id.as_mut_ptr().cast()) };
        assert_eq!(finished, S_OK);
        let info = store.read(|reader| reader.message_info(message_id(&id)));
        let info = info.expect("read");
        let expected = expected.map(|folder| folder_id(&entry_id_of(&session, folder).into()));
        assert_eq!(info.as_ref().map(|info| info.folder), expected);
        let of_drafts = MessageFlags::SUBMIT | MessageFlags::UNSENT;
        assert!(info.is_none_or(|info| info.flags & of_drafts.bits() == 0));
    }
    drop((out, sent));
    session.close();
}
