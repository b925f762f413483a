//! A server that lies: about folders, about items, about what it has made. TWOWAY-07, -16, -17, -20, -21 and -27.

use std::cell::Cell;

use mapi_provider_twoway::{
    Abilities, Answer, Cursor, Feed, Flags, FolderKey, ItemKey, ItemRef, Listed, Listing, Monitor,
    Part, Proof, Remote, RemoteEntry, RemoteFolder, Session, Silent, State, Stop, Synchronizer,
};
use rusqlite::Connection;

use super::bare::{KINDS, LOG, folder_there, settle};
use super::told;
use crate::sim::chaos::Chaos;
use crate::sim::store::SimLocal;
use crate::sim::world::World;

/// A server that is only read, and says whatever a test wants.
#[derive(Default)]
struct Liar {
    folders: Vec<RemoteFolder>,
    entries: Vec<RemoteEntry>,
    /// It never stops.
    is_endless: bool,
}

struct Lying<'r>(&'r Liar);

impl Remote for Liar {
    fn account(&self) -> String {
        "liar".to_owned()
    }

    fn connect<'r>(&'r self, _monitor: &'r dyn Monitor) -> Answer<Box<dyn Session + 'r>> {
        Ok(Box::new(Lying(self)))
    }
}

impl Session for Lying<'_> {
    fn abilities(&self) -> Abilities {
        Abilities::read_only()
    }

    fn folders(&mut self) -> Answer<Vec<RemoteFolder>> {
        Ok(self.0.folders.clone())
    }

    fn changes(
        &mut self,
        _feed: Feed<'_>,
        _since: Option<&Cursor>,
        listing: &mut dyn Listing<RemoteEntry, ItemKey>,
    ) -> Answer<Listed> {
        for entry in &self.0.entries {
            listing.entry(entry.clone())?;
        }
        let more = if self.0.is_endless { u64::MAX } else { 0 };
        for number in 0..more {
            listing.entry(entry(&number.to_string(), "a"))?;
        }
        Ok(Listed {
            proof: Proof::Complete {
                count: self.0.entries.len() as u64,
            },
            cursor: Some(Cursor(Vec::new())),
        })
    }

    fn fetch(&mut self, item: &ItemRef, _part: Part) -> Answer<Vec<u8>> {
        Ok(format!("content of {:.20}", item.key.as_str()).into_bytes())
    }
}

fn folder(key: &str, parent: Option<&str>, name: &str) -> RemoteFolder {
    let mut folder = RemoteFolder::new(FolderKey::new(key), name);
    folder.parent = parent.map(FolderKey::new);
    folder
}

fn entry(key: &str, folder: &str) -> RemoteEntry {
    let mut entry = RemoteEntry::new(ItemKey::new(key), 1);
    entry.folders.insert(FolderKey::new(folder));
    entry
}

/// A run of a store with such a server.
fn run(world: &mut World, liar: &Liar, monitor: &dyn Monitor) -> Result<(), Stop> {
    let connection = world.state.take();
    let connection = connection.unwrap_or_else(|| Connection::open_in_memory().expect("memory"));
    let mut state = State::with(connection).expect("ours");
    let mut local = SimLocal {
        store: world.store.clone(),
        chaos: Chaos::none(),
    };
    let mut run = Synchronizer::new(liar, &mut local, &mut state, &world.options, monitor);
    let ended = run.run();
    world.state = Some(state.into_connection());
    ended
}

/// Everything in the store, with its folders.
fn all(world: &World) -> String {
    let store = world.store.borrow();
    format!("{:?} {:?}", store.folders, world.here())
}

#[test]
fn twoway_17_and_twoway_27_folders_that_can_not_be_are_no_harm() {
    let long = "x".repeat(10_000);
    let mut folders = vec![
        folder("a", Some("b"), "circle a"),
        folder("b", Some("a"), "circle b"),
        folder("c", Some("c"), "in itself"),
        folder("d", Some("nowhere"), "lost"),
        folder("a", None, "a second a"),
        folder("up", None, "../../etc"),
        folder("nul", None, "a\0b"),
        folder("long", None, &long),
        folder("none", None, ""),
        folder("", None, "no key"),
        folder("key\0with", None, "key with"),
        folder(&long, None, "a long key"),
        folder("INBOX", None, "Inbox"),
    ];
    for number in 0..300 {
        let above = format!("deep{number}");
        let key = format!("deep{}", number + 1);
        folders.push(folder(&key, Some(&above), "deeper"));
    }
    let liar = Liar {
        entries: folders
            .iter()
            .map(|folder| entry(&format!("in {:.20}", folder.name), folder.key.as_str()))
            .collect(),
        folders,
        is_endless: false,
    };
    let mut world = World::new(crate::sim::server::Kind::imap(), LOG);
    world.add_here("Inbox", "mine", "");
    run(&mut world, &liar, &Silent).expect("it goes on");
    run(&mut world, &liar, &Silent).expect("it goes on");
    let first = all(&world);
    run(&mut world, &liar, &Silent).expect("it goes on");
    assert_eq!(all(&world), first, "nothing more comes of it");
    let store = world.store.borrow();
    for (_, name) in store.folders.values() {
        let is_bad = |c: char| c.is_control() || "/\\".contains(c);
        assert!(!name.contains(is_bad), "{name:?}");
        assert!(name.chars().count() <= 200 && !name.trim_matches('.').is_empty());
    }
    // Each of them once; of the two with one key the first.
    assert_eq!(store.folders.len(), 13 - 3 + 300);
    drop(store);
    assert!(world.contents_here().contains(&"mine".to_owned()));
}

#[test]
fn twoway_07_and_twoway_27_items_that_can_not_be_are_no_harm() {
    let long = "x".repeat(10_000);
    let mut odd = entry("odd", "a");
    odd.folders.insert(FolderKey::new("nowhere"));
    odd.date = i64::MIN;
    odd.size = Some(u64::MAX);
    odd.title = "a\nforged: line\0".to_owned();
    odd.identity = Some(long.repeat(10));
    odd.flags = ["\0", "a\nb", "", &long, "\\Seen"].into_iter().collect();
    let mut late = entry("late", "a");
    late.date = i64::MAX;
    let mut second = entry("twice", "b");
    second.flags = ["later"].into_iter().collect::<Flags>();
    let liar = Liar {
        folders: vec![folder("a", None, "A"), folder("b", None, "B")],
        entries: vec![
            odd,
            late,
            entry("twice", "a"),
            second,
            entry("", "a"),
            entry("key\0with", "a"),
            entry(&long, "a"),
            entry("ghost", "nowhere"),
            RemoteEntry::new(ItemKey::new("in none"), 0),
        ],
        is_endless: false,
    };
    let mut world = World::new(crate::sim::server::Kind::imap(), LOG);
    run(&mut world, &liar, &Silent).expect("it goes on");
    run(&mut world, &liar, &Silent).expect("it goes on");
    let first = all(&world);
    run(&mut world, &liar, &Silent).expect("it goes on");
    assert_eq!(all(&world), first, "nothing more comes of it");
    let here = world.here();
    let twice = here.iter().filter(|one| one.1 == "content of twice");
    let twice: Vec<_> = twice
        .map(|one| (one.0.as_str(), one.2.to_string()))
        .collect();
    assert_eq!(twice, [("B", "(later)".to_owned())], "the later one holds");
    assert_eq!(here.len(), 5, "{here:?}");
    // It is not believed that the rest is gone.
    let fewer = Liar {
        entries: liar.entries[..2].to_vec(),
        ..liar
    };
    let lying = Liar {
        entries: [fewer.entries.clone(), fewer.entries].concat(),
        folders: fewer.folders,
        is_endless: false,
    };
    run(&mut world, &lying, &Silent).expect("it goes on");
    assert_eq!(all(&world), first, "four are named, and two are told");
}

/// Presses the button after a while.
struct Button(Cell<u32>);

impl Monitor for Button {
    fn is_cancelled(&self) -> bool {
        self.0.set(self.0.get() + 1);
        self.0.get() > 20_000
    }
}

#[test]
fn twoway_21_and_twoway_27_who_answers_for_hours_can_be_cancelled() {
    let liar = Liar {
        folders: vec![folder("a", None, "A")],
        entries: Vec::new(),
        is_endless: true,
    };
    let mut world = World::new(crate::sim::server::Kind::imap(), LOG);
    let ended = run(&mut world, &liar, &Button(Cell::new(0)));
    assert_eq!(ended, Err(Stop::Cancelled));
    assert_eq!(world.here().len(), 0);
}

#[test]
fn twoway_20_and_twoway_27_who_has_made_what_was_there_before_has_made_nothing() {
    for kind in KINDS {
        let mut world = World::new(kind(), LOG);
        world.add_there("Inbox", "known", "");
        world.add_there("Inbox", "edited", "");
        world.sync();
        let claimed = world.key_there("known");
        let claims = |world: &World, claimed| world.server.borrow_mut().claims = claimed;
        claims(&world, Some(claimed));
        world.add_here("Inbox", "new", "");
        let here = world.key_here("edited");
        world.store.borrow_mut().edit(here, "edited again");
        world.sync();
        claims(&world, None);
        for _ in 0..4 {
            world.sync();
        }
        settle(&mut world, "it has made them all the same");
        assert_eq!(world.contents_here(), ["edited again", "known", "new"]);
    }
}

#[test]
fn twoway_13_and_twoway_27_who_has_moved_something_to_another_ones_name_has_moved_it() {
    for kind in KINDS {
        let mut world = World::new(kind(), LOG);
        world.add_there("Inbox", "moved", "");
        world.add_there("Work", "known", "");
        world.sync();
        world.server.borrow_mut().claims = Some(world.key_there("known"));
        super::bare::move_here(&world, "moved", "Work");
        world.sync();
        world.server.borrow_mut().claims = None;
        settle(&mut world, "it was moved");
        assert_eq!(world.contents_here(), ["known", "moved"]);
    }
}

#[test]
fn twoway_16_and_twoway_27_a_folder_that_gets_the_key_of_another_one_is_not_that_one() {
    for kind in KINDS {
        let mut world = World::new(kind(), LOG);
        world.add_there("Old", "in old", "");
        world.add_there("Play", "in play", "");
        world.sync();
        world.server.borrow_mut().claims_folder = Some(folder_there(&world, "Play"));
        world.add_here("New", "in new", "");
        let old = super::bare::folder_here(&world, "Old");
        world
            .store
            .borrow_mut()
            .folders
            .get_mut(&old)
            .expect("there")
            .1 = "Older".to_owned();
        let report = world.sync();
        assert!(told(&report, "another folder of that name"), "{report}");
        world.server.borrow_mut().claims_folder = None;
        for _ in 0..4 {
            world.sync();
        }
        settle(&mut world, "it was made and renamed");
        assert_eq!(world.contents_here(), ["in new", "in old", "in play"]);
    }
}
