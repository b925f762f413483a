//! The test's own store, in memory: normally honest, but lying or failing at a call that the test chooses.

mod data;
mod stream;
mod table;
mod thing;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use mapi_provider::abi::{
    HRESULT, PR_DISPLAY_NAME_W, PR_ENTRYID, PR_IPM_OUTBOX_ENTRYID, PR_IPM_SENTMAIL_ENTRYID,
    PR_IPM_SUBTREE_ENTRYID, PR_IPM_WASTEBASKET_ENTRYID,
};
use mapi_provider::object::ObjectRef;
use mapi_provider::store::{Store, StoreError};
use mapi_provider::view::{Allocators, PropName, Property};
use mapi_provider_host as host;

pub(crate) use self::data::{Item, Kind, State};
pub(crate) use self::thing::NO_STREAM;
use self::thing::Thing;

/// What a call does instead of what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lie {
    /// Answers `S_OK` and returns nothing.
    Nothing,
    /// Fails with a status.
    Fail(HRESULT),
    /// Answers more than there is, or was asked for.
    More,
}

/// Everything that the objects of one store share.
pub(crate) struct World {
    memory: host::Allocators,
    pub(crate) allocators: Allocators,
    items: Mutex<BTreeMap<u32, Weak<Item>>>,
    names: Mutex<Vec<PropName<'static>>>,
    /// The calls so far, by name.
    calls: Mutex<Vec<&'static str>>,
    /// Which of the calls lies, and how.
    lie: Mutex<Option<(usize, Lie)>>,
    /// Objects that somebody holds.
    objects: AtomicUsize,
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A store with the folders that every store has, and what it takes to look after it.
pub(crate) struct Fake {
    pub(crate) world: Arc<World>,
    store: Arc<Item>,
}

impl Fake {
    pub(crate) fn new() -> Self {
        let memory = host::Allocators::take().expect("a set of allocators");
        let (allocate, more, free) = (
            memory.allocate_buffer(),
            memory.allocate_more(),
            memory.free_buffer(),
        );
        // SAFETY: the host's own three, which stay.
        let allocators = unsafe { Allocators::new(Some(allocate), Some(more), Some(free)) };
        let world = Arc::new(World {
            memory,
            allocators: allocators.expect("all three"),
            items: Mutex::default(),
            names: Mutex::default(),
            calls: Mutex::default(),
            lie: Mutex::default(),
            objects: AtomicUsize::new(0),
        });
        let store = world.item(Kind::Store);
        let root = world.folder(&store, "Root");
        for (name, tag) in [
            ("Top of Personal Folders", PR_IPM_SUBTREE_ENTRYID),
            ("Deleted Items", PR_IPM_WASTEBASKET_ENTRYID),
            ("Outbox", PR_IPM_OUTBOX_ENTRYID),
            ("Sent Items", PR_IPM_SENTMAIL_ENTRYID),
        ] {
            let folder = world.folder(&root, name);
            lock(&store.saved).set(Property::new(tag, folder.entry_id()));
        }
        Self { world, store }
    }

    /// The store as teams have it.
    pub(crate) fn store(&self) -> Store<'static> {
        let thing = Thing::direct(&self.world, &self.store);
        let interface = ObjectRef::new(thing).into_interface();
        Store::from_interface(interface, self.world.allocators)
    }

    /// The result of a scenario if one call lies, and whether it made that many calls.
    pub(crate) fn with_lie<R>(
        lie: Lie,
        at: usize,
        scenario: impl Fn(&Store) -> Result<R, StoreError>,
    ) -> Outcome<R> {
        let fake = Self::new();
        let store = fake.store();
        *lock(&fake.world.lie) = Some((at, lie));
        let result = scenario(&store);
        drop(store);
        let call = lock(&fake.world.calls).get(at).copied();
        let outcome = Outcome { result, call };
        let leaks = match (lie, call) {
            // A set of rows whose count can't be believed is not freed.
            (Lie::More, Some("QueryRows" | "ModifyRecipients")) => None,
            _ => Some(fake.world.memory.leaks()),
        };
        assert!(leaks.is_none_or(|leaks| leaks.is_empty()), "{call:?}");
        fake.nothing_is_held();
        outcome
    }

    /// Nothing was allocated and not freed, no object is held, and no memory was misused.
    pub(crate) fn assert_clean(self) {
        assert_eq!(self.world.memory.leaks().len(), 0);
        self.nothing_is_held();
    }

    fn nothing_is_held(&self) {
        assert_eq!(self.world.memory.faults(), []);
        assert_eq!(self.world.objects.load(Ordering::Acquire), 0, "objects");
    }

    /// The `n`-th next allocation fails.
    pub(crate) fn fail_allocation(&self, n: u64) {
        self.world.memory.fail_nth(n);
    }

    /// How many allocations there were.
    pub(crate) fn allocations(&self) -> u64 {
        self.world.memory.requests()
    }

    /// The calls so far, by name.
    pub(crate) fn calls(&self) -> Vec<&'static str> {
        lock(&self.world.calls).clone()
    }
}

/// The result of a scenario, and which call lied; `None` if there were not that many calls.
pub(crate) struct Outcome<R> {
    pub(crate) result: Result<R, StoreError>,
    pub(crate) call: Option<&'static str>,
}

impl World {
    /// Notes a call, and tells whether it is the one that lies.
    pub(crate) fn called(&self, name: &'static str) -> Option<Lie> {
        let mut calls = lock(&self.calls);
        calls.push(name);
        let now = calls.len() - 1;
        lock(&self.lie)
            .filter(|(at, _)| *at == now)
            .map(|(_, lie)| lie)
    }

    /// A new folder, store, message or attachment.
    pub(crate) fn item(&self, kind: Kind) -> Arc<Item> {
        let mut items = lock(&self.items);
        let number = items.len() as u32 + 1;
        let item = Arc::new(Item::new(number, kind));
        items.insert(number, Arc::downgrade(&item));
        item
    }

    /// A new folder in another one, or in the store.
    pub(crate) fn folder(&self, parent: &Arc<Item>, name: &str) -> Arc<Item> {
        let folder = self.item(Kind::Folder);
        let mut state = lock(&folder.saved);
        state.set(Property::new(PR_DISPLAY_NAME_W, name).into_owned());
        state.set(Property::new(PR_ENTRYID, folder.entry_id()));
        drop(state);
        lock(&parent.saved).folders.push(Arc::clone(&folder));
        folder
    }

    /// The item of an entry ID; for none at all the first folder, the root.
    pub(crate) fn find(&self, id: &[u8]) -> Option<Arc<Item>> {
        let number = match id.last_chunk() {
            None => 2,
            Some(number) => u32::from_le_bytes(*number),
        };
        lock(&self.items).get(&number)?.upgrade()
    }

    /// The ID of a name; a new one if need be and allowed.
    pub(crate) fn name_id(&self, name: PropName<'_>, create: bool) -> Option<u16> {
        let mut names = lock(&self.names);
        let known = names.iter().position(|known| *known == name);
        let index = match known {
            Some(index) => index,
            None if create => {
                names.push(name.into_owned());
                names.len() - 1
            }
            None => return None,
        };
        Some(0x8000 + index as u16)
    }

    /// The name of an ID.
    pub(crate) fn name(&self, id: u16) -> Option<PropName<'static>> {
        let index = id.checked_sub(0x8000)?;
        lock(&self.names).get(usize::from(index)).cloned()
    }

    pub(crate) fn object_made(&self) {
        self.objects.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn object_gone(&self) {
        self.objects.fetch_sub(1, Ordering::Release);
    }
}
