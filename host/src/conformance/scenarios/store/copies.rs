//! Copying, moving and deleting.

use std::ptr;

use mapi_provider::abi::{
    CopyFlags, CreateFolderFlags, DeleteFolderFlags, FOLDER_GENERIC, IMAPIProp, IMessage,
    MAPI_E_COLLISION, MAPI_E_FOLDER_CYCLE, MAPI_E_HAS_FOLDERS, MAPI_E_HAS_MESSAGES,
    MAPI_E_INVALID_PARAMETER, MAPI_E_NO_ACCESS, MAPI_W_PARTIAL_COMPLETION, PR_BODY_W,
    PR_IMPORTANCE, PR_MESSAGE_ATTACHMENTS, PR_SUBJECT_A, PR_SUBJECT_W, PropTag, S_OK,
    SaveChangesFlags, StoreSupportMask,
};
use mapi_provider::store::{EntryId, FileAttachment, Folder, Message, Recipient, StoreError};
use mapi_provider::view::PropTags;
use windows_core::{HRESULT, Interface};

use super::calls::{built, save};
use super::{Mail, Played, Stage, store_status, with_mail};

const NONE: StoreSupportMask = StoreSupportMask::empty();
const READWRITE: SaveChangesFlags = SaveChangesFlags::KEEP_OPEN_READWRITE;

/// `CopyTo`, or `CopyProps` if properties are named that are to be copied.
fn copy(
    mail: &Mail<'_>,
    from: &IMAPIProp,
    to: &IMessage,
    exclude: Option<&[PropTag]>,
    flags: CopyFlags,
) -> Result<HRESULT, super::Halt> {
    let tags = exclude
        .map(|tags| built(mail.caller.allocators.build(&PropTags::from(tags))))
        .transpose()?;
    let tags = tags.as_ref().map_or(ptr::null_mut(), |tags| tags.as_ptr());
    let mut problems = ptr::null_mut();
    // SAFETY: a list of tags or NULL, a live message with its interface, and a live variable; there is no dialog.
    let status = unsafe {
        from.CopyTo(
            0,
            ptr::null(),
            tags,
            0,
            ptr::null_mut(),
            &IMessage::IID,
            to.as_raw(),
            flags,
            &mut problems,
        )
    };
    // SAFETY: NULL, or problems that are ours to free.
    drop(unsafe { mail.caller.allocators.adopt(problems, 1) });
    Ok(status)
}

pub(in super::super) fn copies(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-32";
    with_mail(stage, &[RULE], NONE, |mail| {
        let full = |message: &Message<'_>| {
            message.set_body(&"body ".repeat(3000))?;
            message.set(PR_IMPORTANCE, 2)?;
            message.add_recipients(&[Recipient::to("Ann", "ann@example.org")])?;
            message.attach(&FileAttachment::new("a.txt", "text/plain", b"bytes"))?;
            message.attach_message::<StoreError>("inner", |inner: &Message<'_>| {
                inner.set_subject("inner")
            })?;
            Ok(())
        };
        let id = mail.deliver_with("original", full)?;
        let from = mail.raw_message(&id)?;
        let target = |subject: &str| -> Result<(EntryId, IMessage), super::Halt> {
            let id = mail.deliver(subject)?;
            let message = mail.raw_message(&id)?;
            Ok((id, message))
        };
        mail.step(RULE, "CopyTo of a message");
        let (copy_id, to) = target("target")?;
        let none = CopyFlags::empty();
        mail.answers(RULE, "CopyTo", copy(mail, &from, &to, None, none)?, &[S_OK]);
        mail.answers(
            RULE,
            "SaveChanges of the copy",
            save(&to, READWRITE),
            &[S_OK],
        );
        let made = mail.client().open_message(&copy_id)?;
        mail.same(
            RULE,
            "PR_SUBJECT of a copy",
            &made.text(PR_SUBJECT_W)?.as_deref(),
            &Some("original"),
        );
        mail.same(
            RULE,
            "the length of PR_BODY of a copy",
            &made.text(PR_BODY_W)?.map(|text| text.len()),
            &Some(15_000),
        );
        mail.same(
            RULE,
            "PR_IMPORTANCE of a copy",
            &made.long(PR_IMPORTANCE)?,
            &Some(2),
        );
        mail.same(
            RULE,
            "how many recipients a copy has",
            &made.recipients()?.len(),
            &1,
        );
        mail.same(
            RULE,
            "how many attachments a copy has",
            &made.attachments()?.len(),
            &2,
        );
        drop(made);

        mail.step(RULE, "CopyTo with properties that are left out");
        let (copy_id, to) = target("target")?;
        // Narrow, to show that only the ID counts.
        let left_out = [PR_SUBJECT_A, PR_MESSAGE_ATTACHMENTS];
        mail.answers(
            RULE,
            "CopyTo without PR_SUBJECT and PR_MESSAGE_ATTACHMENTS",
            copy(mail, &from, &to, Some(&left_out), none)?,
            &[S_OK],
        );
        mail.answers(
            RULE,
            "SaveChanges of the copy",
            save(&to, READWRITE),
            &[S_OK],
        );
        let made = mail.client().open_message(&copy_id)?;
        mail.same(
            RULE,
            "PR_SUBJECT, which CopyTo left out",
            &made.text(PR_SUBJECT_W)?.as_deref(),
            &Some("target"),
        );
        mail.same(
            RULE,
            "how many attachments CopyTo copied that left them out",
            &made.attachments()?.len(),
            &0,
        );
        mail.same(
            RULE,
            "PR_IMPORTANCE, which CopyTo did not leave out",
            &made.long(PR_IMPORTANCE)?,
            &Some(2),
        );
        drop(made);

        mail.step(RULE, "CopyTo with MAPI_NOREPLACE");
        let (copy_id, to) = target("target")?;
        mail.answers(
            RULE,
            "CopyTo with MAPI_NOREPLACE",
            copy(mail, &from, &to, None, CopyFlags::MAPI_NOREPLACE)?,
            &[S_OK],
        );
        mail.answers(
            RULE,
            "SaveChanges of the copy",
            save(&to, READWRITE),
            &[S_OK],
        );
        let made = mail.client().open_message(&copy_id)?;
        mail.same(
            RULE,
            "PR_SUBJECT after CopyTo with MAPI_NOREPLACE",
            &made.text(PR_SUBJECT_W)?.as_deref(),
            &Some("target"),
        );
        drop(made);

        mail.step(RULE, "CopyTo with arguments that make no sense");
        let (_, to) = target("target")?;
        mail.answers(
            RULE,
            "CopyTo with an empty list of what to leave out",
            copy(mail, &from, &to, Some(&[]), none)?,
            &[MAPI_E_INVALID_PARAMETER],
        );
        mail.answers(
            RULE,
            "CopyTo of a message onto itself",
            copy(mail, &from, &from, None, none)?,
            &[MAPI_E_NO_ACCESS],
        );
        Ok(())
    })
}

pub(in super::super) fn folder_operations(stage: &Stage<'_>) -> Played {
    const RULE: &str = "STORE-33";
    with_mail(stage, &[RULE], NONE, |mail| {
        let raw = mail.raw_folder()?;
        mail.step(RULE, "CreateFolder with a name that is taken");
        let none = CreateFolderFlags::empty();
        let child = mail.folder.create_folder("Child")?;
        let again = mail
            .caller
            .create_folder(&raw, FOLDER_GENERIC, "Child", none);
        mail.refuses(
            RULE,
            "CreateFolder with a sibling’s name",
            again,
            &[MAPI_E_COLLISION],
        );
        let opened = mail.caller.create_folder(
            &raw,
            FOLDER_GENERIC,
            "Child",
            CreateFolderFlags::OPEN_IF_EXISTS,
        )?;
        let child_id = child.entry_id()?.as_bytes().to_vec();
        mail.same(
            RULE,
            "what CreateFolder(OPEN_IF_EXISTS) opens",
            &mail.id_of(&opened)?,
            &child_id,
        );
        drop(opened);

        mail.step(RULE, "CopyMessages and moving");
        let [one, two] = [mail.deliver("one")?, mail.deliver("two")?];
        mail.folder
            .copy_messages(std::slice::from_ref(&one), &child)?;
        mail.same(
            RULE,
            "subjects in both folders after a copy",
            &both(mail, &child)?,
            &("one two".to_owned(), "one".to_owned()),
        );
        mail.folder
            .move_messages(std::slice::from_ref(&two), &child)?;
        mail.same(
            RULE,
            "subjects in both folders after a move",
            &both(mail, &child)?,
            &("one".to_owned(), "one two".to_owned()),
        );
        mail.step(RULE, "moving and deleting what is gone");
        mail.folder.delete_messages(std::slice::from_ref(&one))?;
        let left = mail.deliver("left")?;
        let mixed = [one.clone(), left.clone()];
        let status = store_status(&mail.folder.move_messages(&mixed, &child));
        mail.answers(
            RULE,
            "moving a message that is gone and one that is there",
            status,
            &[MAPI_W_PARTIAL_COMPLETION],
        );
        mail.same(
            RULE,
            "subjects in both folders after that",
            &both(mail, &child)?,
            &(String::new(), "left one two".to_owned()),
        );
        let left = mail.deliver("left")?;
        let status = store_status(&mail.folder.delete_messages(&[one, left]));
        mail.answers(
            RULE,
            "deleting a message that is gone and one that is there",
            status,
            &[S_OK, MAPI_W_PARTIAL_COMPLETION],
        );
        mail.same(
            RULE,
            "subjects in both folders after that",
            &both(mail, &child)?.0,
            &String::new(),
        );

        mail.step(RULE, "a folder into itself");
        let grandchild = child.create_folder("Grandchild")?;
        let cycle = mail
            .folder
            .move_folder(&child.entry_id()?, &grandchild, None);
        mail.answers(
            RULE,
            "moving a folder into its own subfolder",
            store_status(&cycle),
            &[MAPI_E_FOLDER_CYCLE],
        );
        let grandchild_id = grandchild.entry_id()?.as_bytes().to_vec();

        mail.step(RULE, "a folder while its parent is released");
        let parent = mail.caller.folder(mail.store(), &child_id)?;
        let made = mail
            .caller
            .create_folder(&parent, FOLDER_GENERIC, "Late", none)?;
        drop(parent);
        let problems = mail.caller.set(
            &made,
            &[mapi_provider::view::Property::new(
                mapi_provider::abi::PR_COMMENT_W,
                "late",
            )],
        )?;
        mail.same(
            RULE,
            "the problems of SetProps of a folder whose parent object was released",
            &problems,
            &Vec::new(),
        );
        let late = mail.id_of(&made)?;
        drop(made);

        mail.step(RULE, "DeleteFolder");
        drop((child, grandchild));
        let delete =
            |id: &[u8], flags: DeleteFolderFlags| mail.caller.delete_folder(&raw, id, flags);
        let (messages, folders) = (
            DeleteFolderFlags::DEL_MESSAGES,
            DeleteFolderFlags::DEL_FOLDERS,
        );
        mail.answers(
            RULE,
            "DeleteFolder(DEL_FOLDERS) of a folder with messages",
            delete(&child_id, folders),
            &[MAPI_E_HAS_MESSAGES],
        );
        mail.answers(
            RULE,
            "DeleteFolder(DEL_MESSAGES) of a folder with subfolders",
            delete(&child_id, messages),
            &[MAPI_E_HAS_FOLDERS],
        );
        let there = mail.folder.folder("Child")?.is_some();
        mail.holds(RULE, there, || {
            "a DeleteFolder that was refused has deleted the folder".to_owned()
        });
        mail.answers(
            RULE,
            "DeleteFolder(DEL_MESSAGES | DEL_FOLDERS)",
            delete(&child_id, messages | folders),
            &[S_OK],
        );
        for (what, id) in [
            ("a deleted folder", &child_id),
            ("the subfolder of a deleted folder", &grandchild_id),
            ("another", &late),
        ] {
            let opened = mail.caller.folder(mail.store(), id);
            mail.holds(RULE, opened.is_err(), || format!("{what} still opens"));
        }

        mail.step(RULE, "EmptyFolder");
        let child = mail.folder.create_folder("Child")?;
        child.create_folder("Grandchild")?;
        let message = child.create_message()?;
        message.save()?;
        drop(message);
        child.empty()?;
        mail.same(
            RULE,
            "messages and folders in a folder after EmptyFolder",
            &(child.messages().count()?, child.folders().count()?),
            &(0, 0),
        );
        Ok(())
    })
}

/// The subjects in the scenario's folder and in another, each in alphabetical order.
fn both(mail: &Mail<'_>, other: &Folder<'_>) -> Result<(String, String), super::Halt> {
    let subjects = |folder: &Folder<'_>| -> Result<String, super::Halt> {
        let mut subjects = Vec::new();
        for row in folder.messages().columns(&[PR_SUBJECT_W]).rows()? {
            subjects.extend(row?.text(PR_SUBJECT_W));
        }
        subjects.sort();
        Ok(subjects.join(" "))
    };
    Ok((subjects(&mail.folder)?, subjects(other)?))
}
