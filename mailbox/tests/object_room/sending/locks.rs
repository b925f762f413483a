//! Two spoolers, of which one has locked a message (STORE-36).

use super::{Stage, queued};
use crate::object_support::*;

use mapi_provider::abi::*;
use mapi_provider::view::Property;
use mapi_provider_mailbox::database::LOCKED;

#[test]
fn store_36_a_second_spooler_is_kept_out_as_others_are() {
    let stage = Stage::new();
    let id = stage.submitted("one");
    // Of another session: one provider gives the same store to all of its spoolers (ENTRY-04).
    let (provider, client) = stage.session.open_another(Where::Open(stage.store.clone()));
    let (first, second) = (
        stage.session.provider.spooler_logon().expect("a logon"),
        provider.spooler_logon().expect("a logon"),
    );
    let modify = OpenEntryFlags::MAPI_MODIFY;
    let open = |spooler: &IMsgStore, flags| {
        open_for(&stage.session, spooler, &id, flags).map(|(message, _)| message)
    };
    let of_first = open(first.interface(), modify).expect("it is free");
    let of_second = open(second.interface(), modify).expect("it is free");
    let lock = |spooler: &IMsgStore, message: &IMessage, state| unsafe {
        spooler.SetLockState(message.as_raw(), state)
    };
    assert_eq!(lock(first.interface(), &of_first, MSG_LOCKED), S_OK);
    assert_eq!(
        lock(first.interface(), &of_first, MSG_LOCKED),
        S_OK,
        "its own"
    );
    assert_eq!(stage.queue(), [queued("one", LOCKED)]);
    // Whoever had it open before can neither lock it nor save it.
    let subject = [Property::new(PR_SUBJECT_W, "theirs")];
    assert_eq!(set_props(&stage.session, &of_second, &subject).0, S_OK);
    assert_eq!(
        lock(second.interface(), &of_second, MSG_LOCKED),
        MAPI_E_NO_ACCESS
    );
    assert_eq!(
        save_changes(&of_second, SaveChangesFlags::FORCE_SAVE),
        MAPI_E_NO_ACCESS
    );
    assert_eq!(stage.queue(), [queued("one", LOCKED)]);
    for flags in [
        modify,
        OpenEntryFlags::MAPI_BEST_ACCESS,
        OpenEntryFlags::empty(),
    ] {
        let opened = open(second.interface(), flags).map(drop);
        assert_eq!(opened, Err(MAPI_E_NO_ACCESS));
        assert!(open(first.interface(), flags).is_ok(), "its own");
    }
    // Once it is free, the second may have it; and the first is gone then, who forgot to unlock it.
    assert_eq!(lock(first.interface(), &of_first, MSG_UNLOCKED), S_OK);
    assert!(open(second.interface(), modify).is_ok());
    assert_eq!(lock(first.interface(), &of_first, MSG_LOCKED), S_OK);
    drop(of_first);
    first.logoff();
    let again = open(second.interface(), modify).expect("nobody is there who has locked it");
    assert_eq!(lock(second.interface(), &again, MSG_LOCKED), S_OK);
    drop((of_second, again));
    second.logoff();
    client.logoff();
    provider.shutdown().expect("a shutdown");
    drop(provider);
    stage.close();
}
