//! Messages as objects: working copies, properties, saves, conflicts.
#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "every pointer is to a local or to what a method has just answered"
)]

mod object_support;

use mapi_provider::abi::*;
use mapi_provider::view::{PropValue, Property};
use object_support::*;

#[test]
fn store_21_a_message_is_seen_by_others_once_it_is_saved() {
    let (session, _store) = Session::in_memory();
    let folder = session.raw_folder("Mail");
    let message = create_message(&folder);
    let set = set_props(&session, &message, &[Property::new(PR_SUBJECT_W, "Lunch")]);
    assert_eq!(set, (S_OK, vec![]));
    let id = entry_id_of(&session, &message);
    assert_eq!(open_entry(&session, &id).err(), Some(MAPI_E_NOT_FOUND));
    let table = contents(&folder);
    assert!(query(&session, &table, 10).is_empty());
    assert_eq!(save_changes(&message, SaveChangesFlags::empty()), S_OK);
    assert_eq!(texts(&session, &table, PR_SUBJECT_W), ["Lunch"]);
    let again = open_message(&session, &id);
    let subject = get_props(&session, &again, Some(&[PR_SUBJECT_W]));
    assert_eq!(subject[0].value, PropValue::from("Lunch"));
    drop((folder, message, table, again));
    session.close();
}
