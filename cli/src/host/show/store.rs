//! What is in a store, according to its tables, and what its user may do. All of this is in the process that runs the
//! provider.

use std::time::{SystemTime, UNIX_EPOCH};

use mapi_provider::abi::{
    MessageFlags, PR_CLIENT_SUBMIT_TIME, PR_DISPLAY_NAME_W, PR_ENTRYID, PR_FLAG_STATUS,
    PR_HASATTACH, PR_INTERNET_MESSAGE_ID_W, PR_MESSAGE_DELIVERY_TIME, PR_MESSAGE_FLAGS,
    PR_SENT_REPRESENTING_NAME_W, PR_SUBJECT_W, PT_LONG, PropTag,
};
use mapi_provider::store::{EntryId, Folder, Row, Store, StoreError};
use mapi_provider::view::{FileTime, SortDirection};
use mapi_provider_host::outlook::configure;
use mapi_provider_host::{Host, Property};

use crate::host::child::Tell;
use crate::host::protocol::{Acts, Mail, Message, bounded};

/// PidTagLastVerbExecuted, which MAPI's headers don't have.
const LAST_VERB: PropTag = PropTag::new(0x1081, PT_LONG);
const REPLIED: [i32; 2] = [102, 103];

/// `PR_FLAG_STATUS`: there is still something to do.
const FLAGGED: i32 = 2;

/// Deeper folders are not shown, because a store may say anything.
const DEEPEST: usize = 32;

/// Logs on, acts, reports what is in the store and logs off.
pub(in crate::host) fn show(
    host: Host,
    settings: &[Property],
    acts: &Acts,
    tell: Tell<'_>,
) -> Result<(), String> {
    configure(&host, settings).map_err(said)?;
    let shown = log_on(&host, acts, tell);
    let report = host.finish();
    shown?;
    tell(&Message::Shown);
    tell(&Message::of_report(&report));
    Ok(())
}

fn log_on(host: &Host, acts: &Acts, tell: Tell<'_>) -> Result<(), String> {
    let provider = host.init().map_err(said)?;
    let shown = provider.logon().map_err(said).and_then(|store| {
        let shown =
            act(&store.client(), acts).and_then(|()| tell_all(&store.client(), tell).map_err(said));
        store.logoff();
        shown
    });
    let shut_down = provider.shutdown().map_err(said);
    shown?;
    shut_down
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// What the user does first.
fn act(store: &Store, acts: &Acts) -> Result<(), String> {
    for (subjects, act) in [
        (&acts.read, read as Act),
        (&acts.flag, flag),
        (&acts.delete, delete),
    ] {
        for subject in subjects {
            if !with_message(store, subject, act).map_err(said)? {
                return Err(format!("there is no message `{subject}`"));
            }
        }
    }
    Ok(())
}

/// Reports the folders that users see, with their messages by date.
fn tell_all(store: &Store, tell: Tell<'_>) -> Result<(), StoreError> {
    gather(&store.ipm_subtree()?, 0, tell)
}

fn mail(row: &Row) -> Mail {
    let text = |tag| bounded(row.text(tag).unwrap_or_default());
    let flags = row.long(PR_MESSAGE_FLAGS).unwrap_or_default();
    let flags = MessageFlags::from_bits_retain(flags as u32);
    let delivered = row.time(PR_MESSAGE_DELIVERY_TIME);
    let time = row.time(PR_CLIENT_SUBMIT_TIME).or(delivered);
    Mail {
        subject: text(PR_SUBJECT_W),
        from: text(PR_SENT_REPRESENTING_NAME_W),
        date: time.map(date),
        id: text(PR_INTERNET_MESSAGE_ID_W),
        unread: !flags.contains(MessageFlags::READ),
        flagged: row.long(PR_FLAG_STATUS) == Some(FLAGGED),
        replied: row
            .long(LAST_VERB)
            .is_some_and(|verb| REPLIED.contains(&verb)),
        attachments: row.bool(PR_HASATTACH) == Some(true),
    }
}

fn gather(folder: &Folder, depth: usize, tell: Tell<'_>) -> Result<(), StoreError> {
    let columns = [
        PR_SUBJECT_W,
        PR_SENT_REPRESENTING_NAME_W,
        PR_CLIENT_SUBMIT_TIME,
        PR_MESSAGE_DELIVERY_TIME,
        PR_INTERNET_MESSAGE_ID_W,
        PR_MESSAGE_FLAGS,
        PR_FLAG_STATUS,
        LAST_VERB,
        PR_HASATTACH,
    ];
    let query = folder.messages().columns(&columns);
    let rows = query
        .sort(PR_CLIENT_SUBMIT_TIME, SortDirection::Ascend)
        .rows()?;
    tell(&Message::Folder {
        depth: depth as u64,
        name: bounded(folder.name()?),
    });
    for row in rows {
        tell(&Message::Mail(mail(&row?)));
    }
    if depth < DEEPEST {
        for id in ids(folder)? {
            gather(&folder.open_folder(&id)?, depth + 1, tell)?;
        }
    }
    Ok(())
}

/// The folders in a folder, by name.
fn ids(folder: &Folder) -> Result<Vec<EntryId>, StoreError> {
    let query = folder.folders().columns(&[PR_ENTRYID, PR_DISPLAY_NAME_W]);
    let mut found = Vec::new();
    for row in query.rows()? {
        let row = row?;
        let name = row.text(PR_DISPLAY_NAME_W).unwrap_or_default();
        found.extend(row.entry_id().map(|id| (name, id)));
    }
    found.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(found.into_iter().map(|(_, id)| id).collect())
}

/// Something that is done to a message.
type Act = fn(&Store, &Folder, &EntryId) -> Result<(), StoreError>;

/// Does something to the message with a subject, wherever it is except in the deleted items. Returns whether there is
/// one.
fn with_message(store: &Store, subject: &str, act: Act) -> Result<bool, StoreError> {
    let trash = store.wastebasket().and_then(|trash| trash.entry_id()).ok();
    let mut waiting = vec![store.ipm_subtree()?];
    while let Some(folder) = waiting.pop() {
        let query = folder.messages().columns(&[PR_ENTRYID, PR_SUBJECT_W]);
        for row in query.rows()? {
            let row = row?;
            if row.text(PR_SUBJECT_W).as_deref() == Some(subject)
                && let Some(id) = row.entry_id()
            {
                return act(store, &folder, &id).map(|()| true);
            }
        }
        for id in ids(&folder)? {
            let is_trash = match &trash {
                Some(trash) => store.same_entry(trash, &id)?,
                None => false,
            };
            if !is_trash && waiting.len() < 10_000 {
                waiting.push(folder.open_folder(&id)?);
            }
        }
    }
    Ok(false)
}

/// Marks it as read.
fn read(_: &Store, folder: &Folder, id: &EntryId) -> Result<(), StoreError> {
    folder.set_read(std::slice::from_ref(id), true)
}

/// Flags it for follow-up.
fn flag(_: &Store, folder: &Folder, id: &EntryId) -> Result<(), StoreError> {
    let message = folder.open_message(id)?;
    message.set(PR_FLAG_STATUS, FLAGGED)?;
    message.save().map(drop)
}

/// Moves it to the deleted items.
fn delete(store: &Store, folder: &Folder, id: &EntryId) -> Result<(), StoreError> {
    folder.move_messages(std::slice::from_ref(id), &store.wastebasket()?)
}

/// A time as mail has it, UTC: `6 Mar 2026 08:12`.
fn date(time: FileTime) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let time = SystemTime::try_from(time).unwrap_or(UNIX_EPOCH);
    let seconds = time
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    let (mut days, minutes) = (seconds / 86400, seconds / 60 % 1440);
    let mut year = 1970;
    let is_leap = |year: u64| {
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
    };
    let length = |year| if is_leap(year) { 366 } else { 365 };
    while days >= length(year) {
        days -= length(year);
        year += 1;
    }
    let february = if is_leap(year) { 29 } else { 28 };
    let mut month = 0;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    let name = MONTHS.get(month).unwrap_or(&"Dec");
    format!(
        "{} {name} {year} {:02}:{:02}",
        days + 1,
        minutes / 60,
        minutes % 60
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn times_are_dates() {
        let date = |seconds| {
            let time = UNIX_EPOCH + Duration::from_secs(seconds);
            date(FileTime::try_from(time).expect("in range"))
        };
        assert_eq!(date(0), "1 Jan 1970 00:00");
        assert_eq!(date(951_782_400 + 86_399), "29 Feb 2000 23:59");
        assert_eq!(date(1_772_784_764), "6 Mar 2026 08:12");
        assert_eq!(date(4_102_444_799), "31 Dec 2099 23:59");
    }
}
