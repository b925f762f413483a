//! A host, a provider with a face of its own on the engine, and a store.
#![allow(
    dead_code,
    non_snake_case,
    clippy::undocumented_unsafe_blocks,
    reason = "each test program uses a part of this; every pointer is to a local or to what a method has just answered"
)]

use std::cell::RefCell;
use std::ffi::c_void;
use std::path::{Path, PathBuf};
use std::ptr;

use mapi_provider::abi::*;
use mapi_provider::store::{self, EntryId, Folder};
use mapi_provider::view::{
    self, AddressList, Allocators, Limits, PropName, PropProblems, PropTags, PropValue,
    Restriction, Row, RowSet, SortOrder, SortOrderSet,
};
use mapi_provider_host::{Failure, Host, Profile, Provider, ProviderLibrary, Store};
use mapi_provider_mailbox::database::{self, Options};
use mapi_provider_mailbox::objects::{self, Face, Fault, Location, LogonRequest, Place};

/// `PR_MDB_PROVIDER` of the test's provider.
pub(crate) const PROVIDER: [u8; 16] = [0x5A; 16];

thread_local! {
    /// The store that the next provider of this thread opens.
    static NEXT: RefCell<Option<Where>> = const { RefCell::new(None) };
}

/// Where a store lies.
#[derive(Clone)]
pub(crate) enum Where {
    File(PathBuf),
    Open(database::Store),
}

struct TestFace(Where);

impl Face for TestFace {
    fn provider_uid(&self) -> [u8; 16] {
        PROVIDER
    }

    fn name(&self) -> &str {
        "Test Mail"
    }

    fn locate(&self, logon: &LogonRequest<'_>) -> objects::Result<Location> {
        if logon.entry_id == Some(b"refused") {
            return Err(Fault::new(MAPI_E_UNCONFIGURED, "this one is refused"));
        }
        Ok(Location {
            place: match &self.0 {
                Where::File(path) => Place::File(path.clone(), Options::new()),
                Where::Open(store) => Place::Open(store.clone()),
            },
            entry_id: [&[0; 4][..], &PROVIDER, b"store"].concat(),
            name: "Mail of a test".to_owned(),
        })
    }

    fn is_same_store(&self, first: &[u8], second: &[u8]) -> objects::Result<bool> {
        Ok(first == second)
    }
}

pub(crate) unsafe extern "C" fn init(
    _instance: *mut c_void,
    _malloc: *mut c_void,
    allocate: Option<ALLOCATEBUFFER>,
    more: Option<ALLOCATEMORE>,
    free: Option<FREEBUFFER>,
    _flags: u32,
    _version: u32,
    provider_version: *mut u32,
    out: *mut *mut c_void,
) -> HRESULT {
    let place = NEXT.with_borrow(Clone::clone).expect("a place");
    unsafe {
        let allocators = Allocators::new(allocate, more, free).expect("all three");
        *provider_version = CURRENT_SPI_VERSION;
        *out = objects::provider(TestFace(place), allocators).into_raw();
    }
    S_OK
}

/// A store that is open, with the whole host around it.
pub(crate) struct Session {
    pub(crate) host: Host,
    pub(crate) provider: Provider,
    pub(crate) store: Store,
}

impl Session {
    pub(crate) fn open(place: Where) -> Self {
        Self::try_open(place).expect("a logon")
    }

    pub(crate) fn try_open(place: Where) -> Result<Self, Failure> {
        Self::try_open_by(place, init)
    }

    /// The same, by an entry point of the test's own around [`init`].
    pub(crate) fn try_open_by(place: Where, init: MSPROVIDERINIT) -> Result<Self, Failure> {
        NEXT.set(Some(place));
        let library = ProviderLibrary::from_functions(init, None);
        let host = Host::new(library, Profile::in_memory()).expect("a host");
        let provider = host.init().expect("a provider");
        match provider.logon() {
            Ok(store) => Ok(Self {
                host,
                provider,
                store,
            }),
            Err(failure) => {
                provider.shutdown().expect("a shutdown");
                drop(provider);
                host.finish().assert_clean();
                Err(failure)
            }
        }
    }

    /// Another store of the same host: what one of them gives, the other one may free.
    pub(crate) fn open_another(&self, place: Where) -> (Provider, Store) {
        NEXT.set(Some(place));
        let provider = self.host.init().expect("a provider");
        let store = provider.logon().expect("a logon");
        (provider, store)
    }

    /// A store in memory, which the test can change behind the back of MAPI too.
    pub(crate) fn in_memory() -> (Self, database::Store) {
        let store = database::Store::in_memory(Options::new()).expect("memory");
        (Self::open(Where::Open(store.clone())), store)
    }

    pub(crate) fn allocators(&self) -> Allocators {
        self.host.allocators().for_views()
    }

    /// The store as a client sees it.
    pub(crate) fn client(&self) -> store::Store<'static> {
        store::Store::from_interface(self.store.interface().clone(), self.allocators())
    }

    /// A new folder for people.
    pub(crate) fn folder(&self, name: &str) -> Folder<'static> {
        let subtree = self.client().ipm_subtree().expect("there");
        subtree.create_folder(name).expect("made")
    }

    /// Logs off in order; nothing must be left behind.
    pub(crate) fn close(self) {
        let logoff = self.store.logoff();
        assert_eq!(logoff.support.logoff_transports.len(), 1);
        assert!(logoff.support.released);
        self.provider.shutdown().expect("a shutdown");
        drop(self.provider);
        self.host.finish().assert_clean();
    }
}

/// A folder that is gone after the test, and a path in it.
pub(crate) fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    (folder, path)
}

pub(crate) fn file(path: &Path) -> Where {
    Where::File(path.to_owned())
}

/// The database's number of an object.
pub(crate) fn number(entry_id: &[u8]) -> u64 {
    let number = entry_id[24..].try_into().expect("eight bytes");
    u64::from_le_bytes(number)
}

pub(crate) fn folder_id(entry_id: &EntryId) -> database::FolderId {
    database::FolderId::from_number(number(entry_id.as_bytes())).expect("a folder")
}

pub(crate) fn message_id(entry_id: &[u8]) -> database::MessageId {
    database::MessageId::from_number(number(entry_id)).expect("a message")
}

/// Saves a message as another process would, and tells its ID.
pub(crate) fn deliver(
    store: &database::Store,
    folder: database::FolderId,
    subject: &str,
) -> database::MessageId {
    let mut data = database::MessageData::default();
    data.props.set_tag(PR_SUBJECT_W, subject);
    save(store, folder, &data)
}

pub(crate) fn save(
    store: &database::Store,
    folder: database::FolderId,
    data: &database::MessageData,
) -> database::MessageId {
    let id = store.reserve_message().expect("an ID");
    let save = database::Save {
        id,
        folder,
        associated: false,
        base: None,
        force: false,
        read: false,
        keep_time: false,
        data,
    };
    store.write(|tx| tx.save_message(&save)).expect("saved");
    id
}

/// What a message is called by MAPI.
pub(crate) fn entry_id(store: &database::Store, id: database::MessageId) -> Vec<u8> {
    let number = id.number().to_le_bytes();
    [&[0; 4][..], &store.uid(), &[1, 2, 0, 0], &number].concat()
}

/// A folder by its interface, open for writing.
pub(crate) fn raw_folder(session: &Session, id: &EntryId) -> IMAPIFolder {
    let object = open_entry(session, id.as_bytes()).expect("the folder opens");
    object.cast().expect("it is a folder")
}

/// Whatever an entry ID means, open for writing.
pub(crate) fn open_entry(session: &Session, id: &[u8]) -> Result<IUnknown, HRESULT> {
    let mut id = id.to_vec();
    let (mut kind, mut out) = (0, ptr::null_mut());
    let flags = OpenEntryFlags::MAPI_MODIFY;
    unsafe {
        let (count, id) = (id.len() as u32, id.as_mut_ptr().cast());
        let store = session.store.interface();
        let status = store.OpenEntry(count, id, ptr::null(), flags, &mut kind, &mut out);
        if status.is_ok() {
            Ok(IUnknown::from_raw(out))
        } else {
            assert!(out.is_null());
            Err(status)
        }
    }
}

/// The contents table of a folder.
pub(crate) fn contents(folder: &IMAPIFolder) -> IMAPITable {
    let mut out = ptr::null_mut();
    unsafe {
        let flags = GetContentsTableFlags::MAPI_UNICODE;
        assert_eq!(folder.GetContentsTable(flags, &mut out), S_OK);
        IMAPITable::from_raw(out)
    }
}

/// The hierarchy table of a folder.
pub(crate) fn hierarchy(folder: &IMAPIFolder, flags: GetHierarchyTableFlags) -> IMAPITable {
    let mut out = ptr::null_mut();
    unsafe {
        let flags = flags | GetHierarchyTableFlags::MAPI_UNICODE;
        assert_eq!(folder.GetHierarchyTable(flags, &mut out), S_OK);
        IMAPITable::from_raw(out)
    }
}

pub(crate) fn set_columns(session: &Session, table: &IMAPITable, columns: &[PropTag]) -> HRESULT {
    let tags = PropTags::from(columns);
    let tags = session.allocators().build(&tags).expect("memory");
    unsafe { table.SetColumns(tags.as_ptr(), TableFlags::empty()) }
}

pub(crate) fn restrict(session: &Session, table: &IMAPITable, to: &Restriction<'_>) -> HRESULT {
    let restriction = session.allocators().build(to).expect("memory");
    unsafe { table.Restrict(restriction.as_ptr(), TableFlags::empty()) }
}

pub(crate) fn sort(session: &Session, table: &IMAPITable, orders: &[SortOrder]) -> HRESULT {
    let order = SortOrderSet {
        orders: orders.to_vec(),
        ..SortOrderSet::default()
    };
    let order = session.allocators().build(&order).expect("memory");
    unsafe { table.SortTable(order.as_ptr(), TableFlags::empty()) }
}

/// Rows from the cursor on.
pub(crate) fn query(session: &Session, table: &IMAPITable, count: i32) -> Vec<Row<'static>> {
    let mut rows = ptr::null_mut();
    let rows = unsafe {
        let flags = QueryRowsFlags::empty();
        assert_eq!(table.QueryRows(count, flags, &mut rows), S_OK);
        session.allocators().adopt(rows, 1).expect("rows")
    };
    let rows: RowSet<'_> = rows.read(&Limits::default()).expect("well-formed");
    rows.into_owned().0
}

/// A text property of rows from the cursor on.
pub(crate) fn texts(session: &Session, table: &IMAPITable, tag: PropTag) -> Vec<String> {
    let text = |row: Row<'static>| {
        let value = row.get(tag).and_then(PropValue::to_text);
        value.unwrap_or_else(|| "none".to_owned())
    };
    query(session, table, 1000).into_iter().map(text).collect()
}

/// Sets properties, and answers the problems by their place and status.
pub(crate) fn set_props(
    session: &Session,
    object: &IMAPIProp,
    properties: &[view::Property<'_>],
) -> (HRESULT, Vec<(u32, HRESULT)>) {
    let built = session.allocators().build(properties).expect("memory");
    let mut problems = ptr::null_mut();
    let (status, problems) = unsafe {
        let status = object.SetProps(built.count(), built.as_ptr(), &mut problems);
        (status, session.allocators().adopt(problems, 1))
    };
    let problems = problems.map(|problems| {
        let read: PropProblems = problems.read(&Limits::default()).expect("well-formed");
        read.0.iter().map(|one| (one.index, one.status)).collect()
    });
    (status, problems.unwrap_or_default())
}

/// Properties as an object answers them.
pub(crate) fn get_props(
    session: &Session,
    object: &IMAPIProp,
    tags: Option<&[PropTag]>,
) -> Vec<view::Property<'static>> {
    get_props_with(session, object, tags, UnicodeFlags::MAPI_UNICODE)
}

/// The same, with strings of another width.
pub(crate) fn get_props_with(
    session: &Session,
    object: &IMAPIProp,
    tags: Option<&[PropTag]>,
    flags: UnicodeFlags,
) -> Vec<view::Property<'static>> {
    let tags = tags.map(|tags| session.allocators().build(&PropTags::from(tags)));
    let tags = tags.map(|tags| tags.expect("memory"));
    let (mut count, mut values) = (0, ptr::null_mut());
    let values = unsafe {
        let tags = tags.as_ref().map_or(ptr::null_mut(), |tags| tags.as_ptr());
        let status = object.GetProps(tags, flags, &mut count, &mut values);
        assert!(status.is_ok(), "{status:?}");
        session
            .allocators()
            .adopt(values, count)
            .expect("an answer")
    };
    let read: Vec<view::Property<'_>> = values.read_all(&Limits::default()).expect("well-formed");
    read.into_iter().map(view::Property::into_owned).collect()
}

impl Session {
    /// A new folder for people, by its interface.
    pub(crate) fn raw_folder(&self, name: &str) -> IMAPIFolder {
        let folder = self.folder(name);
        let id = folder.entry_id().expect("an ID").into_owned();
        raw_folder(self, &id)
    }
}

/// A new message of a folder, not saved.
pub(crate) fn create_message(folder: &IMAPIFolder) -> IMessage {
    create_message_with(folder, CreateMessageFlags::empty())
}

pub(crate) fn create_message_with(folder: &IMAPIFolder, flags: CreateMessageFlags) -> IMessage {
    let mut out = ptr::null_mut();
    unsafe {
        assert_eq!(folder.CreateMessage(ptr::null(), flags, &mut out), S_OK);
        IMessage::from_raw(out)
    }
}

pub(crate) fn save_changes(object: &IMAPIProp, flags: SaveChangesFlags) -> HRESULT {
    unsafe { object.SaveChanges(flags) }
}

/// Saves an object that stays open to be changed.
pub(crate) fn save_and_go_on(object: &IMAPIProp) {
    let flags = SaveChangesFlags::KEEP_OPEN_READWRITE;
    assert_eq!(save_changes(object, flags), S_OK);
}

/// A message by its entry ID, open for writing.
pub(crate) fn open_message(session: &Session, id: &[u8]) -> IMessage {
    let object = open_entry(session, id).expect("the message opens");
    object.cast().expect("it is a message")
}

pub(crate) fn entry_id_of(session: &Session, object: &IMAPIProp) -> Vec<u8> {
    let read = get_props(session, object, Some(&[PR_ENTRYID]));
    read[0].value.as_binary().expect("an entry ID").to_vec()
}

/// The value of a property, or the error that stands for it.
pub(crate) fn value(session: &Session, object: &IMAPIProp, tag: PropTag) -> PropValue<'static> {
    let read = get_props(session, object, Some(&[tag]));
    read.into_iter().next().expect("one for one").value
}

/// What `GetLastError` says of a status.
pub(crate) fn last_error(session: &Session, object: &IMAPIProp, status: HRESULT) -> String {
    let mut error = ptr::null_mut();
    let error = unsafe {
        let told = object.GetLastError(status, UnicodeFlags::MAPI_UNICODE, &mut error);
        assert_eq!(told, S_OK);
        session.allocators().adopt(error, 1).expect("a description")
    };
    unsafe {
        let text = (*error.as_ptr()).lpszError.cast::<u16>();
        let length = (0..).take_while(|index| *text.add(*index) != 0).count();
        String::from_utf16_lossy(std::slice::from_raw_parts(text, length))
    }
}

/// Recipients without a flag, `MODRECIP_ADD` and the like.
pub(crate) fn modify_recipients(
    session: &Session,
    message: &IMessage,
    flags: ModifyRecipientsFlags,
    entries: Vec<Vec<view::Property<'_>>>,
) -> HRESULT {
    let list = AddressList(entries.into_iter().map(Row::from).collect());
    let built = session.allocators().build(&list).expect("memory");
    unsafe { message.ModifyRecipients(flags, built.as_ptr()) }
}

/// Adds recipients of these types and names.
pub(crate) fn add_recipients(session: &Session, message: &IMessage, all: &[(u32, &str)]) {
    let entry = |(kind, name): &(u32, &str)| {
        vec![
            view::Property::new(PR_RECIPIENT_TYPE, kind.cast_signed()),
            view::Property::new(PR_DISPLAY_NAME_W, *name).into_owned(),
        ]
    };
    let entries = all.iter().map(entry).collect();
    let add = ModifyRecipientsFlags::MODRECIP_ADD;
    assert_eq!(modify_recipients(session, message, add, entries), S_OK);
}

/// The ID of a name in a property set of the test's.
pub(crate) fn id_of_name(
    session: &Session,
    object: &IMAPIProp,
    name: &str,
    flags: GetIDsFromNamesFlags,
) -> (HRESULT, PropTag) {
    let name = PropName {
        set: GUID::from_u128(0x7E57),
        id: name.into(),
    };
    let names = session
        .allocators()
        .build(&[Some(name)][..])
        .expect("memory");
    let mut tags = ptr::null_mut();
    let (status, tags) = unsafe {
        let status = object.GetIDsFromNames(names.count(), names.as_ptr(), flags, &mut tags);
        (status, session.allocators().adopt(tags, 1).expect("tags"))
    };
    let tags: PropTags = tags.read(&Limits::default()).expect("well-formed");
    (status, tags[0])
}

/// The values of a property in the rows of a table, from the cursor on.
pub(crate) fn column(
    session: &Session,
    table: &IMAPITable,
    tag: PropTag,
) -> Vec<Option<PropValue<'static>>> {
    let rows = query(session, table, 1000).into_iter();
    rows.map(|row| row.get(tag).cloned()).collect()
}

/// Opens an entry ID, and tells the access that was given.
pub(crate) fn open_for(
    session: &Session,
    store: &IMsgStore,
    id: &[u8],
    flags: OpenEntryFlags,
) -> Result<(IMessage, i32), HRESULT> {
    let mut id = id.to_vec();
    let (mut kind, mut out) = (0, ptr::null_mut());
    let status = unsafe {
        let (count, id) = (id.len() as u32, id.as_mut_ptr().cast());
        store.OpenEntry(count, id, ptr::null(), flags, &mut kind, &mut out)
    };
    if status.is_err() {
        return Err(status);
    }
    assert_eq!(kind, MAPI_MESSAGE);
    let message = unsafe { IMessage::from_raw(out) };
    let access = value(session, &message, PR_ACCESS_LEVEL).as_long();
    Ok((message, access.expect("a level")))
}

/// The table of recipients.
pub(crate) fn recipient_table(message: &IMessage) -> IMAPITable {
    let mut out = ptr::null_mut();
    unsafe {
        let flags = GetRecipientTableFlags::MAPI_UNICODE;
        assert_eq!(message.GetRecipientTable(flags, &mut out), S_OK);
        IMAPITable::from_raw(out)
    }
}

/// Sets properties, none of which may be refused.
pub(crate) fn set(session: &Session, object: &IMAPIProp, properties: &[view::Property<'_>]) {
    let answer = set_props(session, object, properties);
    assert_eq!(answer, (S_OK, vec![]));
}

/// `PR_MESSAGE_FLAGS`.
pub(crate) fn message_flags(session: &Session, message: &IMAPIProp) -> MessageFlags {
    let flags = value(session, message, PR_MESSAGE_FLAGS).as_long();
    MessageFlags::from_bits_retain(flags.expect("flags").cast_unsigned())
}
