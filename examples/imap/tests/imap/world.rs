//! A Dovecot, a mailbox of ours, and runs between them.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::{Deref, DerefMut};

use imap32::server::{ImapServer, Security};
use mapi_provider::Secret;
use mapi_provider_abi::mapi::{PR_BODY_W, PR_DISPLAY_NAME_W, PR_SUBJECT_W, PS_PUBLIC_STRINGS};
use mapi_provider_abi::view::{NameId, PropName, PropValue};
use mapi_provider_mailbox::database::{
    DeleteFolder, FolderId, FolderKind, MessageData, MessageId, NewFolder, Options as StoreOptions,
    PropertySet, Save, Special, Store, Transaction,
};
use mapi_provider_mailbox::logic::{Mailbox, MailboxSide};
use mapi_provider_twoway::{
    Answer, Listing, Local as _, LocalEntry, LocalKey, Monitor, Options, Remote, Report, Session,
    Silent, State, Stop, Synchronizer,
};
use rusqlite::Connection;

use crate::client::{Client, Seen};
use crate::dovecot::{Dovecot, Setting};
use crate::proxy::Proxy;

/// A mailbox of ours, with an account.
pub(crate) struct Local {
    pub(crate) server: ImapServer,
    /// Where the server really is, if it is another one than the account says.
    port: Option<u16>,
    pub(crate) store: Store,
    state: Option<Connection>,
    pub(crate) options: Options,
}

/// The same, with the server.
pub(crate) struct World {
    pub(crate) dovecot: Dovecot,
    local: Local,
}

impl Deref for World {
    type Target = Local;

    fn deref(&self) -> &Local {
        &self.local
    }
}

impl DerefMut for World {
    fn deref_mut(&mut self) -> &mut Local {
        &mut self.local
    }
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
    server.password = Secret::new("secret".to_owned());
    server
}

impl World {
    pub(crate) fn new(settings: &[Setting]) -> Option<Self> {
        let dovecot = Dovecot::start(settings)?;
        Some(Self {
            local: Local::new(account(dovecot.port)),
            dovecot,
        })
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(self.dovecot.port)
    }

    /// From now on, runs go through a proxy.
    pub(crate) fn through_proxy(&mut self) -> Proxy {
        let proxy = Proxy::new(self.dovecot.port);
        self.answered_by(proxy.port);
        proxy
    }

    /// Runs until nothing is left to do: both sides are equal then, and another run does nothing.
    pub(crate) fn settle(&mut self) {
        let first = self.run();
        let second = self.run();
        let third = self.run();
        assert!(third.is_nothing(), "{first}\n{second}\n{third}");
        assert_eq!(self.here(), self.there());
    }

    pub(crate) fn there(&self) -> BTreeSet<Seen> {
        self.client().all()
    }
}

/// The account of a test, which is answered by another port.
struct Elsewhere<'a>(&'a ImapServer, String);

impl Remote for Elsewhere<'_> {
    fn account(&self) -> String {
        self.1.clone()
    }

    fn connect<'r>(&'r self, monitor: &'r dyn Monitor) -> Answer<Box<dyn Session + 'r>> {
        self.0.connect(monitor)
    }
}

impl Local {
    pub(crate) fn new(server: ImapServer) -> Self {
        let options = StoreOptions::new().track_local_changes(true);
        Self {
            server,
            port: None,
            store: Store::in_memory(options).expect("memory"),
            state: None,
            options: Options::default(),
        }
    }

    /// Runs go to this port, and the account stays the same.
    pub(crate) fn answered_by(&mut self, port: u16) {
        self.port = Some(port);
    }

    pub(crate) fn try_run(&mut self, monitor: &dyn Monitor) -> (Result<(), Stop>, Report) {
        let connection = self.state.take();
        let connection =
            connection.unwrap_or_else(|| Connection::open_in_memory().expect("memory"));
        let mut state = State::with(connection).expect("ours");
        let mut server = self.server.clone();
        server.port = self.port.unwrap_or(server.port);
        let remote = Elsewhere(&server, self.server.account());
        let mut local = self.side();
        let mut run = Synchronizer::new(&remote, &mut local, &mut state, &self.options, monitor);
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
            // The categories of these tests, as the server has them.
            let wire = |flag: &str| {
                flag.replace("Red Category", "Red&ACA-Category")
                    .replace("Größe", "Gr&APYA3w-e")
            };
            let mut wire_flags: Vec<String> = entry.flags.iter().map(wire).collect();
            wire_flags.sort_unstable();
            let path = self.wire_path(entry.folder.as_str());
            let is_new = seen.insert((path, content, wire_flags.join(" ")));
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

    pub(crate) fn here_count(&self) -> usize {
        self.entries().len()
    }

    /// The octets of everything.
    pub(crate) fn contents(&self) -> Vec<Vec<u8>> {
        let mut side = self.side();
        let entries = self.entries();
        entries
            .iter()
            .map(|entry| side.read(&entry.key).expect("there"))
            .collect()
    }

    pub(crate) fn subjects(&self, path: &str) -> Vec<String> {
        let id = self.folder(path).number().to_string();
        let entries = self.entries().into_iter();
        entries
            .filter(|entry| entry.folder.as_str() == id)
            .map(|entry| entry.title)
            .collect()
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

    /// Outlook's categories.
    pub(crate) fn set_categories(&self, subject: &str, names: &[&str]) {
        let name = PropName {
            set: PS_PUBLIC_STRINGS,
            id: NameId::from("Keywords"),
        };
        let ids = self.store.ids_of_names(&[name], true).expect("writable");
        let id = ids[0].expect("made");
        let texts = names
            .iter()
            .map(|name| Cow::Owned(name.encode_utf16().collect()));
        let value = PropValue::MvUnicode(texts.collect());
        self.edit(subject, |props| drop(props.set(id, value)));
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
