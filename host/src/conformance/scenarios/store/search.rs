//! Search folders.

use std::ptr;
use std::time::Duration;

use mapi_provider::abi::{
    CreateFolderFlags, CreateMessageFlags, DeleteFolderFlags, FL_SUBSTRING, FOLDER_SEARCH,
    IMAPIFolder, NotificationEvents, PR_ENTRYID, PR_PARENT_ENTRYID, PR_SUBJECT_W, S_OK,
    SearchState, SetSearchCriteriaFlags, StoreSupportMask, UnicodeFlags,
};
use mapi_provider::view::{
    EntryId, EntryList, Limits, ObjectEvent, PropValue, Property, Restriction,
};
use windows_core::Interface;

use super::calls::{Answer, built, done};
use super::sink::{Heard, Listener};
use super::{Mail, Played, Stage, with_mail};

const RULE: &str = "STORE-42";

/// What comes after this does not come.
const A_MOMENT: Duration = Duration::from_millis(100);

fn set(
    mail: &Mail<'_>,
    folder: &IMAPIFolder,
    what: &Restriction<'_>,
    scope: &[u8],
    flags: SetSearchCriteriaFlags,
) -> Answer<()> {
    let what = built(mail.caller.allocators.build(what))?;
    let scope = built(
        mail.caller
            .allocators
            .build(&EntryList(vec![EntryId::from(scope)])),
    )?;
    // SAFETY: a restriction and a list of entry IDs.
    done("IMAPIContainer::SetSearchCriteria", unsafe {
        folder.SetSearchCriteria(what.as_ptr(), scope.as_ptr(), flags)
    })
}

/// `GetSearchCriteria`.
fn get(
    mail: &Mail<'_>,
    folder: &IMAPIFolder,
) -> Answer<(Restriction<'static>, Vec<Vec<u8>>, SearchState)> {
    const CALL: &str = "IMAPIContainer::GetSearchCriteria";
    let (mut what, mut scope, mut state) = (ptr::null_mut(), ptr::null_mut(), SearchState::empty());
    // SAFETY: live variables.
    done(CALL, unsafe {
        folder.GetSearchCriteria(
            UnicodeFlags::MAPI_UNICODE,
            &mut what,
            &mut scope,
            &mut state,
        )
    })?;
    // SAFETY: the call has succeeded, so these are what it says, and ours to free.
    let (what, scope) = unsafe {
        (
            mail.caller.allocators.adopt(what, 1),
            mail.caller.allocators.adopt(scope, 1),
        )
    };
    let (Some(what), Some(scope)) = (what, scope) else {
        return Err(super::calls::senseless(CALL, "there are no criteria"));
    };
    let unreadable =
        |error: mapi_provider::view::ViewError| super::calls::senseless(CALL, &error.to_string());
    let restriction: Restriction<'_> = what.read(&Limits::default()).map_err(unreadable)?;
    let list: EntryList<'_> = scope.read(&Limits::default()).map_err(unreadable)?;
    let list = list.0.iter().map(|id| id.as_bytes().to_vec()).collect();
    Ok((restriction.into_owned(), list, state))
}

/// Outlook sets the criteria that a folder has already, again and again.
fn same_again(
    mail: &Mail<'_>,
    folder: &IMAPIFolder,
    what: &Restriction<'_>,
    scope: &[u8],
) -> Answer<()> {
    mail.step(RULE, "SetSearchCriteria with the same criteria");
    set(mail, folder, what, scope, SetSearchCriteriaFlags::empty())?;
    let (_, _, state) = get(mail, folder)?;
    mail.holds(RULE, !state.contains(SearchState::SEARCH_REBUILD), || {
        format!("the state after the same criteria were set again is {state:?}: it searches anew")
    });
    Ok(())
}

pub(in super::super) fn search_folder(stage: &Stage<'_>) -> Played {
    let needs = StoreSupportMask::SEARCH_OK | StoreSupportMask::NOTIFY_OK;
    with_mail(stage, &[RULE], needs, |mail| {
        let source = mail.folder.create_folder("Source")?;
        let source_id = source.entry_id()?.as_bytes().to_vec();
        let deliver = |subject: &str| -> Result<EntryId<'static>, super::Halt> {
            let message = source.create_message()?;
            message.set_subject(subject)?;
            Ok(message.save()?.into_owned())
        };
        deliver("lunch on Monday")?;
        deliver("dinner")?;
        mail.step(RULE, "SetSearchCriteria");
        let parent = mail.raw_folder()?;
        let none = CreateFolderFlags::empty();
        let found = mail
            .caller
            .create_folder(&parent, FOLDER_SEARCH, "Found", none)?;
        let id = mail.id_of(&found)?;
        let listener = Listener::new();
        let mut connection = 0;
        let mut bytes = id.clone();
        // SAFETY: the bytes of the ID, a live sink and a live variable.
        done("IMsgStore::Advise", unsafe {
            let events = NotificationEvents::fnevSearchComplete;
            let bytes = bytes.as_mut_ptr().cast();
            mail.store().Advise(
                id.len() as u32,
                bytes,
                events,
                listener.sink.as_raw(),
                &mut connection,
            )
        })?;
        let lunch = Restriction::Content {
            fuzzy_level: FL_SUBSTRING,
            tag: PR_SUBJECT_W,
            property: Property::new(PR_SUBJECT_W, "lunch"),
        };
        set(
            mail,
            &found,
            &lunch,
            &source_id,
            SetSearchCriteriaFlags::RESTART_SEARCH,
        )?;
        let completes = |heard: &[Heard]| {
            let is_complete = |heard: &&Heard| {
                matches!(
                    heard,
                    Heard::Object {
                        event: ObjectEvent::SearchComplete,
                        ..
                    }
                )
            };
            heard.iter().filter(is_complete).count()
        };
        let heard = listener.wait(stage.soon(), |heard| completes(heard) > 0);
        mail.same(
            RULE,
            "how often fnevSearchComplete was told",
            &completes(&heard),
            &1,
        );
        mail.step(RULE, "GetSearchCriteria");
        let (restriction, scope, state) = get(mail, &found)?;
        mail.same(
            RULE,
            "the restriction of GetSearchCriteria",
            &restriction,
            &lunch,
        );
        mail.same(
            RULE,
            "the folders of GetSearchCriteria",
            &scope,
            &vec![source_id.clone()],
        );
        mail.holds(RULE, state.contains(SearchState::SEARCH_RUNNING), || {
            format!("the state of a search that runs is {state:?}")
        });

        mail.holds(RULE, !state.contains(SearchState::SEARCH_REBUILD), || {
            // Outlook sets the same criteria again as long as it sees this.
            format!("the state of a search that is complete is {state:?}")
        });

        mail.step(RULE, "what was found");
        let shown = || -> Result<Vec<String>, super::Halt> {
            let mut rows = mail
                .table_of(&found, &[PR_SUBJECT_W])?
                .texts(PR_SUBJECT_W)?;
            rows.sort();
            Ok(rows)
        };
        let wait_for = |expected: &[&str]| -> Result<Vec<String>, super::Halt> {
            let begin = std::time::Instant::now();
            loop {
                let rows = shown()?;
                if rows == expected || begin.elapsed() > stage.soon() / 3 {
                    return Ok(rows);
                }
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
        };
        let owned = |texts: &[&str]| -> Vec<String> {
            texts.iter().map(|text| (*text).to_owned()).collect()
        };
        mail.same(
            RULE,
            "the rows of a search folder",
            &shown()?,
            &owned(&["lunch on Monday"]),
        );
        let rows = mail
            .table_of(&found, &[PR_PARENT_ENTRYID, PR_ENTRYID])?
            .all()?;
        let parent = rows
            .first()
            .and_then(|row| row.get(PR_PARENT_ENTRYID))
            .and_then(PropValue::as_binary)
            .map(<[u8]>::to_vec);
        mail.same(
            RULE,
            "PR_PARENT_ENTRYID of a row of a search folder",
            &parent,
            &Some(source_id.clone()),
        );
        same_again(mail, &found, &lunch, &source_id)?;
        let told = completes(&listener.wait(A_MOMENT, |heard| completes(heard) > 0));
        mail.same(
            RULE,
            "how often fnevSearchComplete was told after the same criteria were set again",
            &told,
            &0,
        );
        mail.same(
            RULE,
            "the rows after the same criteria were set again",
            &shown()?,
            &owned(&["lunch on Monday"]),
        );
        mail.step(RULE, "results that come and go");
        let late = deliver("another lunch")?;
        mail.same(
            RULE,
            "the rows after a message came",
            &wait_for(&["another lunch", "lunch on Monday"])?,
            &owned(&["another lunch", "lunch on Monday"]),
        );
        let message = mail.client().open_message(&late)?;
        message.set_subject("tea")?;
        message.save()?;
        drop(message);
        mail.same(
            RULE,
            "the rows after a message no longer matches",
            &wait_for(&["lunch on Monday"])?,
            &owned(&["lunch on Monday"]),
        );

        mail.step(RULE, "CreateMessage in a search folder");
        let made = mail
            .caller
            .create_message(&found, CreateMessageFlags::empty());
        mail.holds(RULE, made.is_err(), || {
            "CreateMessage in a search folder was not refused".to_owned()
        });
        mail.step(RULE, "STOP_SEARCH");
        // SAFETY: NULL stands for the criteria that are set.
        done("IMAPIContainer::SetSearchCriteria(STOP_SEARCH)", unsafe {
            found.SetSearchCriteria(
                ptr::null_mut(),
                ptr::null_mut(),
                SetSearchCriteriaFlags::STOP_SEARCH,
            )
        })?;
        let (_, _, state) = get(mail, &found)?;
        mail.holds(RULE, !state.contains(SearchState::SEARCH_RUNNING), || {
            format!("the state of a search that was stopped is {state:?}")
        });
        mail.step(
            RULE,
            "a search folder that is deleted while its table is open",
        );
        let raw = mail.raw_folder()?;
        let short = mail
            .caller
            .create_folder(&raw, FOLDER_SEARCH, "Short", none)?;
        let short_id = mail.id_of(&short)?;
        let flags = SetSearchCriteriaFlags::RESTART_SEARCH;
        set(mail, &short, &lunch, &source_id, flags)?;
        let table = mail.table_of(&short, &[PR_SUBJECT_W])?;
        drop(short);
        let status = mail
            .caller
            .delete_folder(&raw, &short_id, DeleteFolderFlags::empty());
        mail.answers(RULE, "DeleteFolder of a search folder", status, &[S_OK]);
        // Rows or an error: the table has nothing to show.
        drop(table.all());
        let opened = mail.caller.folder(mail.store(), &short_id);
        mail.holds(RULE, opened.is_err(), || {
            "a deleted search folder still opens".to_owned()
        });
        // SAFETY: it takes nothing but a number.
        done("IMsgStore::Unadvise", unsafe {
            mail.store().Unadvise(connection)
        })?;
        Ok(())
    })
}
