//! `cargo mapi mailbox compact`: makes the file as small as it can be.

use std::env;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use mapi_provider_mailbox::database::{Error, Sizes, StoreFile};
use serde_json::json;

use super::{failed, look_at, open};
use crate::failure::Failure;
use crate::install::helped;
use crate::{bytes, output};

/// Make the file of a mailbox as small as it can be
///
/// Messages that were deleted leave room in the file, which is used again, but not given back. This gives it back. It
/// takes a few seconds for each gigabyte, and others who want to write would have to wait: if a program has the mailbox
/// open, it is refused, or waits for the program to end. If it is interrupted, the file is as it was.
#[derive(clap::Args)]
#[command(after_help = "\
JSON:
  file, before, after     sizes in bytes, with that of the log

Examples:
  cargo mapi mailbox compact mail.db
  cargo mapi mailbox compact mail.db --wait 600")]
pub(super) struct Args {
    /// The file of the mailbox
    file: PathBuf,

    /// If a program has it open, wait for that many seconds
    #[arg(long, value_name = "SECS", default_value = "0")]
    wait: u32,

    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

/// How often is looked whether others are still there.
const PAUSE: Duration = Duration::from_millis(200);

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let path = args.file.as_path();
    let before = {
        let file = look_at(path)?;
        wait(&file, args)?;
        let sizes = file.sizes().map_err(|error| failed(path, &error))?;
        check_room(path, sizes)?;
        sizes
    };
    let store = open(path)?;
    let in_use = |others| {
        if others > 0 {
            Err(used(path, others))
        } else {
            Ok(())
        }
    };
    // Somebody may have come meanwhile. Who comes from now on waits, or is told that the store is busy.
    store
        .others()
        .map_err(|error| failed(path, &error))
        .and_then(in_use)?;
    store.compact().map_err(|error| busy(path, &error))?;
    drop(store);
    let after = look_at(path)?
        .sizes()
        .map_err(|error| failed(path, &error))?;
    let [before, after] = [before, after].map(|sizes| sizes.file + sizes.log);
    if args.json {
        let file = path.display().to_string();
        return output::json(&json!({"file": file, "before": before, "after": after}));
    }
    output::say(&format!(
        "{}: {} before, {} now\n",
        path.display(),
        bytes::words(before),
        bytes::words(after)
    ))
}

/// Waits until nobody has the file open any more, as long as is wanted.
fn wait(file: &StoreFile, args: &Args) -> Result<(), Failure> {
    let path = args.file.as_path();
    let end = Instant::now() + Duration::from_secs(args.wait.into());
    let mut told = false;
    loop {
        match file.users().map_err(|error| failed(path, &error))? {
            0 => return Ok(()),
            users if Instant::now() >= end => return Err(used(path, users)),
            users => {
                if !told {
                    eprintln!("{}; waiting", open_in(users));
                }
                told = true;
                thread::sleep(PAUSE);
            }
        }
    }
}

fn open_in(users: usize) -> String {
    match users {
        1 => "a program has it open".to_owned(),
        _ => format!("{users} programs have it open"),
    }
}

fn used(path: &Path, users: usize) -> Failure {
    helped(
        format!("{}: {}", path.display(), open_in(users)),
        "end Outlook and whatever else uses it, or let `--wait SECS` wait for that",
    )
}

fn busy(path: &Path, error: &Error) -> Failure {
    match error {
        Error::Busy => helped(
            format!(
                "{}: another program holds it. Nothing was changed",
                path.display()
            ),
            "end Outlook and whatever else uses it, and try again",
        ),
        error => failed(path, error),
    }
}

/// The new content is written to a temporary file first, then to the log, and from there into the file.
fn check_room(path: &Path, sizes: Sizes) -> Result<(), Failure> {
    let content = (sizes.file + sizes.log).saturating_sub(sizes.free);
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let folder = full.parent().unwrap_or(&full).to_owned();
    for (folder, what) in [
        (folder, "beside it"),
        (env::temp_dir(), "for a temporary file"),
    ] {
        // Where that is not told, it is found out.
        let Ok(free) = fs4::available_space(&folder) else {
            continue;
        };
        is_enough(content, free).map_err(|needed| {
            helped(
                format!(
                    "{}: that takes {} {what}, and {} has only {} left",
                    path.display(),
                    bytes::words(needed),
                    folder.display(),
                    bytes::words(free)
                ),
                "make room on that disk, and try again",
            )
        })?;
    }
    Ok(())
}

/// Both may be on one disk, so each must have room for both, and a little more. Else tells how much is needed.
fn is_enough(content: u64, free: u64) -> Result<(), u64> {
    let needed = content.saturating_mul(2).saturating_add(content / 50);
    if free >= needed { Ok(()) } else { Err(needed) }
}

#[cfg(test)]
mod tests {
    use super::is_enough;

    #[test]
    fn there_must_be_room_twice() {
        assert_eq!(is_enough(1_000, 2_020), Ok(()));
        assert_eq!(is_enough(1_000, 2_019), Err(2_020));
        assert_eq!(is_enough(u64::MAX, 1), Err(u64::MAX));
        assert_eq!(is_enough(0, 0), Ok(()));
    }
}
