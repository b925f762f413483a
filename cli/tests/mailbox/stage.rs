//! A mailbox, and the command at work on it.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use mapi_provider::abi::{PR_BODY_W, PR_MESSAGE_DELIVERY_TIME, PR_SUBJECT_W};
use mapi_provider::view::FileTime;
use mapi_provider_mailbox::database::{FolderId, MessageData, Save, Special, Store};
use serde_json::Value as Json;
use tempfile::TempDir;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace("\r\n", "\n")
}

/// A mailbox in a folder of its own.
pub(crate) struct Stage {
    pub(crate) folder: TempDir,
}

impl Stage {
    /// With some messages in the inbox.
    pub(crate) fn filled(count: usize) -> Self {
        let stage = Self::empty();
        let store = stage.open();
        let inbox = special(&store, Special::Inbox);
        for number in 0..count {
            save(&store, inbox, &message(&format!("Message {number}")));
        }
        stage
    }

    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let stage = Self { folder };
        drop(stage.open());
        stage
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("mail.db")
    }

    pub(crate) fn open(&self) -> Store {
        Store::open(&self.path()).expect("opened")
    }

    pub(crate) fn tamper(&self, sql: &str) {
        let other = rusqlite::Connection::open(self.path()).expect("opened");
        let sql = format!("PRAGMA foreign_keys = OFF; {sql}");
        other.execute_batch(&sql).expect("changed");
    }

    pub(crate) fn command(&self, what: &str, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mapi"));
        command
            .args(["mailbox", what])
            .args(args)
            .current_dir(self.folder.path())
            .env_remove("RUST_BACKTRACE");
        command
    }

    #[track_caller]
    pub(crate) fn ended(&self, code: i32, what: &str, args: &[&str]) -> (String, String) {
        let output = self.command(what, args).output().expect("starts");
        let (said, complained) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{said}\n{complained}");
        (said, complained)
    }

    #[track_caller]
    pub(crate) fn json(&self, code: i32, what: &str, args: &[&str]) -> Json {
        let args = [args, &["--json"]].concat();
        let (said, _) = self.ended(code, what, &args);
        serde_json::from_str(&said).expect("JSON")
    }

    /// Every file below a folder, by its path.
    pub(crate) fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let top = self.folder.path().join(folder);
        let mut found = BTreeMap::new();
        let mut waiting = vec![top.clone()];
        while let Some(folder) = waiting.pop() {
            for entry in fs::read_dir(folder).expect("there") {
                let path = entry.expect("readable").path();
                if path.is_dir() {
                    waiting.push(path);
                    continue;
                }
                let name = path
                    .strip_prefix(&top)
                    .expect("below")
                    .display()
                    .to_string();
                found.insert(name.replace('\\', "/"), fs::read(&path).expect("readable"));
            }
        }
        found
    }
}

pub(crate) fn special(store: &Store, special: Special) -> FolderId {
    store.read(|reader| reader.special(special)).expect("there")
}

pub(crate) fn message(subject: &str) -> MessageData {
    let mut data = MessageData::default();
    data.props.set_tag(PR_SUBJECT_W, subject);
    data.props.set_tag(PR_BODY_W, "Hello");
    // 6 March 2026, 08:12:44.
    let time = FileTime::from_ticks(134_172_583_640_000_000);
    data.props.set_tag(PR_MESSAGE_DELIVERY_TIME, time);
    data
}

pub(crate) fn save(store: &Store, folder: FolderId, data: &MessageData) {
    let save = Save {
        id: store.reserve_message().expect("an ID"),
        folder,
        associated: false,
        base: None,
        force: false,
        read: false,
        keep_time: false,
        data,
    };
    store.write(|tx| tx.save_message(&save)).expect("saved");
}
