//! A host, the simulated provider linked in, and a store in a folder of its own.
#![allow(dead_code, reason = "each test program uses a part of this")]

use std::path::{Path, PathBuf};
use std::ptr;

use mapi_provider::abi::*;
use mapi_provider::store::{self, EntryId, Folder};
use mapi_provider::view::{
    self, Allocators, Limits, PropProblems, PropTags, PropValue, Restriction, Row, RowSet,
    SortOrder, SortOrderSet,
};
use mapi_provider_host::{
    Failure, Host, LogonOptions, Profile, Property, Provider, ProviderLibrary, SectionUid, Store,
    Value,
};

/// The section of the profile where wrapped stores keep theirs.
pub(crate) const NST_SECTION: SectionUid = SectionUid([
    0x85, 0xED, 0x14, 0x23, 0x9D, 0xF7, 0x42, 0x66, 0x8B, 0xF2, 0xFB, 0xD4, 0xA5, 0x21, 0x29, 0x41,
]);
/// `PR_PROFILE_OFFLINE_STORE_PATH`.
pub(crate) const OFFLINE_STORE_PATH: u16 = 0x6610;

/// The provider, linked in.
pub(crate) fn library() -> ProviderLibrary {
    ProviderLibrary::from_functions(mspst32::MSProviderInit, Some(mspst32::ServiceEntry))
}

/// A host whose profile says where the store is.
pub(crate) fn host(path: &Path) -> Host {
    let host = Host::new(library(), Profile::in_memory()).expect("a host");
    set_path(&host, path);
    host
}

/// Says where the next store to log on to is.
pub(crate) fn set_path(host: &Host, path: &Path) {
    let text = Value::from(&*path.to_string_lossy());
    for (section, id) in [
        (SectionUid::PROVIDER, PR_PST_PATH.id()),
        (NST_SECTION, OFFLINE_STORE_PATH),
    ] {
        let path = Property::with_id(id, text.clone());
        host.profile()
            .set(section, path)
            .expect("a profile in memory");
    }
}

/// A store that is open, with the whole host around it.
pub(crate) struct Session {
    pub(crate) host: Host,
    pub(crate) provider: Provider,
    pub(crate) store: Store,
}

impl Session {
    pub(crate) fn open(path: &Path) -> Self {
        Self::try_open(path).expect("a logon")
    }

    pub(crate) fn try_open(path: &Path) -> Result<Self, Failure> {
        let host = host(path);
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

    pub(crate) fn allocators(&self) -> Allocators {
        allocators(&self.host)
    }

    /// The store as a client sees it.
    pub(crate) fn client(&self) -> store::Store<'_> {
        store::Store::from_interface(self.store.interface().clone(), self.allocators())
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

pub(crate) fn allocators(host: &Host) -> Allocators {
    let memory = host.allocators();
    // SAFETY: the host's own functions, which live as long as the host.
    let allocators = unsafe {
        Allocators::new(
            Some(memory.allocate_buffer()),
            Some(memory.allocate_more()),
            Some(memory.free_buffer()),
        )
    };
    allocators.expect("all three")
}

/// Logs on as the wrapper of a store does.
pub(crate) fn nst_options() -> LogonOptions {
    let mut options = LogonOptions::default();
    options.flags |= StoreLogonFlags::MDB_OST_LOGON_UNICODE;
    options
}

/// A folder that is gone after the test, and a path in it.
pub(crate) fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.ost");
    (folder, path)
}

/// A folder by its interface, open for writing.
pub(crate) fn raw_folder(session: &Session, id: &EntryId) -> IMAPIFolder {
    let object = open_entry(session, id.as_bytes()).expect("the folder opens");
    object.cast().expect("it is a folder")
}

/// A message by its interface, open for writing.
pub(crate) fn raw_message(session: &Session, id: &EntryId) -> IMessage {
    let object = open_entry(session, id.as_bytes()).expect("the message opens");
    object.cast().expect("it is a message")
}

/// Whatever an entry ID means, open for writing.
pub(crate) fn open_entry(session: &Session, id: &[u8]) -> Result<IUnknown, HRESULT> {
    let mut id = id.to_vec();
    let (mut kind, mut out) = (0, ptr::null_mut());
    let flags = OpenEntryFlags::MAPI_MODIFY;
    // SAFETY: as many bytes as there are, and live variables; the reference is ours.
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
    // SAFETY: a live variable; the reference is ours.
    unsafe {
        let flags = GetContentsTableFlags::MAPI_UNICODE;
        assert_eq!(folder.GetContentsTable(flags, &mut out), S_OK);
        IMAPITable::from_raw(out)
    }
}

/// The hierarchy table of a folder.
pub(crate) fn hierarchy(folder: &IMAPIFolder) -> IMAPITable {
    let mut out = ptr::null_mut();
    // SAFETY: a live variable; the reference is ours.
    unsafe {
        let flags = GetHierarchyTableFlags::MAPI_UNICODE;
        assert_eq!(folder.GetHierarchyTable(flags, &mut out), S_OK);
        IMAPITable::from_raw(out)
    }
}

pub(crate) fn set_columns(session: &Session, table: &IMAPITable, columns: &[PropTag]) -> HRESULT {
    let tags = session
        .allocators()
        .build(&PropTags::from(columns))
        .expect("memory");
    // SAFETY: tags.
    unsafe { table.SetColumns(tags.as_ptr(), TableFlags::empty()) }
}

pub(crate) fn restrict(session: &Session, table: &IMAPITable, to: &Restriction<'_>) -> HRESULT {
    let restriction = session.allocators().build(to).expect("memory");
    // SAFETY: a restriction.
    unsafe { table.Restrict(restriction.as_ptr(), TableFlags::empty()) }
}

pub(crate) fn find_row(
    session: &Session,
    table: &IMAPITable,
    what: &Restriction<'_>,
    from: usize,
    flags: FindRowFlags,
) -> HRESULT {
    let restriction = session.allocators().build(what).expect("memory");
    // SAFETY: a restriction.
    unsafe { table.FindRow(restriction.as_ptr(), from, flags) }
}

pub(crate) fn sort(session: &Session, table: &IMAPITable, orders: &[SortOrder]) -> HRESULT {
    let order = SortOrderSet {
        orders: orders.to_vec(),
        ..SortOrderSet::default()
    };
    let order = session.allocators().build(&order).expect("memory");
    // SAFETY: a sort order.
    unsafe { table.SortTable(order.as_ptr(), TableFlags::empty()) }
}

/// Rows from the cursor on.
pub(crate) fn query(
    session: &Session,
    table: &IMAPITable,
    count: i32,
    flags: QueryRowsFlags,
) -> Vec<Row<'static>> {
    let mut rows = ptr::null_mut();
    // SAFETY: a live variable; the rows are ours to free.
    let rows = unsafe {
        assert_eq!(table.QueryRows(count, flags, &mut rows), S_OK);
        session.allocators().adopt(rows, 1).expect("rows")
    };
    let rows: RowSet<'_> = rows.read(&Limits::default()).expect("well-formed");
    rows.into_owned().0
}

/// The subjects of rows from the cursor on.
pub(crate) fn subjects(session: &Session, table: &IMAPITable, count: i32) -> Vec<String> {
    let rows = query(session, table, count, QueryRowsFlags::empty());
    let subject = |row: Row<'static>| {
        let value = row.get(PR_SUBJECT_W).and_then(PropValue::to_text);
        value.unwrap_or_else(|| "none".to_owned())
    };
    rows.into_iter().map(subject).collect()
}

/// The number of the row at the cursor.
pub(crate) fn position(table: &IMAPITable) -> u32 {
    let (mut row, mut numerator, mut denominator) = (0, 0, 0);
    // SAFETY: live variables.
    let status = unsafe { table.QueryPosition(&mut row, &mut numerator, &mut denominator) };
    assert_eq!(status, S_OK);
    row
}

pub(crate) fn seek(table: &IMAPITable, from: usize, by: i32) -> (HRESULT, i32) {
    let mut sought = 0;
    // SAFETY: a live variable.
    let status = unsafe { table.SeekRow(from, by, &mut sought) };
    (status, sought)
}

/// Sets properties, and returns the problems by index and status.
pub(crate) fn set_props(
    session: &Session,
    object: &IMAPIProp,
    properties: &[view::Property<'_>],
) -> (HRESULT, Vec<(u32, HRESULT)>) {
    let built = session.allocators().build(properties).expect("memory");
    let mut problems = ptr::null_mut();
    // SAFETY: as many properties as there are, and a live variable; what comes back is ours to free.
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

/// A property as an object returns it.
pub(crate) fn get_prop(
    session: &Session,
    object: &IMAPIProp,
    tag: PropTag,
    flags: UnicodeFlags,
) -> view::Property<'static> {
    let tags = session
        .allocators()
        .build(&PropTags::from(&[tag][..]))
        .expect("memory");
    let (mut count, mut values) = (0, ptr::null_mut());
    // SAFETY: tags and live variables; what comes back is ours to free.
    let values = unsafe {
        let status = object.GetProps(tags.as_ptr(), flags, &mut count, &mut values);
        assert!(status.is_ok(), "{status:?}");
        session
            .allocators()
            .adopt(values, count)
            .expect("an answer")
    };
    let read: view::Property<'_> = values.read(&Limits::default()).expect("well-formed");
    read.into_owned()
}

/// Messages of these subjects in a new folder. It may outlive the session, as MAPI clients' objects
/// may.
pub(crate) fn folder_with(session: &Session, name: &str, subjects: &[&str]) -> Folder<'static> {
    let memory = session.host.allocators().for_views();
    let interface = session.store.interface().clone();
    let client = mapi_provider::store::Store::from_interface(interface, memory);
    let subtree = client.ipm_subtree().expect("there");
    let folder = subtree.create_folder(name).expect("made");
    for subject in subjects {
        add(&folder, subject);
    }
    folder
}

/// One more message.
pub(crate) fn add(folder: &Folder, subject: &str) -> EntryId {
    let message = folder.create_message().expect("a message");
    message.set_subject(subject).expect("set");
    message.save().expect("saved")
}
