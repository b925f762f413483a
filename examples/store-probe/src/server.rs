//! A server that has what the environment says, and writes down what it is told.

use std::env;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use mapi_provider::SyncError;
use mapi_provider::abi::PR_SUBJECT_W;
use mapi_provider::mailbox::database::ObjectId;
use mapi_provider::mailbox::logic::{Local, LocalChange, Mailbox};
use mapi_provider::view::FileTime;

/// 2026-01-01T00:00:00Z, in units of 100 nanoseconds since 1601.
const NEW_YEAR: u64 = 134_116_992_000_000_000;
const MINUTE: u64 = 60 * 10_000_000;

/// What clients did goes out, then what the server has comes in.
///
/// # Errors
///
/// The store can't be read or written, the file can't be written, or a variable is no number.
pub(crate) fn exchange(mailbox: &Mailbox) -> Result<(), SyncError> {
    if let Some(file) = env::var_os("STORE_TEST_CHANGES") {
        let acknowledges = env::var("STORE_TEST_CHANGES_NOACK").as_deref() != Ok("1");
        tell(mailbox, Path::new(&file), acknowledges)?;
    }
    let count = match env::var("STORE_TEST_DELIVER") {
        Ok(count) => count.trim().parse()?,
        Err(_) => 0,
    };
    let gone = env::var("STORE_TEST_REMOVE").unwrap_or_default();
    let gone = gone.split(',').map(str::trim).filter(|id| !id.is_empty());
    bring(mailbox, count, gone)
}

/// Brings in the messages of the server: the same ones each time.
fn bring<'g>(
    mailbox: &Mailbox,
    count: u32,
    gone: impl Iterator<Item = &'g str>,
) -> Result<(), SyncError> {
    let inbox = mailbox.inbox()?;
    let mut batch = mailbox.batch();
    for number in 1..=count {
        batch.upsert(inbox, &format!("m{number}"), |message| {
            if !message.is_new() {
                return;
            }
            message.class("IPM.Note");
            message.subject(&format!("Message {number}"));
            message.sender("Server", "server@example.org");
            let minutes = u64::from(number) * MINUTE;
            message.received(FileTime::from_ticks(NEW_YEAR + minutes));
            message.body(&format!("Body {number}"));
            message.read(false);
        })?;
    }
    batch.remove(gone)?;
    batch.commit()?;
    Ok(())
}

/// Writes down what clients did, a line for each thing.
fn tell(mailbox: &Mailbox, file: &Path, acknowledges: bool) -> Result<(), SyncError> {
    for change in mailbox.local_changes()? {
        let lines = lines(mailbox, &change)?;
        let mut file = OpenOptions::new().create(true).append(true).open(file)?;
        file.write_all(lines.as_bytes())?;
        if acknowledges {
            change.acknowledge()?;
        }
    }
    Ok(())
}

/// What was done with an object, in words: `read m1 Message 1`.
fn lines(mailbox: &Mailbox, change: &LocalChange) -> Result<String, SyncError> {
    let server_id = match &change.remote {
        Some(remote) => remote.server_id.as_str(),
        None => "-",
    };
    let name = name(mailbox, change)?;
    let lines = verbs(&change.what).into_iter().map(|verb| {
        let line = format!("{verb} {server_id} {name}");
        format!("{}\n", line.trim_end())
    });
    Ok(lines.collect())
}

/// The subject of a message, the name of a folder; nothing where it is gone.
fn name(mailbox: &Mailbox, change: &LocalChange) -> Result<String, SyncError> {
    let name = match change.object {
        ObjectId::Message(_) => {
            let message = change.message()?;
            message.and_then(|message| message.data.props.text(PR_SUBJECT_W))
        }
        ObjectId::Folder(id) => mailbox.folder(id)?.map(|folder| folder.name),
    };
    // A line stays one.
    Ok(name.unwrap_or_default().replace(char::is_control, " "))
}

fn verbs(what: &Local) -> Vec<&'static str> {
    match what {
        Local::Created => vec!["created"],
        Local::Deleted => vec!["deleted"],
        Local::Changed {
            edited,
            read,
            moved_from,
        } => {
            let read = read.map(|read| if read { "read" } else { "unread" });
            let edited = edited.then_some("edited");
            let moved = moved_from.map(|_| "moved");
            [edited, read, moved].into_iter().flatten().collect()
        }
    }
}
