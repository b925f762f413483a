//! An address book whose logic does what a test says, and MAPI around it.

use std::cell::RefCell;
use std::sync::{Arc, Mutex};

use mapi_provider::abi::{
    GetHierarchyTableFlags, PR_DISPLAY_NAME_W, PR_ENTRYID, PropTag, QueryRowsFlags,
};
use mapi_provider::address_book::{AddressBook, Container, Entry, Found, LookupError, Query};
use mapi_provider::{LogonError, Provider};
use mapi_provider_host::{
    AddressBookOptions, AddressBookProvider, BookObject, BookTable, Host, Profile, Property,
    ProviderLibrary, Value,
};

use book_probe32::{Book, Kind, Person};

/// The UID of all manifests here.
pub(crate) const UID: [u8; 16] = [
    0xF6, 0x5F, 0x49, 0xB1, 0x6D, 0xBC, 0x48, 0xCC, 0x9B, 0x7B, 0x38, 0xFB, 0x40, 0x02, 0xBC, 0x65,
];

/// Called at each lookup with its name, before anything else.
type Hook = Arc<dyn Fn(&str) -> Result<(), LookupError> + Send + Sync>;

/// What an address book has, and what it does when it is asked.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) book: Arc<Mutex<Book>>,
    pub(crate) hook: Arc<Mutex<Hook>>,
}

thread_local! {
    /// The world of the next logon on this thread, or why there is none.
    static NEXT: RefCell<Option<Result<World, LogonError>>> = const { RefCell::new(None) };
}

/// The logic.
pub(crate) struct Script(World);

impl Script {
    fn asked(&self, call: &str) -> Result<Book, LookupError> {
        let hook = Arc::clone(&self.0.hook.lock().expect("nobody panics with it"));
        hook(call)?;
        Ok(self.0.book.lock().expect("nobody panics with it").clone())
    }
}

impl AddressBook for Script {
    type Settings = ();

    fn open((): ()) -> Result<Self, LogonError> {
        let next = NEXT.with_borrow_mut(Option::take);
        next.expect("a test says what there is").map(Self)
    }

    fn containers(&self) -> Vec<Container> {
        self.asked("containers")
            .map_or_else(|_| Vec::new(), |book| book.containers)
    }

    fn search(&self, query: &Query<'_>, found: &mut Found<'_>) -> Result<(), LookupError> {
        let book = self.asked("search")?;
        book.search(query.container, &query.what, found)
    }

    fn get(&self, key: &str) -> Result<Option<Entry>, LookupError> {
        let book = self.asked("get")?;
        Ok(book.get(key).map(Person::entry))
    }

    fn members(&self, key: &str, found: &mut Found<'_>) -> Result<(), LookupError> {
        self.asked("members")?.members(key, found)
    }
}

/// One with as much time as it wants.
pub(crate) mod usual {
    mapi_provider::provider!("tests/ab/usual.toml", exports = cfg(any()));
}

/// One that waits 50 ms for its logic.
pub(crate) mod hasty {
    mapi_provider::provider!("tests/ab/hasty.toml", exports = cfg(any()));
}

/// One of several in a profile, whose containers show five entries, with addresses of a type of its own.
pub(crate) mod small {
    mapi_provider::provider!("tests/ab/small.toml", exports = cfg(any()));
}

/// One whose containers ask for a name first.
pub(crate) mod careful {
    mapi_provider::provider!("tests/ab/careful.toml", exports = cfg(any()));
}

/// What the next logon on this thread has.
pub(crate) fn next(book: Book) -> World {
    let world = World {
        book: Arc::new(Mutex::new(book)),
        hook: Arc::new(Mutex::new(Arc::new(|_| Ok(())))),
    };
    NEXT.set(Some(Ok(world.clone())));
    world
}

/// The next logon on this thread has nothing.
pub(crate) fn next_fails(error: LogonError) {
    NEXT.set(Some(Err(error)));
}

/// A host with this provider.
pub(crate) fn host(provider: &'static Provider, profile: &Profile) -> Host {
    Host::new(ProviderLibrary::linked(provider), profile.clone()).expect("a host")
}

/// MAPI with an address book, and all that is around them.
pub(crate) struct Rig {
    pub(crate) book: mapi_provider_host::AddressBook,
    pub(crate) provider: AddressBookProvider,
    pub(crate) host: Host,
    pub(crate) world: World,
}

impl Rig {
    /// The usual one, with this in it.
    pub(crate) fn new(book: Book) -> Self {
        Self::of(&usual::PROVIDER, &Profile::in_memory(), book)
    }

    /// One with this profile.
    pub(crate) fn of(provider: &'static Provider, profile: &Profile, book: Book) -> Self {
        let host = host(provider, profile);
        let provider = host.init_address_book().expect("ABProviderInit");
        let world = next(book);
        let book = provider
            .logon_with(&AddressBookOptions::default())
            .expect("Logon");
        Self {
            book,
            provider,
            host,
            world,
        }
    }

    /// From now on this is called at each lookup.
    pub(crate) fn at_lookup(
        &self,
        hook: impl Fn(&str) -> Result<(), LookupError> + Send + Sync + 'static,
    ) {
        *self.world.hook.lock().expect("nobody panics with it") = Arc::new(hook);
    }

    /// Changes what there is.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Book)) {
        change(&mut self.world.book.lock().expect("nobody panics with it"));
    }

    /// The container of this name, wherever it is.
    pub(crate) fn container(&self, name: &str) -> BookObject {
        let all = self.book.containers().expect("a list of containers");
        let found = all.iter().find(|container| container.name == name);
        let found = found.unwrap_or_else(|| panic!("no container {name} in {all:?}"));
        self.book.open(&found.entry_id).expect("OpenEntry")
    }

    /// The entry ID of somebody in the first container.
    pub(crate) fn entry_id(&self, name: &str) -> Vec<u8> {
        let all = self.container("All").entries().expect("its entries");
        let found = all.iter().find(|entry| entry.name == name);
        let found = found.unwrap_or_else(|| panic!("no entry {name} in {all:?}"));
        found.entry_id.clone()
    }

    /// Somebody in the first container.
    pub(crate) fn entry(&self, name: &str) -> BookObject {
        self.book.open(&self.entry_id(name)).expect("OpenEntry")
    }

    /// Ends everything, and fails if anything is left.
    pub(crate) fn finish(self) {
        drop(self.book);
        self.provider.shutdown().expect("Shutdown");
        drop(self.provider);
        self.host.finish().assert_clean();
    }
}

/// A container at the first level.
pub(crate) fn container(key: &str, name: &str) -> Container {
    Container {
        key: key.to_owned(),
        name: name.to_owned(),
        parent: None,
    }
}

/// Somebody in the container `all`, whose key is the name.
pub(crate) fn person(name: &str, address: &str) -> Person {
    Person {
        key: name.to_owned(),
        name: name.to_owned(),
        address: Some(address.to_owned()),
        container: "all".to_owned(),
        ..Person::default()
    }
}

/// A list in the container `all`, whose key is the name; it has no address.
pub(crate) fn list(name: &str, members: &[&str]) -> Person {
    Person {
        key: name.to_owned(),
        name: name.to_owned(),
        kind: Kind::List,
        container: "all".to_owned(),
        members: members.iter().map(|key| (*key).to_owned()).collect(),
        ..Person::default()
    }
}

/// A book with one container and these in it.
pub(crate) fn book(people: Vec<Person>) -> Book {
    Book {
        containers: vec![container("all", "All")],
        people,
    }
}

/// Three people and a list of two of them.
pub(crate) fn few() -> Book {
    let mut ann = person("Ann Lee", "ann@example.org");
    ann.alias = Some("al".to_owned());
    ann.phone = Some("+1 555".to_owned());
    book(vec![
        ann,
        person("Bob Miller", "bob@example.org"),
        person("Cy Young", "cy@example.org"),
        list("Team", &["Ann Lee", "Bob Miller"]),
    ])
}

pub(crate) fn value(row: &[Property], tag: PropTag) -> Option<&Value> {
    let found = row.iter().find(|one| one.id == tag.id());
    found.map(|one| &one.value)
}

pub(crate) fn text(row: &[Property], tag: PropTag) -> String {
    match value(row, tag) {
        Some(Value::Unicode(text)) => text.clone(),
        other => panic!("no text in {tag}: {other:?}"),
    }
}

pub(crate) fn binary(row: &[Property], tag: PropTag) -> Vec<u8> {
    match value(row, tag) {
        Some(Value::Binary(bytes)) => bytes.clone(),
        other => panic!("no bytes in {tag}: {other:?}"),
    }
}

pub(crate) fn long(row: &[Property], tag: PropTag) -> u32 {
    match value(row, tag) {
        Some(Value::Long(number)) => number.cast_unsigned(),
        other => panic!("no number in {tag}: {other:?}"),
    }
}

/// The names in a table, from its first row on.
pub(crate) fn names(table: &BookTable) -> Vec<String> {
    table.set_columns(&[PR_DISPLAY_NAME_W]).expect("SetColumns");
    let rows = table.all().expect("all rows");
    rows.iter()
        .map(|row| text(row, PR_DISPLAY_NAME_W))
        .collect()
}

/// The name in the row at the cursor; the cursor stays.
pub(crate) fn here(table: &BookTable) -> Option<String> {
    let rows = table.query(1, QueryRowsFlags::TBL_NOADVANCE);
    let rows = rows.expect("QueryRows");
    rows.first().map(|row| text(row, PR_DISPLAY_NAME_W))
}

/// The entry IDs in a hierarchy table.
pub(crate) fn container_ids(root: &BookObject) -> Vec<Vec<u8>> {
    let table = root.hierarchy(GetHierarchyTableFlags::CONVENIENT_DEPTH);
    let table = table.expect("GetHierarchyTable");
    table.set_columns(&[PR_ENTRYID]).expect("SetColumns");
    let rows = table.all().expect("all rows");
    rows.iter().map(|row| binary(row, PR_ENTRYID)).collect()
}

/// The bookmarks that every table has.
pub(crate) const BEGINNING: usize = 0;
pub(crate) const END: usize = 2;
