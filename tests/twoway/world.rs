//! A server that is played and a store that is not.

use std::collections::{BTreeMap, BTreeSet};

use mapi_provider::abi::{MessageFlags, PS_PUBLIC_STRINGS, PT_MV_UNICODE, PropTag};
use mapi_provider::store::{EntryId, Folder, Message, Store};
use mapi_provider::twoway::StoreSide;
use mapi_provider::view::{NameId, PropName, PropValue};
use mapi_provider_twoway::{
    Answer, Listing, Local, LocalEntry, LocalKey, Monitor, Options, Remote, Report, State, Stop,
    Synchronizer,
};
use rusqlite::Connection;

use crate::pst::{Session, place};
use crate::sim::chaos::Chaos;
use crate::sim::server::{Kind, Server, Shared, SimRemote};

/// Both sides, and what is kept of a run.
pub(crate) struct World {
    pub(crate) server: Shared,
    session: Option<Session>,
    state: Option<Connection>,
    pub(crate) options: Options,
    _folder: tempfile::TempDir,
}

/// A path, a content and flags.
pub(crate) type Seen = (String, String, String);

impl World {
    pub(crate) fn new(kind: Kind) -> Self {
        let (folder, path) = place();
        Self {
            server: Server::new(kind),
            session: Some(Session::open(&path)),
            state: None,
            options: Options::default(),
            _folder: folder,
        }
    }

    /// The store as a client has it.
    pub(crate) fn store(&self) -> Store<'static> {
        let session = self.session.as_ref().expect("open");
        let memory = session.host.allocators().for_views();
        Store::from_interface(session.store.interface().clone(), memory)
    }

    pub(crate) fn run(&mut self, chaos: &Chaos) -> (Result<(), Stop>, Report) {
        let remote = SimRemote {
            server: self.server.clone(),
            chaos: chaos.clone(),
        };
        self.run_with(&remote, chaos)
    }

    pub(crate) fn run_with(
        &mut self,
        remote: &dyn Remote,
        monitor: &dyn Monitor,
    ) -> (Result<(), Stop>, Report) {
        let connection = self
            .state
            .take()
            .unwrap_or_else(|| Connection::open_in_memory().expect("memory"));
        let mut state = State::with(connection).expect("ours");
        let mut local = self.side();
        let mut run = Synchronizer::new(remote, &mut local, &mut state, &self.options, monitor);
        let ended = run.run();
        let report = run.report().clone();
        drop(local);
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

    pub(crate) fn side(&self) -> StoreSide<'static> {
        StoreSide::new(self.store()).expect("a store")
    }

    /// All that the side tells.
    pub(crate) fn entries(&self) -> Vec<LocalEntry> {
        let mut all = All::default();
        self.side().changes(true, &mut all).expect("readable");
        all.0.into_values().collect()
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
        let mut paths = BTreeMap::new();
        for folder in side.folders().expect("readable") {
            paths.insert(folder.key, (folder.parent, folder.name));
        }
        let mut seen = BTreeSet::new();
        for entry in self.entries() {
            let content = side.read(&entry.key).expect("there");
            let content = String::from_utf8(content).expect("text");
            let mut names = Vec::new();
            let mut next = Some(entry.folder);
            while let Some(key) = next {
                let (parent, name) = &paths[&key];
                names.insert(0, name.clone());
                next = parent.clone();
            }
            let is_new = seen.insert((names.join("/"), content, entry.flags.to_string()));
            assert!(is_new, "{} is there twice", entry.title);
        }
        seen
    }

    pub(crate) fn folder(&self, path: &str) -> Folder<'static> {
        let mut folder = self.store().ipm_subtree().expect("there");
        for name in path.split('/').filter(|name| !name.is_empty()) {
            let found = folder.folder(name).expect("readable");
            folder = found.unwrap_or_else(|| panic!("there is no folder {name}"));
        }
        folder
    }

    /// The key of the message with a subject.
    pub(crate) fn key(&self, subject: &str) -> LocalKey {
        let entries = self.entries();
        let found = entries.iter().find(|entry| entry.title == subject);
        found.unwrap_or_else(|| panic!("no {subject}")).key.clone()
    }

    pub(crate) fn id(&self, subject: &str) -> EntryId {
        let key = self.key(subject);
        let digits = key.as_str().as_bytes().chunks(2);
        let byte = |pair: &[u8]| u8::from_str_radix(str::from_utf8(pair).expect("ASCII"), 16);
        let bytes: Vec<u8> = digits.map(|pair| byte(pair).expect("digits")).collect();
        EntryId::from(bytes)
    }

    fn message(&self, subject: &str) -> Message<'static> {
        let message = self.store().open_message(&self.id(subject));
        message.expect("there")
    }

    /// The folder that a message is in.
    fn parent(&self, subject: &str) -> Folder<'static> {
        let key = mapi_provider::abi::PR_PARENT_ENTRYID;
        let parent = self.message(subject).binary(key).expect("readable");
        let parent = EntryId::from(parent.expect("it has one"));
        self.store().open_folder(&parent).expect("there")
    }

    /// Where a message is.
    pub(crate) fn path_of(&self, subject: &str) -> String {
        self.parent(subject).name().expect("readable")
    }

    pub(crate) fn write_message(&self, path: &str, subject: &str) {
        let message = self.folder(path).create_draft().expect("made");
        message.set_subject(subject).expect("set");
        message.set_body("written here").expect("set");
        // As somebody's own in a folder, not as a draft.
        let flags = MessageFlags::READ.bits() as i32;
        let tag = mapi_provider::abi::PR_MESSAGE_FLAGS;
        message.set(tag, flags).expect("set");
        message.save().expect("saved");
    }

    /// Gives a message another text.
    pub(crate) fn edit(&self, subject: &str, text: &str) {
        edit(&self.store(), &self.id(subject), text);
    }

    /// The same, for later.
    pub(crate) fn editing(&self, subject: &str, text: &'static str) -> impl FnOnce() + 'static {
        let (store, id) = (self.store(), self.id(subject));
        move || edit(&store, &id, text)
    }

    pub(crate) fn set_long(&self, subject: &str, tag: PropTag, value: Option<i32>) {
        let message = self.message(subject);
        let done = match value {
            Some(value) => message.set(tag, value),
            None => message.delete(&[tag]),
        };
        done.expect("set");
        message.save().expect("saved");
    }

    pub(crate) fn set_read(&self, subject: &str, read: bool) {
        self.message(subject).set_read(read).expect("marked");
    }

    pub(crate) fn move_message(&self, subject: &str, path: &str) {
        let (from, to) = (self.parent(subject), self.folder(path));
        from.move_messages(&[self.id(subject)], &to).expect("moved");
    }

    pub(crate) fn copy(&self, subject: &str, path: &str) {
        let (from, to) = (self.parent(subject), self.folder(path));
        from.copy_messages(&[self.id(subject)], &to)
            .expect("copied");
    }

    pub(crate) fn delete(&self, subject: &str) {
        let from = self.parent(subject);
        from.delete_messages(&[self.id(subject)]).expect("deleted");
    }

    pub(crate) fn is_draft(&self, subject: &str) -> bool {
        let flags = self.message(subject).flags().expect("readable");
        flags.contains(MessageFlags::UNSENT)
    }

    pub(crate) fn categories(&self, subject: &str) -> Vec<String> {
        let name = PropName {
            set: PS_PUBLIC_STRINGS,
            id: NameId::from("Keywords"),
        };
        let message = self.message(subject);
        let tag = message.named_property(&name, PT_MV_UNICODE).expect("known");
        match message.get(tag).expect("readable") {
            Some(PropValue::MvUnicode(texts)) => texts
                .iter()
                .map(|text| String::from_utf16_lossy(text))
                .collect(),
            _ => Vec::new(),
        }
    }

    pub(crate) fn rename_folder(&self, path: &str, name: &str) {
        self.folder(path).rename(name).expect("renamed");
    }

    /// Deletes a folder at the top, with all that is in it.
    pub(crate) fn delete_folder(&self, path: &str) {
        let id = self.folder(path).entry_id().expect("it has one");
        let top = self.store().ipm_subtree().expect("there");
        top.delete_folder_tree(&id).expect("deleted");
    }

    pub(crate) fn make_folder(&self, parent: &str, name: &str) {
        self.folder(parent).create_folder(name).expect("made");
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.session.take().expect("open").close();
        }
    }
}

fn edit(store: &Store<'_>, id: &EntryId, text: &str) {
    let message = store.open_message(id).expect("there");
    message.set_body(text).expect("set");
    message.save().expect("saved");
}

/// All that a side tells; of what it tells twice the last.
#[derive(Default)]
struct All(BTreeMap<LocalKey, LocalEntry>);

impl Listing<LocalEntry, LocalKey> for All {
    fn reset(&mut self) -> Answer<()> {
        Ok(())
    }

    fn entry(&mut self, entry: LocalEntry) -> Answer<()> {
        self.0.insert(entry.key.clone(), entry);
        Ok(())
    }

    fn present(&mut self, _key: LocalKey) -> Answer<()> {
        Ok(())
    }

    fn gone(&mut self, key: LocalKey) -> Answer<()> {
        self.0.remove(&key);
        Ok(())
    }
}
