//! Reports of what was read, or was deleted unread.

use super::*;

/// An unread message whose sender wants to hear of it; its entry ID.
fn with_report(stage: &Stage) -> Vec<u8> {
    let message = create_message(&stage.folder);
    let asked = [
        Property::new(PR_SUBJECT_W, "read me"),
        Property::new(PR_READ_RECEIPT_REQUESTED, true),
        Property::new(PR_MESSAGE_FLAGS, 0),
    ];
    assert_eq!(set_props(&stage.session, &message, &asked), (S_OK, vec![]));
    save_and_go_on(&message);
    entry_id_of(&stage.session, &message)
}

fn mark(stage: &Stage, id: &[u8], flags: ReadFlags) -> HRESULT {
    let message = open_message(&stage.session, id);
    unsafe { message.SetReadFlag(flags) }
}

#[test]
fn store_24_the_first_who_reads_it_sends_the_report() {
    let stage = Stage::new();
    let allocators = stage.session.allocators();
    *stage.desk.report.lock().expect("sound") = Some(Box::new(move |report| {
        let subject = [Property::new(PR_SUBJECT_W, "report")];
        let subject = allocators.build(&subject[..]).expect("memory");
        let to = AddressList(vec![
            vec![Property::new(PR_DISPLAY_NAME_W, "Sender")].into(),
        ]);
        let to = allocators.build(&to).expect("memory");
        unsafe {
            assert_eq!(report.SetProps(1, subject.as_ptr(), ptr::null_mut()), S_OK);
            report.ModifyRecipients(ModifyRecipientsFlags::empty(), to.as_ptr())
        }
    }));
    let id = with_report(&stage);
    assert_eq!(mark(&stage, &id, ReadFlags::empty()), S_OK);
    assert_eq!(stage.desk.take(), ["read", "ready", "expand"]);
    assert_eq!(stage.queue(), [queued("report", 0)]);
    // Once, whatever is marked later.
    assert_eq!(mark(&stage, &id, ReadFlags::CLEAR_READ_FLAG), S_OK);
    assert_eq!(mark(&stage, &id, ReadFlags::empty()), S_OK);
    assert_eq!(stage.desk.take(), [""; 0]);
    // Not where it is held back.
    let held = with_report(&stage);
    assert_eq!(mark(&stage, &held, ReadFlags::SUPPRESS_RECEIPT), S_OK);
    assert_eq!(mark(&stage, &held, ReadFlags::GENERATE_RECEIPT_ONLY), S_OK);
    assert_eq!(stage.desk.take(), [""; 0]);
    // Only the report.
    let alone = with_report(&stage);
    assert_eq!(mark(&stage, &alone, ReadFlags::GENERATE_RECEIPT_ONLY), S_OK);
    assert_eq!(stage.desk.take(), ["read", "expand"]);
    let message = open_message(&stage.session, &alone);
    assert!(!stage.flags(&message).contains(MessageFlags::READ));
    drop(message);
    stage.close();
}

#[test]
fn store_24_what_is_deleted_unread_is_reported_so() {
    let stage = Stage::new();
    let (unread, read) = (with_report(&stage), with_report(&stage));
    assert_eq!(mark(&stage, &read, ReadFlags::SUPPRESS_RECEIPT), S_OK);
    let list = EntryList(vec![unread.into(), read.into()]);
    let list = stage.session.allocators().build(&list).expect("memory");
    let deleted = unsafe {
        let flags = DeleteMessagesFlags::empty();
        stage
            .folder
            .DeleteMessages(list.as_ptr(), 0, ptr::null_mut(), flags)
    };
    assert_eq!(deleted, S_OK);
    assert_eq!(stage.desk.take(), ["not read"]);
    drop(list);
    stage.close();
}

#[test]
fn store_24_what_is_emptied_or_goes_with_its_folder_unread_is_reported_so() {
    let stage = Stage::new();
    let read = with_report(&stage);
    assert_eq!(mark(&stage, &read, ReadFlags::SUPPRESS_RECEIPT), S_OK);
    with_report(&stage);
    let folder = &stage.folder;
    let emptied = unsafe { folder.EmptyFolder(0, ptr::null_mut(), EmptyFolderFlags::empty()) };
    assert_eq!(emptied, S_OK);
    assert_eq!(stage.desk.take(), ["not read"]);
    // The same of a folder that goes, whatever it is in.
    with_report(&stage);
    let mut id = entry_id_of(&stage.session, folder);
    let parent = value(&stage.session, folder, PR_PARENT_ENTRYID);
    let parent = parent.as_binary().expect("an ID").to_vec();
    let parent = raw_folder(&stage.session, &parent.into());
    let mut delete = |flags| unsafe {
        let (count, id) = (id.len() as u32, id.as_mut_ptr().cast());
        parent.DeleteFolder(count, id, 0, ptr::null_mut(), flags)
    };
    assert_eq!(delete(DeleteFolderFlags::empty()), MAPI_E_HAS_MESSAGES);
    assert_eq!(stage.desk.take(), [""; 0]);
    assert_eq!(delete(DeleteFolderFlags::DEL_MESSAGES), S_OK);
    assert_eq!(stage.desk.take(), ["not read"]);
    drop(parent);
    stage.close();
}

#[test]
fn store_24_copies_have_no_reports_pending() {
    let stage = Stage::new();
    let id = with_report(&stage);
    let folder = folder_id(&entry_id_of(&stage.session, &stage.folder).into());
    let copied = stage
        .store
        .write(|tx| tx.copy_messages(&[message_id(&id)], folder));
    let (_, copy) = copied.expect("copied").done[0];
    let copy = entry_id(&stage.store, copy);
    assert_eq!(mark(&stage, &copy, ReadFlags::empty()), S_OK);
    assert_eq!(stage.desk.take(), [""; 0]);
    stage.close();
}

#[test]
fn store_24_nobody_reports_on_what_he_has_sent_himself() {
    let stage = Stage::new();
    let message = stage.message("mine");
    let asked = [Property::new(PR_READ_RECEIPT_REQUESTED, true)];
    assert_eq!(set_props(&stage.session, &message, &asked), (S_OK, vec![]));
    assert_eq!(submit(&message), S_OK);
    stage.desk.take();
    let id = entry_id_of(&stage.session, &message);
    stage
        .store
        .write(|tx| tx.abort_submit(message_id(&id)))
        .expect("taken back");
    assert_eq!(mark(&stage, &id, ReadFlags::empty()), S_OK);
    assert_eq!(stage.desk.take(), [""; 0]);
    drop(message);
    stage.close();
}

#[test]
fn store_24_many_are_marked_and_what_is_missing_is_told() {
    let stage = Stage::new();
    let (one, other) = (with_report(&stage), with_report(&stage));
    let unread = || value(&stage.session, &stage.folder, PR_CONTENT_UNREAD).as_long();
    let gone = entry_id(
        &stage.store,
        message_id(&[&[0; 24][..], &[0, 0, 0, 0, 0, 0, 0, 1]].concat()),
    );
    let list = EntryList(vec![one.clone().into(), gone.into(), other.into()]);
    let list = stage.session.allocators().build(&list).expect("memory");
    let mark = |flags| unsafe {
        stage
            .folder
            .SetReadFlags(list.as_ptr(), 0, ptr::null_mut(), flags)
    };
    let clear = ReadFlags::CLEAR_READ_FLAG;
    for refused in [
        clear | ReadFlags::SUPPRESS_RECEIPT,
        clear | ReadFlags::GENERATE_RECEIPT_ONLY,
        clear | ReadFlags::SUPPRESS_RECEIPT | ReadFlags::GENERATE_RECEIPT_ONLY,
    ] {
        assert_eq!(mark(refused), MAPI_E_INVALID_PARAMETER);
    }
    assert_eq!(unread(), Some(2));
    assert_eq!(mark(ReadFlags::empty()), MAPI_W_PARTIAL_COMPLETION);
    assert_eq!(unread(), Some(0));
    assert_eq!(stage.desk.take(), ["read", "read"]);
    // All of the folder, at once.
    let all = |flags| unsafe {
        stage
            .folder
            .SetReadFlags(ptr::null_mut(), 0, ptr::null_mut(), flags)
    };
    assert_eq!(all(clear), S_OK);
    assert_eq!(unread(), Some(2));
    assert_eq!(all(ReadFlags::empty()), S_OK);
    assert_eq!(stage.desk.take(), [""; 0], "each is reported once");
    drop(list);
    stage.close();
}
