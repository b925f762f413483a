//! A server that is played and a mailbox that is not.

use std::collections::BTreeSet;

use mapi_provider_abi::mapi::{
    MessageFlags, PR_BODY_W, PR_DISPLAY_NAME_W, PR_SUBJECT_W, PS_PUBLIC_STRINGS, PropTag,
};
use mapi_provider_abi::view::{NameId, PropName, PropValue};
use mapi_provider_mailbox::database::{
    DeleteFolder, FolderId, FolderKind, MessageData, MessageId, NewFolder, Options as StoreOptions,
    PropertySet, Save, Special, Store, Transaction,
};
use mapi_provider_mailbox::logic::{Mailbox, MailboxSide};
use mapi_provider_twoway::{
    Answer, Listing, Local, LocalEntry, LocalKey, Options, Report, State, Stop, Synchronizer,
};
use rusqlite::Connection;

use crate::sim::chaos::Chaos;
use crate::sim::server::{Kind, Server, Shared, SimRemote};

/// Both sides, and what is kept of a run.
pub(crate) struct World {
    pub(crate) server: Shared,
    /// As a client has it.
    store: Store,
    state: Option<Connection>,
    pub(crate) options: Options,
}

/// A path, a content and flags.
pub(crate) type Seen = (String, String, String);

impl World {
    pub(crate) fn new(kind: Kind) -> Self {
        let options = StoreOptions::new().track_local_changes(true);
        Self {
            server: Server::new(kind),
            store: Store::in_memory(options).expect("memory"),
            state: None,
            options: Options::default(),
        }
    }

    pub(crate) fn run(&mut self, chaos: &Chaos) -> (Result<(), Stop>, Report) {
        let connection = self
            .state
            .take()
            .unwrap_or_else(|| Connection::open_in_memory().expect("memory"));
        let mut state = State::with(connection).expect("ours");
        let remote = SimRemote {
            server: self.server.clone(),
            chaos: chaos.clone(),
        };
        let mut local = self.side();
        let mut run = Synchronizer::new(&remote, &mut local, &mut state, &self.options, chaos);
        let ended = run.run();
        let report = run.report().clone();
        self.state = Some(state.into_connection());
        (ended, report)
    }

    /// Runs without a fault, until nothing is left to do.
    pub(crate) fn settle(&mut self) {
        for _ in 0..2 {
            let (ended, report) = self.run(&Chaos::none());
            ended.unwrap_or_else(|stop| panic!("{stop}: {report}"));
        }
        let chaos = Chaos::none();
        let (ended, report) = self.run(&chaos);
        ended.expect("nothing goes wrong");
        assert_eq!(chaos.writes(), [""; 0], "{report}");
        assert_eq!(self.here(), self.there(), "{report}");
    }

    fn side(&self) -> MailboxSide {
        MailboxSide::new(Mailbox::new(self.store.clone())).expect("tracked")
    }

    pub(crate) fn put(&self, path: &str, content: &str, flags: &str) -> u64 {
        let mut server = self.server.borrow_mut();
        let ids: Vec<u32> = server.folders.keys().copied().collect();
        let known = ids.into_iter().find(|id| server.path(*id) == path);
        let folder = known.unwrap_or_else(|| server.make_folder(None, path));
        server.put(folder, content, flags.split_whitespace().collect())
    }

    pub(crate) fn there(&self) -> BTreeSet<Seen> {
        let server = self.server.borrow();
        let items = server.items.values();
        items
            .flat_map(|item| {
                let server = &server;
                let paths = item.folders.iter().map(|id| server.path(*id));
                paths.map(|path| (path, item.content.clone(), item.flags.to_string()))
            })
            .collect()
    }

    pub(crate) fn here(&self) -> BTreeSet<Seen> {
        let mut side = self.side();
        let mut all = All::default();
        side.changes(true, &mut all).expect("readable");
        let mut seen = BTreeSet::new();
        for entry in all.0 {
            let content = side.read(&entry.key).expect("there");
            let content = String::from_utf8(content).expect("text");
            let path = self.path(entry.folder.as_str());
            let is_new = seen.insert((path, content, entry.flags.to_string()));
            assert!(is_new, "{} is there twice", entry.title);
        }
        seen
    }

    fn path(&self, key: &str) -> String {
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
        names.join("/")
    }

    fn folder(&self, path: &str) -> FolderId {
        let mailbox = Mailbox::new(self.store.clone());
        let found = mailbox.folder_at(path).expect("readable");
        found.unwrap_or_else(|| panic!("there is no folder {path}"))
    }

    /// The message of a subject.
    fn message(&self, subject: &str) -> MessageId {
        let mut side = self.side();
        let mut all = All::default();
        side.changes(true, &mut all).expect("readable");
        let found = all.0.iter().find(|entry| entry.title == subject);
        let key = &found.unwrap_or_else(|| panic!("no {subject}")).key;
        let number = key.as_str().parse().expect("a number");
        MessageId::from_number(number).expect("an ID")
    }

    /// What a client does.
    fn client<T>(&self, act: impl FnOnce(&Transaction<'_>) -> T) -> T {
        self.store.write(|tx| Ok(act(tx))).expect("writable")
    }

    pub(crate) fn write_message(&self, path: &str, subject: &str) {
        let folder = self.folder(path);
        self.client(|tx| {
            let id = tx.new_message_id();
            let mut data = MessageData::default();
            data.props.set_tag(PR_SUBJECT_W, subject);
            data.props.set_tag(PR_BODY_W, "written here");
            save(tx, id, folder, &data);
        });
    }

    fn change(&self, subject: &str, change: impl FnOnce(&mut PropertySet)) {
        let id = self.message(subject);
        self.client(|tx| edit(tx, id, change));
    }

    /// Gives a message another text.
    pub(crate) fn edit(&self, subject: &str, text: &str) {
        self.change(subject, |props| props.set_tag(PR_BODY_W, text));
    }

    /// The same, for later.
    pub(crate) fn editing(&self, subject: &str, text: &'static str) -> impl FnOnce() + 'static {
        let (store, id) = (self.store.clone(), self.message(subject));
        let change = move |props: &mut PropertySet| props.set_tag(PR_BODY_W, text);
        move || {
            let edited = store.write(|tx| {
                edit(tx, id, change);
                Ok(())
            });
            edited.expect("writable");
        }
    }

    pub(crate) fn set_long(&self, subject: &str, tag: PropTag, value: Option<i32>) {
        self.change(subject, |props| match value {
            Some(value) => props.set_tag(tag, PropValue::Long(value)),
            None => drop(props.remove(tag.id())),
        });
    }

    pub(crate) fn set_read(&self, subject: &str, read: bool) {
        let id = self.message(subject);
        let done = self.client(|tx| tx.set_read(&[id], read).map(drop));
        done.expect("writable");
    }

    pub(crate) fn move_message(&self, subject: &str, path: &str) {
        let (id, folder) = (self.message(subject), self.folder(path));
        let done = self.client(|tx| tx.move_messages(&[id], folder).map(drop));
        done.expect("writable");
    }

    pub(crate) fn delete(&self, subject: &str) {
        let id = self.message(subject);
        let done = self.client(|tx| tx.delete_messages(&[id]).map(drop));
        done.expect("writable");
    }

    pub(crate) fn is_draft(&self, subject: &str) -> bool {
        let id = self.message(subject);
        let info = self.store.read(|reader| reader.existing_message(id));
        info.expect("there").flags & MessageFlags::UNSENT.bits() != 0
    }

    pub(crate) fn categories(&self, subject: &str) -> Vec<String> {
        let name = PropName {
            set: PS_PUBLIC_STRINGS,
            id: NameId::from("Keywords"),
        };
        let ids = self.store.ids_of_names(&[name], false).expect("readable");
        let message = self.store.open_message(self.message(subject));
        let message = message.expect("readable").expect("there");
        match message.data.props.value(ids[0].expect("known")) {
            Some(PropValue::MvUnicode(texts)) => texts
                .iter()
                .map(|text| String::from_utf16_lossy(text))
                .collect(),
            _ => Vec::new(),
        }
    }

    pub(crate) fn rename_folder(&self, path: &str, name: &str) {
        let folder = self.folder(path);
        let top = Mailbox::new(self.store.clone()).special(Special::IpmSubtree);
        let top = top.expect("there");
        let done = self.client(|tx| tx.move_folder(folder, top, Some(name)));
        done.expect("writable");
    }

    /// Deletes a folder at the top, with all that is in it.
    pub(crate) fn delete_folder(&self, path: &str) {
        let folder = self.folder(path);
        let all = DeleteFolder {
            messages: true,
            folders: true,
        };
        let done = self.client(|tx| tx.delete_folder(folder, all).map(drop));
        done.expect("writable");
    }

    pub(crate) fn make_folder(&self, parent: &str, name: &str) {
        let parent = if parent.is_empty() {
            let mailbox = Mailbox::new(self.store.clone());
            mailbox.special(Special::IpmSubtree).expect("there")
        } else {
            self.folder(parent)
        };
        let mut props = PropertySet::default();
        props.set_tag(PR_DISPLAY_NAME_W, name);
        self.client(|tx| {
            let new = NewFolder {
                parent,
                kind: FolderKind::Generic,
                props: &props,
                open_existing: false,
            };
            tx.create_folder(&new).expect("writable");
        });
    }
}

fn edit(tx: &Transaction<'_>, id: MessageId, change: impl FnOnce(&mut PropertySet)) {
    let message = tx.message(id).expect("readable").expect("there");
    let mut data = (*message.data).clone();
    change(&mut data.props);
    tx.save_message(&Save {
        base: Some(message.info.version),
        ..saving(id, message.info.folder, &data)
    })
    .expect("writable");
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

fn save(tx: &Transaction<'_>, id: MessageId, folder: FolderId, data: &MessageData) {
    tx.save_message(&saving(id, folder, data))
        .expect("writable");
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
