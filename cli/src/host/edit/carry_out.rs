//! The actions, carried out in the process that runs the provider.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;

use mapi_provider::store::{EntryId, Folder, Store, StoreError};

use super::{eml, folders, messages};
use crate::host::child::Tell;
use crate::host::protocol::{Act, Action, Done, Message, Named, Step, bounded};
use crate::host::show::find::{self, Among, Found};
use crate::host::show::row::{COLUMNS, mail};

/// Files with more bytes are no mail, and would fill the memory.
const LARGEST_FILE: u64 = 256 << 20;

/// Looks everything up, and then carries the actions out in their order, until one fails.
pub(in crate::host) fn carry_out(
    store: &Store,
    actions: &[Action],
    tell: Tell<'_>,
) -> Result<(), String> {
    let mut work = Work {
        store,
        files: read_files(actions)?,
        made: None,
    };
    work.look_up(actions, tell)?;
    for (number, action) in actions.iter().enumerate() {
        tell(&Message::Step(Step::Begun));
        let done = work.do_one(number, action, tell);
        let done = done.map_err(|error| format!("{}: {error}", action.words()))?;
        tell(&Message::Step(Step::Done(Box::new(done))));
    }
    Ok(())
}

/// The files of new messages, by the numbers of their actions.
fn read_files(actions: &[Action]) -> Result<BTreeMap<usize, Vec<u8>>, String> {
    let mut files = BTreeMap::new();
    for (number, action) in actions.iter().enumerate() {
        if let Action::New { file, .. } = action {
            let octets = read_file(file).map_err(|error| format!("{}: {error}", file.display()))?;
            files.insert(number, octets);
        }
    }
    Ok(files)
}

fn read_file(file: &Path) -> Result<Vec<u8>, String> {
    let size = fs::metadata(file).map_err(|error| error.to_string())?.len();
    if size > LARGEST_FILE {
        return Err(format!("it has more than {LARGEST_FILE} bytes"));
    }
    let octets = fs::read(file).map_err(|error| error.to_string())?;
    eml::check(&octets)?;
    Ok(octets)
}

struct Work<'s, 'run> {
    store: &'s Store<'run>,
    files: BTreeMap<usize, Vec<u8>>,
    /// The message that was made last.
    made: Option<Found<'run>>,
}

impl<'run> Work<'_, 'run> {
    /// Finds every message and folder that the actions name, as far as none of them makes it first. Nothing is changed.
    fn look_up(&self, actions: &[Action], tell: Tell<'_>) -> Result<(), String> {
        let (mut makes_messages, mut makes_folders) = (false, false);
        let mut seen = HashSet::new();
        for action in actions {
            if let Action::ToMessage {
                named: Named::As(name),
                ..
            } = action
                && !makes_messages
                && seen.insert(name)
            {
                self.named(name, tell)?;
            }
            let folder = match action {
                Action::ToMessage {
                    act: Act::Move { to },
                    ..
                } => Some(to),
                Action::New { folder, .. } => Some(folder),
                Action::DeleteFolder { path } | Action::RenameFolder { path, .. } => Some(path),
                _ => None,
            };
            if let (Some(path), false) = (folder, makes_folders) {
                folders::at(self.store, path)?;
            }
            makes_messages |= matches!(action, Action::New { .. });
            makes_folders |= matches!(
                action,
                Action::NewFolder { .. }
                    | Action::RenameFolder { .. }
                    | Action::DeleteFolder { .. }
            );
        }
        Ok(())
    }

    fn do_one(&mut self, number: usize, action: &Action, tell: Tell<'_>) -> Result<Done, String> {
        match action {
            Action::ToMessage { named, act } => {
                let found = match named {
                    Named::As(name) => self.named(name, tell)?,
                    Named::New => self.made.take().ok_or("there is no new message")?,
                };
                let done = messages::act(self.store, &found, act)?;
                if *named == Named::New && !act.takes_it_away() {
                    self.made = Some(found);
                }
                Ok(done)
            }
            Action::New { folder, draft, .. } => {
                let octets = self.files.remove(&number).unwrap_or_default();
                self.make(folder, &octets, *draft)
            }
            Action::NewFolder { path } => folders::make(self.store, path),
            Action::RenameFolder { path, name } => folders::rename(self.store, path, name),
            Action::DeleteFolder { path } => folders::delete(self.store, path),
        }
    }

    fn make(&mut self, path: &str, octets: &[u8], draft: bool) -> Result<Done, String> {
        let place = folders::at(self.store, path)?;
        let made = eml::deliver(&place.folder, octets, draft);
        let id = made.map_err(|error| error.to_string())?;
        let found = Found {
            folder: place.folder,
            id,
            place: place.names,
            deleted: place.deleted,
        };
        let done = messages::done(self.store, &found).map_err(said)?;
        self.made = Some(found);
        Ok(done)
    }

    /// The one message of this name. If there are several, all of them are told.
    fn named(&self, name: &str, tell: Tell<'_>) -> Result<Found<'run>, String> {
        let mut found = find::all(self.store, name, Among::All).map_err(said)?;
        if found.len() > 1 {
            for one in &found {
                tell(&Message::Step(self.candidate(one).map_err(said)?));
            }
            let count = found.len();
            return Err(format!(
                "{count} messages have the subject `{name}`: name one by its entry ID"
            ));
        }
        found.pop().ok_or_else(|| {
            format!(
                "there is no message `{name}`: one is named by its whole subject, or by its entry ID, which \
                 `cargo mapi host show --json` shows"
            )
        })
    }

    fn candidate(&self, found: &Found<'_>) -> Result<Step, StoreError> {
        let message = self.store.open_message(&found.id)?;
        let mut mail = mail(&message.get_all(&COLUMNS)?);
        // A message that is open may not know its own.
        mail.entry_id = find::hexadecimal(&found.id);
        Ok(Step::Candidate {
            mail: Box::new(mail),
            place: found.place.iter().cloned().map(bounded).collect(),
        })
    }
}

/// Whether a folder is the one of this ID.
pub(super) fn is_folder(store: &Store, folder: &Folder, id: &EntryId) -> Result<bool, StoreError> {
    store.same_entry(&folder.entry_id()?, id)
}

pub(super) fn said(error: StoreError) -> String {
    error.to_string()
}
