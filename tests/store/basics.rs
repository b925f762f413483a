//! What a team does with a store: with the test's own store, and with the simulated PST.

use mapi_provider::SyncError;
use mapi_provider::abi::{
    MAPI_E_COMPUTED, MAPI_E_HAS_MESSAGES, MessageFlags, PR_BODY_W, PR_DISPLAY_NAME_W, PR_ENTRYID,
    PR_HTML, PR_INTERNET_CPID, PR_MESSAGE_CLASS_W, PR_MESSAGE_FLAGS, PR_SENDER_EMAIL_ADDRESS_W,
    PR_SUBJECT_W, PR_TRANSPORT_MESSAGE_HEADERS_W, PT_BINARY, PT_UNICODE, PropTag,
};
use mapi_provider::store::{
    EntryId, FileAttachment, Folder, Recipient, RecipientKind, Store, StoreError,
};
use mapi_provider::view::{
    FileTime, NameId, PropName, PropValue, Property, Restriction, SortDirection,
};

use crate::stores::store_tests;

/// A property of the team’s own.
const KEY: PropTag = PropTag::new(0x6640, PT_BINARY);

/// The inbox, with as many messages whose subjects are their numbers.
fn filled<'run>(
    store: &Store<'run>,
    count: usize,
) -> Result<(Folder<'run>, Vec<EntryId>), StoreError> {
    let inbox = store.ipm_subtree()?.open_or_create_folder("Inbox")?;
    let mut ids = Vec::new();
    for number in 0..count {
        let message = inbox.create_message()?;
        message.set_subject(&format!("{number:04}"))?;
        ids.push(message.save()?);
    }
    Ok((inbox, ids))
}

fn subjects(folder: &Folder) -> Result<Vec<String>, StoreError> {
    let query = folder.messages().columns(&[PR_SUBJECT_W]);
    let query = query.sort(PR_SUBJECT_W, SortDirection::Ascend);
    let rows = query
        .rows()?
        .map(|row| Ok(row?.text(PR_SUBJECT_W).unwrap_or_default()));
    rows.collect()
}

store_tests! {
    fn a_message_is_seen_once_it_is_saved(store) {
        let inbox = store.ipm_subtree()?.open_or_create_folder("Inbox")?;
        let message = inbox.create_message()?;
        message.set_subject("Hello")?;
        assert_eq!(inbox.messages().count()?, 0);
        let id = message.save()?;
        assert_eq!(subjects(&inbox)?, ["Hello"]);

        // So is a change.
        let again = store.open_message(&id)?;
        again.set_subject("Hello, world")?;
        assert_eq!(subjects(&inbox)?, ["Hello"]);
        assert_eq!(again.save()?, id);
        assert_eq!(subjects(&inbox)?, ["Hello, world"]);
        assert!(store.same_entry(&id, &again.entry_id()?)?);
    }

    fn mail_has_its_properties(store) {
        let inbox = store.ipm_subtree()?.open_or_create_folder("Inbox")?;
        let message = inbox.create_message()?;
        message.set_from("Ann", "ann@example.org")?;
        message.set_sender("Bob", "bob@example.org")?;
        message.set_body("Text\0 with a NUL")?;
        message.set_html("<p>Grüße</p>")?;
        message.set_headers("From: Ann <ann@example.org>\r\n")?;
        let (sent, arrived) = (FileTime::from_ticks(1), FileTime::from_ticks(2));
        message.set_times(sent, arrived)?;
        let id = message.save()?;
        let message = inbox.open_message(&id)?;
        let text = |tag| message.text(tag).map(Option::unwrap_or_default);
        assert_eq!(text(PR_MESSAGE_CLASS_W)?, "IPM.Note");
        assert_eq!(text(PR_SENDER_EMAIL_ADDRESS_W)?, "bob@example.org");
        assert_eq!(text(PR_BODY_W)?, "Text\u{FFFD} with a NUL");
        assert_eq!(
            text(PR_TRANSPORT_MESSAGE_HEADERS_W)?,
            "From: Ann <ann@example.org>\r\n"
        );
        assert_eq!(
            message.binary(PR_HTML)?.as_deref(),
            Some("<p>Grüße</p>".as_bytes())
        );
        assert_eq!(message.long(PR_INTERNET_CPID)?, Some(65001));
    }

    fn marks_are_properties_first_and_calls_later(store) {
        let inbox = store.ipm_subtree()?.open_or_create_folder("Inbox")?;
        let message = inbox.create_message()?;
        message.set_read(true)?;
        let id = message.save()?;
        assert_eq!(store.open_message(&id)?.long(PR_MESSAGE_FLAGS)?, Some(1));
        assert!(store.open_message(&id)?.is_read()?);
        message.set_read(false)?;
        assert_eq!(store.open_message(&id)?.long(PR_MESSAGE_FLAGS)?, Some(0));
        assert!(!store.open_message(&id)?.is_read()?);
        inbox.set_read(std::slice::from_ref(&id), true)?;
        assert_eq!(store.open_message(&id)?.long(PR_MESSAGE_FLAGS)?, Some(1));

        let draft = inbox.create_draft()?;
        assert_eq!(draft.long(PR_MESSAGE_FLAGS)?, Some(9));
        assert_eq!(draft.flags()?, MessageFlags::READ | MessageFlags::UNSENT);
        draft.set_read(false)?;
        assert_eq!(draft.long(PR_MESSAGE_FLAGS)?, Some(8));
    }

    fn recipients_come_and_go(store) {
        let message = store.ipm_subtree()?.create_message()?;
        let (ann, bob) = (
            Recipient::to("Ann", "ann@example.org"),
            Recipient::cc("Bób", "bob@example.org"),
        );
        message.add_recipients(&[ann.clone(), bob])?;
        message.add_recipients(&[])?;
        let recipients = message.recipients()?;
        let kinds: Vec<_> = recipients
            .iter()
            .map(|one| (one.kind, &*one.name))
            .collect();
        assert_eq!(
            kinds,
            [(RecipientKind::To, "Ann"), (RecipientKind::Cc, "Bób")]
        );
        assert!(recipients.iter().all(|one| one.address_type == "SMTP"));
        message.remove_recipient(&recipients[0])?;
        assert_eq!(message.recipients()?[0].address, "bob@example.org");
        message.set_recipients(&[Recipient::bcc("", "c@example.org")])?;
        let recipients = message.recipients()?;
        assert_eq!(recipients.len(), 1);
        assert_eq!(recipients[0].name, "c@example.org");
        // Somebody who was never one can't be removed.
        let error = message.remove_recipient(&ann).expect_err("not one of them");
        assert!(error.is_not_found());
    }

    fn attachments_are_files_and_messages(store) {
        let inbox = store.ipm_subtree()?.open_or_create_folder("Inbox")?;
        let message = inbox.create_message()?;
        let large = vec![7; 100_000];
        message.attach(&FileAttachment::new("photo.jpg", "image/jpeg", &large))?;
        message.attach(&FileAttachment::new("logo", "", b"x").inline("logo@example.org"))?;
        message.attach_message("News", |inner| {
            inner.set_subject("News")?;
            inner.add_recipients(&[Recipient::to("", "ann@example.org")])?;
            inner.attach_message("Older news", |inner| inner.set_subject("Older news"))?;
            // Nothing more to do, and no harm in doing it.
            assert_eq!(inner.save()?, EntryId::default());
            Ok::<_, StoreError>(())
        })?;
        let id = message.save()?;

        let attachments = store.open_message(&id)?.attachments()?;
        assert_eq!(attachments.len(), 3);
        assert_eq!(attachments[0].name()?, "photo.jpg");
        assert_eq!(attachments[0].mime_type()?, "image/jpeg");
        assert_eq!(attachments[0].read_to_vec()?, large);
        assert!(attachments[0].message()?.is_none());
        assert_eq!(attachments[1].mime_type()?, "");
        let inner = attachments[2].message()?.expect("a message");
        assert_eq!(inner.text(PR_SUBJECT_W)?.as_deref(), Some("News"));
        assert_eq!(inner.recipients()?.len(), 1);
        let older = inner.attachments()?[0].message()?.expect("a message");
        assert_eq!(older.text(PR_SUBJECT_W)?.as_deref(), Some("Older news"));
        assert!(attachments[2].read_to_vec().is_err(), "it is no file");

        let message = store.open_message(&id)?;
        message.delete_attachment(attachments[1].number())?;
        message.save()?;
        assert_eq!(store.open_message(&id)?.attachment_table().count()?, 2);
        assert!(
            message
                .open_attachment(77)
                .is_err_and(|error| error.is_not_found())
        );
    }

    fn what_fills_a_message_may_fail_with_its_own_error(store) {
        let message = store.ipm_subtree()?.create_message()?;
        let result = message.attach_message("News", |_| Err(SyncError::cancelled()));
        assert!(result.is_err_and(|error| error.is_cancelled()));
        assert_eq!(message.attachment_table().count()?, 0);
    }

    fn folders_are_made_found_moved_and_deleted(store) {
        let top = store.ipm_subtree()?;
        let work = top.create_folder("Work")?;
        let error = top.create_folder("Work").expect_err("it is there");
        assert!(error.is_collision());
        assert!(error.text().is_some_and(|text| !text.is_empty()));
        assert_eq!(
            top.folder("work")?.expect("whatever the case").entry_id()?,
            work.entry_id()?
        );
        assert!(top.folder("Play")?.is_none());
        work.rename("Labour")?;
        assert_eq!(top.open_folder(&work.entry_id()?)?.name()?, "Labour");

        let archive = top.open_or_create_folder("Archive")?;
        top.move_folder(&work.entry_id()?, &archive, Some("Work"))?;
        assert_eq!(
            archive.folder("Work")?.expect("it is there").name()?,
            "Work"
        );
        work.create_message()?.save()?;
        let id = work.entry_id()?;
        let error = archive
            .delete_folder(&id)
            .expect_err("there is a message in it");
        assert_eq!(error.status(), MAPI_E_HAS_MESSAGES);
        archive.delete_folder_tree(&id)?;
        assert_eq!(archive.folders().count()?, 0);
        let first = top
            .folders()
            .columns(&[PR_DISPLAY_NAME_W])
            .sort(PR_DISPLAY_NAME_W, SortDirection::Ascend)
            .first()?;
        let first = first.and_then(|row| row.text(PR_DISPLAY_NAME_W));
        assert_eq!(first.as_deref(), Some("Archive"));
        assert!(top.create_folder("a\0b").is_err());
    }

    fn special_folders_are_found(store) {
        let root = store.root()?;
        let all = root.all_folders().columns(&[PR_ENTRYID]);
        let ids = all
            .rows()?
            .map(|row| Ok(row?.entry_id()))
            .collect::<Result<Vec<_>, StoreError>>()?;
        assert!(ids.contains(&Some(store.ipm_subtree()?.entry_id()?)));
        assert_eq!(store.wastebasket()?.name()?, "Deleted Items");
        let inbox = store.ipm_subtree()?.create_folder("Mail")?;
        store.set_receive_folder("IPM.Note", &inbox.entry_id()?)?;
        assert_eq!(store.receive_folder("IPM.Note")?.name()?, "Mail");
    }

    fn messages_are_moved_copied_and_deleted(store) {
        let (inbox, ids) = filled(store, 4)?;
        let archive = store.ipm_subtree()?.create_folder("Archive")?;
        inbox.move_messages(&ids[..1], &archive)?;
        inbox.copy_messages(&ids[1..2], &archive)?;
        inbox.delete_messages(&ids[2..3])?;
        assert_eq!(subjects(&inbox)?, ["0001", "0003"]);
        assert_eq!(subjects(&archive)?, ["0000", "0001"]);
        // What no longer exists is left over.
        let error = inbox.delete_messages(&ids).expect_err("two are gone");
        assert!(error.is_partial());
        assert_eq!(subjects(&inbox)?, [""; 0]);
        archive.empty()?;
        assert_eq!(archive.messages().count()?, 0);
        // With nothing to do, the store isn't asked.
        inbox.delete_messages(&[])?;
        inbox.move_messages(&[], &archive)?;
        inbox.set_read(&[], true)?;
    }

    fn a_table_of_a_thousand_rows_is_read_whole(store) {
        let (inbox, ids) = filled(store, 1000)?;
        assert_eq!(inbox.messages().count()?, 1000);
        let query = inbox
            .messages()
            .columns(&[PR_ENTRYID, PR_SUBJECT_W])
            .sort(PR_SUBJECT_W, SortDirection::Descend);
        let rows: Vec<_> = query.rows()?.collect::<Result<_, _>>()?;
        let found: Vec<_> = rows.iter().filter_map(|row| row.entry_id()).collect();
        assert!(found.iter().rev().eq(&ids));
        assert_eq!(rows[0].text(PR_SUBJECT_W).as_deref(), Some("0999"));
        // A query can be asked again, and after its end nothing follows.
        let mut rows = query.rows()?;
        assert_eq!(rows.by_ref().count(), 1000);
        assert!(rows.next().is_none());
    }

    fn rows_are_restricted(store) {
        let (inbox, ids) = filled(store, 3)?;
        let message = store.open_message(&ids[1])?;
        message.set(KEY, &b"key"[..])?;
        message.save()?;
        let query = inbox.messages().columns(&[PR_ENTRYID]);
        let found = query.clone().restrict(Restriction::Exist(KEY)).first()?;
        assert_eq!(found.and_then(|row| row.entry_id()), Some(ids[1].clone()));
    }

    fn hidden_items_are_no_messages(store) {
        let top = store.ipm_subtree()?;
        let item = top.create_hidden_item()?;
        item.set(PR_MESSAGE_CLASS_W, "IPM.Contoso.State")?;
        item.save()?;
        assert_eq!(top.messages().count()?, 0);
        assert_eq!(top.hidden_items().count()?, 1);
    }

    fn names_have_numbers(store) {
        let set = mapi_provider::abi::GUID::from_u128(7);
        let name = PropName {
            set,
            id: NameId::from("Note"),
        };
        assert_eq!(store.find_named_property(&name, PT_UNICODE)?, None);
        let tag = store.named_property(&name, PT_UNICODE)?;
        assert!(tag.is_named());
        assert_eq!(store.find_named_property(&name, PT_UNICODE)?, Some(tag));
        assert_eq!(store.name_of(tag)?, Some(name));
        assert_eq!(store.name_of(PropTag(0x9000_001F))?, None);
        let message = store.ipm_subtree()?.create_message()?;
        message.set(tag, "a note")?;
        assert_eq!(message.text(tag)?.as_deref(), Some("a note"));
    }

    fn refused_properties_are_told(store) {
        let message = store.ipm_subtree()?.create_message()?;
        let properties = [
            Property::new(PR_SUBJECT_W, "Hello"),
            Property::new(PR_BODY_W, "x".repeat(50_000).as_str()),
            Property::new(PR_ENTRYID, &b"mine"[..]),
        ];
        let error = message.set_all(&properties).expect_err("one is computed");
        assert_eq!(error.status(), MAPI_E_COMPUTED);
        assert_eq!(error.problems().len(), 1);
        assert_eq!(error.problems()[0].index, 2);
        // The others are still set.
        assert_eq!(message.text(PR_SUBJECT_W)?.as_deref(), Some("Hello"));
        assert_eq!(message.set_some(&properties)?, error.problems());

        message.delete(&[PR_SUBJECT_W, KEY])?;
        assert_eq!(message.get(PR_SUBJECT_W)?, None);
        let error = message.delete(&[PR_ENTRYID]).expect_err("it is computed");
        assert_eq!(error.problems()[0].tag, PR_ENTRYID);
        message.delete(&[])?;
        message.set_all(&[])?;
    }

    fn a_value_must_go_with_its_tag(store) {
        let message = store.ipm_subtree()?.create_message()?;
        for value in [PropValue::Long(1), PropValue::from(vec![0; 10_000])] {
            let error = message.set(PR_SUBJECT_W, value).expect_err("not a string");
            assert_eq!(error.status(), mapi_provider::abi::MAPI_E_UNEXPECTED_TYPE);
        }
    }

    fn a_store_is_used_from_several_threads(store) {
        let inbox = store.ipm_subtree()?.open_or_create_folder("Inbox")?;
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..4)
                .map(|thread| {
                    let inbox = inbox.clone();
                    scope.spawn(move || {
                        for number in 0..50 {
                            let message = inbox.create_message()?;
                            message.set_subject(&format!("{thread} {number}"))?;
                            message.save()?;
                        }
                        Ok::<_, StoreError>(())
                    })
                })
                .collect();
            for thread in threads {
                thread.join().expect("no panic")?;
            }
            Ok::<_, StoreError>(())
        })?;
        assert_eq!(subjects(&inbox)?.len(), 200);
    }
}
