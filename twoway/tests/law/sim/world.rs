//! Both sides with a state between them, people who work on both, and the laws that hold in the end.

use std::collections::{BTreeMap, BTreeSet};

use mapi_provider_twoway::{Abilities, Flags, Options, Report, State, Stop, Synchronizer};
use rusqlite::Connection;

use super::chaos::Chaos;
use super::server::{self, Server, SimRemote};
use super::store::{self, SimLocal, Store};

/// What people do, on either side. Numbers choose among what is there.
#[derive(Debug, Clone)]
pub(crate) enum Op {
    Add(u8),
    Edit(u8),
    Flag(u8, u8),
    Remove(u8),
    Move(u8, u8),
    MakeFolder(u8),
    RenameFolder(u8),
    MoveFolder(u8, u8),
    RemoveFolder(u8),
    /// Saved again as it was.
    Save(u8),
    /// With labels: one more folder.
    Label(u8, u8),
}

/// Which side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Server,
    Store,
}

/// What people have done with one content.
#[derive(Debug, Clone, Copy, Default)]
struct Fate {
    deleted_server: bool,
    deleted_store: bool,
    overwritten: bool,
    touched_server: bool,
    touched_store: bool,
}

/// What people have done with each content.
///
/// A record follows an item through edits: what a side has done with a content, it has done with each that the other side
/// made of it. So the law is narrower there: of an item that one side has edited or touched, and the other has deleted, it
/// is not asked whether it is gone, only that nothing is lost or doubled, and that both sides are equal.
#[derive(Default)]
pub(crate) struct Record {
    fates: BTreeMap<String, Fate>,
    /// Contents and those that took their places.
    edits: Vec<(String, String)>,
    next: u32,
}

impl Record {
    fn name(&mut self) -> String {
        self.next += 1;
        format!("c{}", self.next)
    }

    fn touched(&mut self, content: &str, side: Side) {
        let fate = self.fates.entry(content.to_owned()).or_default();
        // What is touched where it was deleted had come back by right: that deletion counts no more.
        match side {
            Side::Server => (fate.touched_server, fate.deleted_server) = (true, false),
            Side::Store => (fate.touched_store, fate.deleted_store) = (true, false),
        }
        // It is one item, whatever the other side has made of its content.
        let mut waiting = vec![content.to_owned()];
        while let Some(old) = waiting.pop() {
            for (_, new) in self.edits.iter().filter(|(from, _)| *from == old) {
                let fate = self.fates.entry(new.clone()).or_default();
                match side {
                    Side::Server => fate.touched_server = true,
                    Side::Store => fate.touched_store = true,
                }
                waiting.push(new.clone());
            }
        }
    }

    /// A new content takes the place of an old one. What the other side has done with that, it has done with this item.
    fn edited(&mut self, old: &str, new: &str, side: Side) {
        self.touched(old, side);
        self.touched(new, side);
        let before = self.fates.get(old).copied().unwrap_or_default();
        let fate = self.fates.entry(new.to_owned()).or_default();
        fate.touched_server |= before.touched_server;
        fate.touched_store |= before.touched_store;
        self.edits.push((old.to_owned(), new.to_owned()));
    }

    fn deleted(&mut self, content: &str, side: Side) {
        let fate = self.fates.entry(content.to_owned()).or_default();
        match side {
            Side::Server => fate.deleted_server = true,
            Side::Store => fate.deleted_store = true,
        }
    }
}

pub(crate) struct World {
    pub(crate) server: server::Shared,
    pub(crate) store: store::Shared,
    pub(crate) state: Option<Connection>,
    pub(crate) options: Options,
    pub(crate) record: std::rc::Rc<std::cell::RefCell<Record>>,
}

const FLAGS: [&str; 4] = ["\\Seen", "\\Flagged", "$Work", "$Größe"];

/// One of some, chosen by a number.
fn pick<T: Clone>(of: &[T], number: u8) -> Option<T> {
    (!of.is_empty()).then(|| of[usize::from(number) % of.len()].clone())
}

impl World {
    pub(crate) fn new(server: server::Kind, store: store::Kind) -> Self {
        Self {
            server: Server::new(server),
            store: Store::new(store),
            state: None,
            options: Options {
                batch: 3,
                ..Options::default()
            },
            record: std::rc::Rc::default(),
        }
    }

    /// IMAP and a mailbox with a log.
    pub(crate) fn usual() -> Self {
        let store = store::Kind {
            has_log: true,
            rekeys: false,
        };
        Self::new(server::Kind::imap(), store)
    }

    pub(crate) fn abilities(&self, change: impl FnOnce(&mut Abilities)) {
        change(&mut self.server.borrow_mut().kind.abilities);
    }

    /// One run. The state is opened anew for it, as by a new process.
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
        let mut local = SimLocal {
            store: self.store.clone(),
            chaos: chaos.clone(),
        };
        let mut run = Synchronizer::new(&remote, &mut local, &mut state, &self.options, chaos);
        let ended = run.run();
        let report = run.report().clone();
        self.state = Some(state.into_connection());
        (ended, report)
    }

    /// A run without a fault.
    pub(crate) fn sync(&mut self) -> Report {
        let (ended, report) = self.run(&Chaos::none());
        ended.expect("nothing goes wrong");
        report
    }

    /// The state is lost.
    pub(crate) fn lose_state(&mut self) {
        self.state = None;
    }

    pub(crate) fn add_there(&self, folder: &str, content: &str, flags: &str) -> u64 {
        let mut server = self.server.borrow_mut();
        let id = server
            .folders
            .keys()
            .copied()
            .find(|id| server.path(*id) == folder);
        let id = id.unwrap_or_else(|| server.make_folder(None, folder));
        server.put(id, content, flags.split_whitespace().collect())
    }

    pub(crate) fn add_here(&self, folder: &str, content: &str, flags: &str) -> u32 {
        let mut store = self.store.borrow_mut();
        let id = store
            .folders
            .keys()
            .copied()
            .find(|id| store.path(*id) == folder);
        let id = id.unwrap_or_else(|| store.make_folder(None, folder));
        store.add(id, content, flags.split_whitespace().collect())
    }

    pub(crate) fn key_there(&self, content: &str) -> u64 {
        let server = self.server.borrow();
        let mut items = server.items.iter();
        *items
            .find(|(_, item)| item.content == content)
            .expect("there")
            .0
    }

    pub(crate) fn key_here(&self, content: &str) -> u32 {
        let store = self.store.borrow();
        let mut items = store.items.iter();
        *items
            .find(|(_, item)| item.content == content)
            .expect("here")
            .0
    }

    /// Somebody does something on one side.
    pub(crate) fn apply(&self, side: Side, op: &Op) {
        let mut record = self.record.borrow_mut();
        match side {
            Side::Server => on_server(&mut self.server.borrow_mut(), &mut record, op),
            Side::Store => on_store(&mut self.store.borrow_mut(), &mut record, op),
        }
    }

    /// Everything at the server: path, content, flags.
    pub(crate) fn there(&self) -> Vec<(BTreeSet<String>, String, Flags)> {
        let server = self.server.borrow();
        let view = |item: &server::Item| {
            let paths = item.folders.iter().map(|id| server.path(*id)).collect();
            (paths, item.content.clone(), item.flags.clone())
        };
        let mut all: Vec<_> = server.items.values().map(view).collect();
        all.sort_by(|a, b| (&a.1, &a.0).cmp(&(&b.1, &b.0)));
        all
    }

    /// Everything here.
    pub(crate) fn here(&self) -> Vec<(String, String, Flags)> {
        let store = self.store.borrow();
        let view = |item: &store::Item| {
            (
                store.path(item.folder),
                item.content.clone(),
                item.flags.clone(),
            )
        };
        let mut all: Vec<_> = store.items.values().map(view).collect();
        all.sort_by(|a, b| (&a.1, &a.0).cmp(&(&b.1, &b.0)));
        all
    }

    pub(crate) fn contents_there(&self) -> Vec<String> {
        self.there().into_iter().map(|item| item.1).collect()
    }

    pub(crate) fn contents_here(&self) -> Vec<String> {
        self.here().into_iter().map(|item| item.1).collect()
    }

    fn folders_there(&self) -> BTreeSet<String> {
        let server = self.server.borrow();
        server.folders.keys().map(|id| server.path(*id)).collect()
    }

    fn folders_here(&self) -> BTreeSet<String> {
        let store = self.store.borrow();
        store.folders.keys().map(|id| store.path(*id)).collect()
    }

    /// Both sides are equal: items, flags, folders, dates.
    pub(crate) fn assert_equal(&self) {
        let (there, here) = (self.there(), self.here());
        assert_eq!(
            there.iter().map(|one| (&one.1, &one.2)).collect::<Vec<_>>(),
            here.iter().map(|one| (&one.1, &one.2)).collect::<Vec<_>>(),
            "contents and flags, there and here"
        );
        for (one, other) in there.iter().zip(&here) {
            assert!(one.0.contains(&other.0), "{one:?} there, {other:?} here");
        }
        assert_eq!(self.folders_there(), self.folders_here(), "folders");
        let dates = |all: Vec<(String, i64)>| all.into_iter().collect::<BTreeSet<_>>();
        let there = self.server.borrow();
        let here = self.store.borrow();
        assert_eq!(
            dates(
                there
                    .items
                    .values()
                    .map(|i| (i.content.clone(), i.date))
                    .collect()
            ),
            dates(
                here.items
                    .values()
                    .map(|i| (i.content.clone(), i.date))
                    .collect()
            ),
            "dates"
        );
    }

    /// A run now writes nothing on either side.
    pub(crate) fn assert_quiet(&mut self) {
        let chaos = Chaos::none();
        let (ended, report) = self.run(&chaos);
        ended.expect("nothing goes wrong");
        assert_eq!(
            chaos.writes(),
            <[String; 0]>::default(),
            "a second run writes"
        );
        assert!(report.is_nothing(), "{report}");
    }

    /// Nothing is lost, nothing is doubled, and what somebody deleted is gone.
    pub(crate) fn assert_laws(&self) {
        let contents = self.contents_there();
        let mut seen = BTreeSet::new();
        for content in &contents {
            assert!(seen.insert(content.clone()), "{content} is there twice");
        }
        for (content, fate) in &self.record.borrow().fates {
            let is_deleted = fate.deleted_server || fate.deleted_store;
            if !is_deleted && !fate.overwritten {
                assert!(seen.contains(content), "{content} is lost: {fate:?}");
            }
            let is_undisputed = fate.deleted_server && !fate.touched_store
                || fate.deleted_store && !fate.touched_server
                || fate.deleted_server && fate.deleted_store;
            if is_undisputed && is_deleted && !fate.overwritten {
                assert!(!seen.contains(content), "{content} is back: {fate:?}");
            }
        }
    }
}

fn flag(number: u8) -> &'static str {
    FLAGS[usize::from(number) % FLAGS.len()]
}

fn toggle(flags: &mut Flags, name: &str) {
    if flags.contains(name) {
        flags.remove(name);
    } else {
        flags.insert(name);
    }
}

fn on_server(server: &mut Server, record: &mut Record, op: &Op) {
    let keys: Vec<u64> = server.items.keys().copied().collect();
    let folders: Vec<u32> = server.folders.keys().copied().collect();
    // The first is the Inbox, which stays.
    let others = &folders[1.min(folders.len())..];
    let chosen = |number: &u8| pick(&keys, *number);
    match op {
        Op::Add(number) => {
            let folder = pick(&folders, *number).expect("the Inbox");
            let name = record.name();
            record.touched(&name, Side::Server);
            server.put(folder, &name, Flags::new());
        }
        Op::Edit(number) => {
            let Some(key) = chosen(number) else { return };
            let old = server.items[&key].content.clone();
            let name = record.name();
            record.edited(&old, &name, Side::Server);
            record.fates.get_mut(&old).expect("touched").overwritten = true;
            server.edit(key, &name);
        }
        Op::Flag(number, name) => {
            let Some(key) = chosen(number) else { return };
            let item = server.touch(key);
            toggle(&mut item.flags, flag(*name));
            record.touched(&item.content, Side::Server);
        }
        Op::Remove(number) => {
            let Some(key) = chosen(number) else { return };
            record.deleted(&server.items[&key].content, Side::Server);
            server.remove(key);
        }
        Op::Move(number, to) => {
            let Some(key) = chosen(number) else { return };
            let to = pick(&folders, *to).expect("the Inbox");
            let item = &server.items[&key];
            let from = *item.folders.first().expect("one");
            if item.folders.contains(&to) {
                return;
            }
            record.touched(&item.content, Side::Server);
            server.move_item(key, from, to);
        }
        Op::Label(number, to) => {
            let Some(key) = chosen(number) else { return };
            if server.kind.abilities.per_folder {
                return;
            }
            let to = pick(&folders, *to).expect("the Inbox");
            let item = server.touch(key);
            item.folders.insert(to);
            record.touched(&item.content, Side::Server);
        }
        Op::MakeFolder(number) => {
            let parent = pick(&folders, *number).filter(|_| number % 2 == 0);
            let name = record.name();
            server.make_folder(parent, &name);
        }
        Op::RenameFolder(number) => {
            let Some(id) = pick(others, *number) else {
                return;
            };
            server.folders.get_mut(&id).expect("there").name = record.name();
        }
        Op::MoveFolder(number, to) => {
            let Some(id) = pick(others, *number) else {
                return;
            };
            let to = pick(&folders, *to).expect("the Inbox");
            let mut above = Some(to);
            while let Some(at) = above {
                if at == id {
                    return;
                }
                above = server.folders[&at].parent;
            }
            server.folders.get_mut(&id).expect("there").parent = Some(to);
        }
        Op::RemoveFolder(number) => {
            let Some(id) = pick(others, *number) else {
                return;
            };
            let before: BTreeSet<String> =
                server.items.values().map(|i| i.content.clone()).collect();
            server.remove_folder(id);
            let after: BTreeSet<String> =
                server.items.values().map(|i| i.content.clone()).collect();
            for content in before.difference(&after) {
                record.deleted(content, Side::Server);
            }
            for item in server.items.values() {
                record.touched(&item.content, Side::Server);
            }
        }
        Op::Save(_) => {}
    }
}

fn on_store(store: &mut Store, record: &mut Record, op: &Op) {
    let keys: Vec<u32> = store.items.keys().copied().collect();
    let folders: Vec<u32> = store.folders.keys().copied().collect();
    let others = &folders[1.min(folders.len())..];
    let chosen = |number: &u8| pick(&keys, *number);
    match op {
        Op::Add(number) => {
            let folder = pick(&folders, *number).expect("the Inbox");
            let name = record.name();
            record.touched(&name, Side::Store);
            store.add(folder, &name, Flags::new());
        }
        Op::Edit(number) => {
            let Some(key) = chosen(number) else { return };
            let old = store.items[&key].content.clone();
            let name = record.name();
            record.edited(&old, &name, Side::Store);
            record.fates.get_mut(&old).expect("touched").overwritten = true;
            store.edit(key, &name);
        }
        Op::Save(number) => {
            let Some(key) = chosen(number) else { return };
            store.save(key);
            let content = store.items[&key].content.clone();
            record.touched(&content, Side::Store);
        }
        Op::Flag(number, name) => {
            let Some(key) = chosen(number) else { return };
            let item = store.touch(key);
            toggle(&mut item.flags, flag(*name));
            record.touched(&item.content, Side::Store);
        }
        Op::Remove(number) => {
            let Some(key) = chosen(number) else { return };
            record.deleted(&store.items[&key].content, Side::Store);
            store.remove(key);
        }
        Op::Move(number, to) => {
            let Some(key) = chosen(number) else { return };
            let to = pick(&folders, *to).expect("the Inbox");
            if store.items[&key].folder == to {
                return;
            }
            record.touched(&store.items[&key].content, Side::Store);
            store.move_item(key, to);
        }
        Op::MakeFolder(number) => {
            let parent = pick(&folders, *number).filter(|_| number % 2 == 0);
            let name = record.name();
            store.make_folder(parent, &name);
        }
        Op::RenameFolder(number) => {
            let Some(id) = pick(others, *number) else {
                return;
            };
            store.folders.get_mut(&id).expect("there").1 = record.name();
        }
        Op::MoveFolder(number, to) => {
            let Some(id) = pick(others, *number) else {
                return;
            };
            let to = pick(&folders, *to).expect("the Inbox");
            let mut above = Some(to);
            while let Some(at) = above {
                if at == id {
                    return;
                }
                above = store.folders[&at].0;
            }
            store.folders.get_mut(&id).expect("there").0 = Some(to);
        }
        Op::RemoveFolder(number) => {
            let Some(id) = pick(others, *number) else {
                return;
            };
            let before: BTreeSet<String> =
                store.items.values().map(|i| i.content.clone()).collect();
            store.remove_folder(id);
            let after: BTreeSet<String> = store.items.values().map(|i| i.content.clone()).collect();
            for content in before.difference(&after) {
                record.deleted(content, Side::Store);
            }
        }
        Op::Label(..) => {}
    }
}
