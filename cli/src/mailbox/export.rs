//! `cargo mapi mailbox export`: everything as files of Internet mail.

mod folder;
mod name;
mod octets;

use std::path::PathBuf;

use mapi_provider_mailbox::database::{Export, Exported, FolderId, Reader, Special, Store};
use serde_json::{Value as Json, json};

use self::folder::Target;
use self::octets::octets;
use super::{failed, open};
use crate::failure::Failure;
use crate::output;

/// Save everything in a mailbox as files of Internet mail, folder by folder
///
/// Each message becomes a file with the ending .eml, named by date and subject; each folder becomes a folder. The names can
/// be used on Windows and Linux. No file is overwritten. A message that can't be read or converted is told and left out; the
/// exit code is then 1. Others may use the mailbox meanwhile.
///
/// A text that was written as RTF is attached as such, too. What other programs keep in folders for themselves, hidden items,
/// is not exported.
#[derive(clap::Args)]
#[command(after_help = "\
JSON:
  folder, folders, messages
  left_out[]    folder[], message (an ID, or null for the rest of a folder), error

Examples:
  cargo mapi mailbox export mail.db saved
  cargo mapi mailbox export mail.db saved --json")]
pub(super) struct Args {
    /// The file of the mailbox
    file: PathBuf,

    /// The folder for the files: a new one, or an empty one
    folder: PathBuf,

    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let path = args.file.as_path();
    let store = open(path)?;
    let wrong = |error| failed(path, &error);
    let top = store.read(top_name).map_err(wrong)?;
    let export = store.export().map_err(wrong)?;
    let mut target = Target::create(&args.folder)?;
    for folder in export.folders() {
        // A folder that users don't see is made if there is anything in it.
        if let Some(names) = folder.strip_prefix(std::slice::from_ref(&top)) {
            target.folder(names)?;
        }
    }
    let mut summary = Summary::default();
    save_all(&store, export, &top, &mut target, &mut summary)?;
    let made = target.folders();
    if args.json {
        output::json(&summary.to_json(&args.folder, made))?;
    } else {
        output::say(&summary.to_text(&args.folder, made))?;
    }
    match summary.left_out.len() {
        0 => Ok(()),
        1 => Err(Failure::new("1 message or folder could not be exported")),
        count => Err(Failure::new(format!(
            "{count} messages or folders could not be exported"
        ))),
    }
}

/// The name of the folder that has all that users see: it is left out of paths.
fn top_name(reader: &Reader<'_>) -> mapi_provider_mailbox::database::Result<String> {
    let id: FolderId = reader.special(Special::IpmSubtree)?;
    Ok(reader.existing_folder(id)?.name)
}

/// # Errors
///
/// Nothing more can be written.
fn save_all(
    store: &Store,
    export: Export,
    top: &str,
    target: &mut Target,
    summary: &mut Summary,
) -> Result<(), Failure> {
    for one in export {
        match one {
            Err(error) => summary.left_out.push(LeftOut {
                folder: error.path,
                message: error.message.map(|id| id.number()),
                error: error.error.to_string(),
            }),
            Ok(Exported { path, message }) => {
                let id = message.info.id.number();
                match octets(store, &message.data) {
                    Ok(octets) => {
                        let names = path.strip_prefix(&[top.to_owned()][..]).unwrap_or(&path);
                        target.save(names, &name::of_message(&message.data.props), &octets)?;
                        summary.messages += 1;
                    }
                    Err(error) => summary.left_out.push(LeftOut {
                        folder: path,
                        message: Some(id),
                        error: error.to_string(),
                    }),
                }
            }
        }
    }
    Ok(())
}

/// What has become of everything.
#[derive(Default)]
struct Summary {
    messages: u64,
    left_out: Vec<LeftOut>,
}

/// A message, or the rest of a folder, that is not among the files.
struct LeftOut {
    folder: Vec<String>,
    message: Option<u64>,
    error: String,
}

impl Summary {
    fn to_text(&self, folder: &std::path::Path, folders: usize) -> String {
        let mut text = String::new();
        for LeftOut {
            folder,
            message,
            error,
        } in &self.left_out
        {
            let what = match message {
                Some(id) => format!("message {id}"),
                None => "the rest".to_owned(),
            };
            let folder = folder.join(" / ").replace(['\n', '\r'], " ");
            text.push_str(&format!("left out: {what} of {folder}: {error}\n"));
        }
        let count = |number: u64, what: &str| match number {
            1 => format!("1 {what}"),
            _ => format!("{number} {what}s"),
        };
        let messages = count(self.messages, "message");
        let folders = count(folders as u64, "folder");
        text + &format!("{}: {messages} in {folders}\n", folder.display())
    }

    fn to_json(&self, folder: &std::path::Path, folders: usize) -> Json {
        let left_out: Vec<Json> = self
            .left_out
            .iter()
            .map(|one| json!({"folder": one.folder, "message": one.message, "error": one.error}))
            .collect();
        json!({
            "folder": folder.display().to_string(),
            "folders": folders,
            "messages": self.messages,
            "left_out": left_out,
        })
    }
}
