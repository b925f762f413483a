//! Each call of a scenario fails once, and each allocation: that is an error, and nothing is left behind.

use mapi_provider::abi::{
    MAPI_E_NETWORK_ERROR, MAPI_E_NOT_ENOUGH_MEMORY, PR_BODY_W, PR_ENTRYID, PR_SUBJECT_W, PT_UNICODE,
};
use mapi_provider::store::{FileAttachment, Recipient, Store, StoreError};
use mapi_provider::view::{NameId, PropName, Restriction, SortDirection};

use crate::fake::{Fake, Lie};

/// Calls that may fail without failing the whole, because their results are not needed. `Stat` only tells early that a value
/// is too large.
const HARMLESS: [&str; 3] = ["SetSize", "GetLastError", "Stat"];

/// Everything that a store can be asked for, once.
pub(crate) fn everything(store: &Store) -> Result<(), StoreError> {
    let top = store.ipm_subtree()?;
    let inbox = top.open_or_create_folder("Inbox")?;
    store.set_receive_folder("IPM.Note", &inbox.entry_id()?)?;
    store.receive_folder("IPM.Note")?;
    let archive = top.create_folder("Archive")?;
    archive.rename("Old")?;
    top.folder("old")?;

    let message = inbox.create_message()?;
    message.set_from("Ann", "ann@example.org")?;
    message.set_subject("Hello")?;
    message.set_body(&"text ".repeat(1200))?;
    message.add_recipients(&[Recipient::to("Bob", "bob@example.org")])?;
    message.attach(&FileAttachment::new("a.txt", "text/plain", &[7; 9000]))?;
    message.attach_message("News", |inner| inner.set_subject("News"))?;
    message.set_read(true)?;
    let id = message.save()?;
    message.set_read(false)?;

    let message = store.open_message(&id)?;
    message.text(PR_BODY_W)?;
    message.all()?;
    message.delete(&[PR_SUBJECT_W])?;
    let recipients = message.recipients()?;
    message.remove_recipient(recipients.first().ok_or_else(gone)?)?;
    for attachment in message.attachments()? {
        if attachment.message()?.is_none() {
            attachment.read_to_vec()?;
            message.delete_attachment(attachment.number())?;
        }
    }
    inbox.open_message(&id)?;
    store.same_entry(&id, &id)?;

    let name = PropName {
        set: mapi_provider::abi::GUID::from_u128(7),
        id: NameId::from(1),
    };
    let tag = store.named_property(&name, PT_UNICODE)?;
    store.name_of(tag)?;

    let query = inbox.messages().columns(&[PR_ENTRYID]);
    let query = query.restrict(Restriction::Exist(PR_ENTRYID));
    query.count()?;
    let query = query.sort(PR_ENTRYID, SortDirection::Ascend);
    for row in query.rows()? {
        row?;
    }
    inbox.hidden_items().first()?;

    let ids = [id];
    inbox.set_read(&ids, true)?;
    inbox.copy_messages(&ids, &archive)?;
    inbox.delete_messages(&ids)?;
    top.move_folder(&archive.entry_id()?, &inbox, None)?;
    inbox.delete_folder_tree(&archive.entry_id()?)?;
    inbox.empty()
}

fn gone() -> StoreError {
    let fake = Fake::new();
    let error = fake.store().open_message(&vec![0xFF; 4].into());
    error.expect_err("there is no such message")
}

#[test]
fn each_call_fails_once() {
    let mut seen = std::collections::BTreeSet::new();
    for at in 0.. {
        let outcome = Fake::with_lie(Lie::Fail(MAPI_E_NETWORK_ERROR), at, everything);
        let Some(call) = outcome.call else {
            outcome.result.expect("no call has failed");
            assert!(at > 100, "only {at} calls");
            break;
        };
        seen.insert(call);
        if HARMLESS.contains(&call) {
            continue;
        }
        let error = outcome.result.expect_err(call);
        assert_eq!(error.status(), MAPI_E_NETWORK_ERROR, "{call}: {error}");
    }
    // The scenario leaves nothing out.
    for call in [
        "Commit",
        "CompareEntryIDs",
        "CopyFolder",
        "CopyMessages",
        "CreateAttach",
        "CreateFolder",
        "CreateMessage",
        "DeleteAttach",
        "DeleteFolder",
        "DeleteMessages",
        "DeleteProps",
        "EmptyFolder",
        "GetAttachmentTable",
        "GetContentsTable",
        "GetHierarchyTable",
        "GetIDsFromNames",
        "GetNamesFromIDs",
        "GetPropList",
        "GetProps",
        "GetReceiveFolder",
        "GetRecipientTable",
        "GetRowCount",
        "IMAPIContainer::OpenEntry",
        "IMsgStore::OpenEntry",
        "ModifyRecipients",
        "OpenAttach",
        "OpenProperty",
        "QueryRows",
        "Read",
        "Restrict",
        "SaveChanges",
        "SetColumns",
        "SetProps",
        "SetReadFlag",
        "SetReadFlags",
        "SetReceiveFolder",
        "SetSize",
        "SortTable",
        "Write",
    ] {
        assert!(seen.contains(call), "{call}");
    }
}

#[test]
fn each_allocation_fails_once() {
    let fake = Fake::new();
    let (store, before) = (fake.store(), fake.allocations());
    everything(&store).expect("nothing fails");
    let allocations = fake.allocations() - before;
    drop(store);
    fake.assert_clean();
    assert!(allocations > 50, "only {allocations}");
    for n in 1..=allocations {
        let fake = Fake::new();
        let store = fake.store();
        fake.fail_allocation(n);
        if let Err(error) = everything(&store) {
            assert_eq!(error.status(), MAPI_E_NOT_ENOUGH_MEMORY, "{error}");
        }
        drop(store);
        fake.assert_clean();
    }
}
