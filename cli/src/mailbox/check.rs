//! `cargo mapi mailbox check`: whether a mailbox is sound.

use std::path::{Path, PathBuf};

use mapi_provider_mailbox::database::{Inspection, Sizes, Store};
use serde_json::json;

use super::{failed, look_at};
use crate::failure::Failure;
use crate::install::helped;
use crate::{bytes, output};

/// Check a mailbox: whether the file is sound, and whether counts, index and references agree
///
/// It changes nothing, and others may use the mailbox meanwhile. It takes some seconds for each gigabyte. The exit
/// code is 1 if anything is wrong.
#[derive(clap::Args)]
#[command(after_help = "\
JSON:
  file, format, newest_format
  folders, messages    null if they can't be counted
  size                 file, log, free: in bytes
  users                how many programs have it open
  problems[]           in words

Examples:
  cargo mapi mailbox check mail.db
  cargo mapi mailbox check mail.db --json")]
pub(super) struct Args {
    /// The file of the mailbox
    file: PathBuf,

    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let path = args.file.as_path();
    let file = look_at(path)?;
    let state = || Ok((file.check()?, file.sizes()?, file.users()?));
    let (found, sizes, users) = state().map_err(|error| failed(path, &error))?;
    if args.json {
        output::json(&json!({
            "file": path.display().to_string(),
            "format": found.schema,
            "newest_format": Store::schema(),
            "folders": found.folders,
            "messages": found.messages,
            "size": {"file": sizes.file, "log": sizes.log, "free": sizes.free},
            "users": users,
            "problems": found.problems,
        }))?;
    } else {
        output::say(&text(path, &found, sizes, users))?;
    }
    match found.problems.len() {
        0 => Ok(()),
        count => Err(helped(
            format!("{}: {}", path.display(), problems(count)),
            "keep the file as it is, and restore it from a backup. `cargo mapi mailbox export` saves what can be read",
        )),
    }
}

fn problems(count: usize) -> String {
    match count {
        1 => "1 problem".to_owned(),
        _ => format!("{count} problems"),
    }
}

fn text(path: &Path, found: &Inspection, sizes: Sizes, users: usize) -> String {
    let counted = |count: Option<u64>| count.map_or("not readable".to_owned(), |n| n.to_string());
    let format = match found.schema {
        known if known == Store::schema() => known.to_string(),
        older => format!("{older}, an older one: counts and index were not compared"),
    };
    let users = match users {
        0 => "by no program".to_owned(),
        1 => "by 1 program".to_owned(),
        _ => format!("by {users} programs"),
    };
    let size = format!(
        "{}, of it {} free; beside it {} of log",
        bytes::words(sizes.file),
        bytes::words(sizes.free),
        bytes::words(sizes.log)
    );
    let lines = [
        ("File:", path.display().to_string()),
        ("Format:", format),
        ("Folders:", counted(found.folders)),
        ("Messages:", counted(found.messages)),
        ("Size:", size),
        ("Open:", users),
    ];
    let mut text: String = lines
        .into_iter()
        .map(|(name, value)| format!("{name:<11}{value}\n"))
        .collect();
    match found.problems.as_slice() {
        [] => text.push_str("Nothing is wrong with it.\n"),
        problems => {
            for problem in problems {
                text.push_str(&format!("wrong: {problem}\n"));
            }
        }
    }
    text
}
