//! What a run does to the mail, as clients see it that have the store open.

use std::collections::BTreeSet;
use std::time::Instant;

use mapi_provider::abi::{
    FOLDER_GENERIC, GetHierarchyTableFlags, IMAPIFolder, NotificationEvents, OpenEntryFlags,
    PR_CONTENT_COUNT, PR_ENTRYID, PR_FOLDER_TYPE, StoreSupportMask,
};
use mapi_provider::view::{ObjectEvent, PropValue, Row};
use windows_core::Interface;

use super::calls::{Answer, cast, done};
use super::sink::{Heard, Listener};
use super::table::Table;
use super::{Halt, Mail, Played, Stage, with_mail};

const RULE: &str = "STORE-45";

/// A folder whose table is open while the run goes on.
struct Watched {
    folder: IMAPIFolder,
    table: Table,
    before: Vec<Vec<u8>>,
    _listener: Listener,
}

pub(in super::super) fn seen_while_it_runs(stage: &Stage<'_>) -> Played {
    let needs = StoreSupportMask::NOTIFY_OK;
    with_mail(stage, &[RULE], needs, |mail| {
        mail.step(RULE, "opening all folders");
        let watched = watched(mail)?;
        let listener = Listener::new();
        let connection = advise(mail, &listener)?;
        mail.step(RULE, "a run while tables are open");
        let status = stage.run(RULE, mail.rig)?;
        let played = if status.0.is_ok() {
            compared(mail, &watched, &listener)
        } else {
            stage.skip(RULE, format!("the run ends with {status}"));
            Ok(())
        };
        // SAFETY: it takes nothing but a number.
        done("IMsgStore::Unadvise", unsafe {
            mail.store().Unadvise(connection)
        })?;
        played
    })
}

/// All folders that hold messages of their own.
fn watched(mail: &Mail<'_>) -> Result<Vec<Watched>, Halt> {
    let none = OpenEntryFlags::empty();
    let (_, root) = mail.caller.open(mail.store(), &[], none)?;
    let root: IMAPIFolder = cast("QueryInterface for IMAPIFolder", &root)?;
    let deep = GetHierarchyTableFlags::CONVENIENT_DEPTH;
    let rows = mail
        .tree_of(&root, deep, &[PR_ENTRYID, PR_FOLDER_TYPE])?
        .all()?;
    let mut all = Vec::new();
    for row in rows {
        let kind = row.get(PR_FOLDER_TYPE).and_then(PropValue::as_long);
        let id = row.get(PR_ENTRYID).and_then(PropValue::as_binary);
        let Some(id) = id.filter(|_| kind == Some(FOLDER_GENERIC.cast_signed())) else {
            continue;
        };
        let folder = mail.caller.folder(mail.store(), id)?;
        let table = mail.table_of(&folder, &[PR_ENTRYID])?;
        let listener = Listener::new();
        table.advise(&listener.sink)?;
        all.push(Watched {
            before: ids(&table)?,
            folder,
            table,
            _listener: listener,
        });
    }
    Ok(all)
}

fn ids(table: &Table) -> Answer<Vec<Vec<u8>>> {
    let id = |row: &Row<'_>| {
        let id = row.get(PR_ENTRYID).and_then(PropValue::as_binary);
        id.unwrap_or_default().to_vec()
    };
    Ok(table.all()?.iter().map(id).collect())
}

fn advise(mail: &Mail<'_>, listener: &Listener) -> Answer<usize> {
    let mut connection = 0;
    // SAFETY: a live sink and a live variable.
    done("IMsgStore::Advise", unsafe {
        let events = NotificationEvents::fnevObjectCreated;
        let (none, sink) = (std::ptr::null_mut(), listener.sink.as_raw());
        mail.store().Advise(0, none, events, sink, &mut connection)
    })?;
    Ok(connection)
}

/// What the run has changed is seen in tables that were open, in counts, and by sinks.
fn compared(mail: &Mail<'_>, watched: &[Watched], listener: &Listener) -> Played {
    let mut new = BTreeSet::new();
    let mut is_changed = false;
    for one in watched {
        let fresh = ids(&mail.table_of(&one.folder, &[PR_ENTRYID])?)?;
        if fresh == one.before {
            continue;
        }
        is_changed = true;
        mail.step(RULE, "a table that was open while the run went on");
        let begun = Instant::now();
        let mut shown = ids(&one.table)?;
        while shown != fresh && begun.elapsed() < mail.stage.soon() {
            std::thread::sleep(std::time::Duration::from_millis(10));
            shown = ids(&one.table)?;
        }
        mail.same(RULE, "the rows of a table that was open", &shown, &fresh);
        let count = mail.caller.value(&one.folder, PR_CONTENT_COUNT)?.as_long();
        let expected = i32::try_from(fresh.len()).ok();
        mail.same(RULE, "PR_CONTENT_COUNT after the run", &count, &expected);
        new.extend(fresh.into_iter().filter(|id| !one.before.contains(id)));
    }
    if !is_changed {
        let why = "the run changed nothing that a client sees";
        mail.stage.skip(RULE, why);
        return Ok(());
    }
    let missed = |heard: &[Heard]| {
        let created: BTreeSet<&Vec<u8>> = heard.iter().filter_map(created).collect();
        new.iter().filter(|id| !created.contains(id)).count()
    };
    let heard = listener.wait(mail.stage.soon(), |heard| missed(heard) == 0);
    mail.same(
        RULE,
        "new messages of the run that no sink was told of",
        &missed(&heard),
        &0,
    );
    Ok(())
}

fn created(heard: &Heard) -> Option<&Vec<u8>> {
    match heard {
        Heard::Object {
            event: ObjectEvent::Created,
            id,
            ..
        } => Some(id),
        _ => None,
    }
}
