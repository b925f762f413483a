//! What the last run left behind: the names and flags of the messages that both sides had.
//!
//! It is in the local folder, because the cursor that MAPI keeps is limited to 16 KiB. The cursor is the
//! state's stamp: if it doesn't match, because the profile, the folder or the server is another one, the
//! state is ignored. That costs no message: a message about which nothing is known is never deleted.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::maildir::Flags;
use crate::plan::{Known, Memory};

const FILE: &str = ".maildir-sync";
const FORMAT: &str = "maildir-sync 1";

/// What is known about all messages.
#[derive(Debug)]
pub struct State {
    local: PathBuf,
    server: PathBuf,
    generation: u64,
    known: BTreeMap<String, Known>,
    changed: bool,
}

impl State {
    /// Reads what a run with this cursor saved about these two folders. Anything else is ignored.
    pub fn load(local: &Path, server: &Path, cursor: Option<&[u8]>) -> Self {
        let mut state = Self {
            local: local.to_owned(),
            server: server.to_owned(),
            generation: 0,
            known: BTreeMap::new(),
            changed: true,
        };
        let Ok(text) = fs::read_to_string(local.join(FILE)) else {
            return state;
        };
        if let Some((generation, known)) = parse(&text) {
            // A later state never has an earlier one's stamp, even if this one is not believed.
            state.generation = generation;
            if cursor == Some(state.stamp(&text).as_bytes()) {
                state.known = known;
                state.changed = false;
            }
        }
        state
    }

    /// Writes it, and returns the cursor for it. Readers find either the old one or this.
    ///
    /// # Errors
    ///
    /// The file can't be written.
    pub fn save(&mut self) -> io::Result<String> {
        self.generation += 1;
        let mut text = format!("{FORMAT}\n{}\n", self.generation);
        for (name, known) in &self.known {
            let part = if known.partial { "header" } else { "whole" };
            text += &format!("{part} {} {name}\n", known.flags);
        }
        let temporary = self.local.join("tmp").join(FILE);
        let mut file = File::create(&temporary)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        drop(file);
        fs::rename(temporary, self.local.join(FILE))?;
        self.changed = false;
        Ok(self.stamp(&text))
    }

    /// Whether there is something to save.
    pub fn is_changed(&self) -> bool {
        self.changed
    }

    /// A stamp that no state of another generation, content or server has.
    fn stamp(&self, text: &str) -> String {
        let mut hash = fnv(FNV_START, text.as_bytes());
        hash = fnv(hash, self.server.as_os_str().as_encoded_bytes());
        format!("{} {hash:016x}", self.generation)
    }
}

impl Memory for State {
    fn get(&self, name: &str) -> Option<Known> {
        self.known.get(name).copied()
    }

    fn set(&mut self, name: &str, known: Known) {
        self.changed |= self.known.insert(name.to_owned(), known) != Some(known);
    }

    fn forget(&mut self, name: &str) {
        self.changed |= self.known.remove(name).is_some();
    }

    fn forget_all_but(&mut self, wanted: impl Fn(&str) -> bool) {
        let before = self.known.len();
        self.known.retain(|name, _| wanted(name));
        self.changed |= self.known.len() != before;
    }
}

/// Reads a state; `None` if a single line of it is strange.
fn parse(text: &str) -> Option<(u64, BTreeMap<String, Known>)> {
    let mut lines = text.strip_prefix(FORMAT)?.strip_prefix('\n')?.lines();
    let generation = lines.next()?.parse().ok()?;
    let known: Option<_> = lines.map(parse_message).collect();
    Some((generation, known?))
}

fn parse_message(line: &str) -> Option<(String, Known)> {
    let mut parts = line.splitn(3, ' ');
    let partial = match parts.next()? {
        "header" => true,
        "whole" => false,
        _ => return None,
    };
    let flags = Flags::parse(parts.next()?);
    Some((parts.next()?.to_owned(), Known { flags, partial }))
}

/// The start value of a Fowler–Noll–Vo hash, variant 1a. Unlike std's hashes, it is the same everywhere.
const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;

fn fnv(start: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(start, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
