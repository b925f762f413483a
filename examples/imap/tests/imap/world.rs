//! A Dovecot, a mailbox of ours, and runs between them.

use std::collections::BTreeSet;

use imap::{ImapServer, Security};
use mapi_provider_abi::mapi::{PR_BODY_W, PR_DISPLAY_NAME_W, PR_SUBJECT_W};
use mapi_provider_mailbox::database::{
    DeleteFolder, FolderId, FolderKind, MessageData, MessageId, NewFolder, Options as StoreOptions,
    PropertySet, Save, Special, Store, Transaction,
};
use mapi_provider_mailbox::logic::{Mailbox, MailboxSide};
use mapi_provider_twoway::{
    Answer, Listing, Local, LocalEntry, LocalKey, Monitor, Options, Report, Silent, State, Stop,
    Synchronizer,
};
use rusqlite::Connection;

use crate::client::{Client, Seen};
use crate::dovecot::{Dovecot, Setting};

pub(crate) struct World {
    pub(crate) dovecot: Dovecot,
    pub(crate) server: ImapServer,
    pub(crate) store: Store,
    state: Option<Connection>,
    pub(crate) options: Options,
}

pub(crate) fn mail(name: &str) -> String {
    format!(
        "From: a@example.org\r\nMessage-ID: <{name}@example.org>\r\nSubject: {name}\r\nX-Odd: as it was\r\n\r\nText of {name}\r\n"
    )
}

/// An account at a server on this computer.
pub(crate) fn account(port: u16) -> ImapServer {
    let mut server = ImapServer::new("127.0.0.1", port, Security::None);
    server.user = "alice".to_owned();
    server.password = "secret".to_owned();
    server
}

impl World {
    pub(crate) fn new(settings: &[Setting]) -> Option<Self> {
        let dovecot = Dovecot::start(settings)?;
        let options = StoreOptions::new().track_local_changes(true);
        Some(Self {
            server: account(dovecot.port),
            dovecot,
            store: Store::in_memory(options).expect("memory"),
            state: None,
            options: Options::default(),
        })
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(self.dovecot.port)
    }

    pub(crate) fn try_run(&mut self, monitor: &dyn Monitor) -> (Result<(), Stop>, Report) {
        let connection = self.state.take();
        let connection =
            connection.unwrap_or_else(|| Connection::open_in_memory().expect("memory"));
        let mut state = State::with(connection).expect("ours");
        let mut local = self.side();
        let mut run =
            Synchronizer::new(&self.server, &mut local, &mut state, &self.options, monitor);
        let ended = run.run();
        let report = run.report().clone();
        self.state = Some(state.into_connection());
        (ended, report)
    }

    pub(crate) fn run(&mut self) -> Report {
        let (ended, report) = self.try_run(&Silent);
        ended.unwrap_or_else(|stop| panic!("{stop}: {report}"));
        report
    }

    /// The state is lost, as if the profile were new.
    pub(crate) fn forget_state(&mut self) {
        self.state = None;
    }

    /// Runs until nothing is left to do: both sides are equal then, and another run does nothing.
    pub(crate) fn settle(&mut self) {
        let first = self.run();
        let second = self.run();
        let third = self.run();
        assert!(third.is_nothing(), "{first}\n{second}\n{third}");
        self.check_equal();
    }

    pub(crate) fn check_equal(&self) {
        assert_eq!(self.here(), self.there());
    }

    pub(crate) fn there(&self) -> BTreeSet<Seen> {
        self.client().all()
    }

    pub(crate) fn side(&self) -> MailboxSide {
        MailboxSide::new(Mailbox::new(self.store.clone())).expect("tracked")
    }

    fn entries(&self) -> Vec<LocalEntry> {
        let mut all = All::default();
        self.side().changes(true, &mut all).expect("readable");
        all.0
    }

    /// What is here, with the names that the server has for it.
    pub(crate) fn here(&self) -> BTreeSet<Seen> {
        let mut side = self.side();
        let mut seen = BTreeSet::new();
        for entry in self.entries() {
            let content = side.read(&entry.key).expect("there");
            let content = String::from_utf8_lossy(&content).into_owned();
            let mut flags: Vec<&str> = entry.flags.iter().collect();
            flags.sort_unstable();
            let path = self.wire_path(entry.folder.as_str());
            let is_new = seen.insert((path, content, flags.join(" ")));
            assert!(is_new, "{} is here twice", entry.title);
        }
        seen
    }

    /// Only for names that are the same at the server, but for those that Outlook calls otherwise.
    fn wire_path(&self, key: &str) -> String {
        let id = key.parse().ok().and_then(FolderId::from_number);
        let mut names = Vec::new();
        let mut next = id;
        self.store
            .read(|reader| {
                let top = reader.special(Special::IpmSubtree)?;
                while let Some(id) = next.filter(|id| *id != top) {
                    let folder = reader.existing_folder(id)?;
                    names.push(folder.name);
                    next = folder.parent;
                }
                Ok(())
            })
            .expect("readable");
        names.reverse();
        let top = match names.first().map(String::as_str) {
            Some("Inbox") => Some("INBOX"),
            Some("Sent Items") => Some("Sent"),
            Some("Deleted Items") => Some("Trash"),
            _ => None,
        };
        if let Some(top) = top {
            top.clone_into(&mut names[0]);
        }
        names.join("/")
    }

    pub(crate) fn folder(&self, path: &str) -> FolderId {
        let found = Mailbox::new(self.store.clone())
            .folder_at(path)
            .expect("readable");
        found.unwrap_or_else(|| panic!("there is no folder {path}"))
    }

    pub(crate) fn has_folder(&self, path: &str) -> bool {
        Mailbox::new(self.store.clone())
            .folder_at(path)
            .expect("readable")
            .is_some()
    }

    pub(crate) fn message(&self, subject: &str) -> MessageId {
        let entries = self.entries();
        let found = entries.iter().find(|entry| entry.title == subject);
        let key = &found.unwrap_or_else(|| panic!("no {subject}")).key;
        MessageId::from_number(key.as_str().parse().expect("a number")).expect("an ID")
    }

    /// What people do here.
    pub(crate) fn act<T>(&self, act: impl FnOnce(&Transaction<'_>) -> T) -> T {
        self.store.write(|tx| Ok(act(tx))).expect("writable")
    }

    pub(crate) fn write(&self, path: &str, subject: &str) -> MessageId {
        let folder = self.folder(path);
        write_in(&self.store, folder, subject)
    }

    pub(crate) fn edit(&self, subject: &str, change: impl FnOnce(&mut PropertySet)) {
        let id = self.message(subject);
        self.act(|tx| {
            let message = tx.message(id).expect("readable").expect("there");
            let mut data = (*message.data).clone();
            change(&mut data.props);
            tx.save_message(&Save {
                base: Some(message.info.version),
                ..saving(id, message.info.folder, &data)
            })
            .expect("writable");
        });
    }

    pub(crate) fn edit_text(&self, subject: &str, text: &str) {
        self.edit(subject, |props| props.set_tag(PR_BODY_W, text));
    }

    pub(crate) fn mark_read(&self, subject: &str) {
        let id = self.message(subject);
        self.act(|tx| tx.set_read(&[id], true).map(drop))
            .expect("writable");
    }

    pub(crate) fn move_to(&self, subject: &str, path: &str) {
        let (id, folder) = (self.message(subject), self.folder(path));
        self.act(|tx| tx.move_messages(&[id], folder).map(drop))
            .expect("writable");
    }

    pub(crate) fn delete(&self, subject: &str) {
        let id = self.message(subject);
        self.act(|tx| tx.delete_messages(&[id]).map(drop))
            .expect("writable");
    }

    fn parent(&self, path: &str) -> FolderId {
        match path {
            "" => Mailbox::new(self.store.clone())
                .special(Special::IpmSubtree)
                .expect("there"),
            path => self.folder(path),
        }
    }

    pub(crate) fn make_folder(&self, parent: &str, name: &str) -> FolderId {
        let parent = self.parent(parent);
        let mut props = PropertySet::default();
        props.set_tag(PR_DISPLAY_NAME_W, name);
        let new = NewFolder {
            parent,
            kind: FolderKind::Generic,
            props: &props,
            open_existing: false,
        };
        self.act(|tx| tx.create_folder(&new).expect("writable").0)
    }

    pub(crate) fn rename_folder(&self, path: &str, parent: &str, name: &str) {
        let (id, parent) = (self.folder(path), self.parent(parent));
        self.act(|tx| tx.move_folder(id, parent, Some(name)))
            .expect("writable");
    }

    pub(crate) fn delete_folder(&self, path: &str) {
        let id = self.folder(path);
        let all = DeleteFolder {
            messages: true,
            folders: true,
        };
        self.act(|tx| tx.delete_folder(id, all).map(drop))
            .expect("writable");
    }
}

pub(crate) fn write_in(store: &Store, folder: FolderId, subject: &str) -> MessageId {
    let written = store.write(|tx| {
        let id = tx.new_message_id();
        let mut data = MessageData::default();
        data.props.set_tag(PR_SUBJECT_W, subject);
        data.props
            .set_tag(PR_BODY_W, format!("Text of {subject}").as_str());
        tx.save_message(&saving(id, folder, &data))?;
        Ok(id)
    });
    written.expect("writable")
}

fn saving(id: MessageId, folder: FolderId, data: &MessageData) -> Save<'_> {
    Save {
        id,
        folder,
        associated: false,
        base: None,
        force: false,
        read: true,
        keep_time: false,
        data,
    }
}

/// All that a side tells.
#[derive(Default)]
struct All(Vec<LocalEntry>);

impl Listing<LocalEntry, LocalKey> for All {
    fn reset(&mut self) -> Answer<()> {
        Ok(())
    }

    fn entry(&mut self, entry: LocalEntry) -> Answer<()> {
        self.0.push(entry);
        Ok(())
    }

    fn present(&mut self, _key: LocalKey) -> Answer<()> {
        Ok(())
    }

    fn gone(&mut self, _key: LocalKey) -> Answer<()> {
        Ok(())
    }
}
