//! Search folders as a client has them, and those who wait for what they find.
#![allow(
    dead_code,
    non_snake_case,
    clippy::undocumented_unsafe_blocks,
    reason = "each test program uses a part of this; every pointer is to a local or to what a method has just answered"
)]

use std::ptr;
use std::sync::Mutex;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::{Duration, Instant};

use mapi_provider::MapiObject;
use mapi_provider::abi::*;
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider::view::{
    EntryId, EntryList, Limits, PropTags, PropValue, Property, Restriction, Row, RowSet,
};
use mapi_provider_mailbox::database::{self, FolderId, MessageData, MessageId, Save, Special};

use super::object_support::*;

/// What waits longer than this waits for ever, or for the thread that tidies up now and then.
const PATIENCE: Duration = Duration::from_secs(45);

/// A sink that only counts.
#[derive(MapiObject)]
#[mapi(implements(IMAPIAdviseSink))]
struct Counter {
    heard: Mutex<Sender<()>>,
}

impl IMAPIAdviseSink_Impl for Counter {
    unsafe fn OnNotify(this: &Object<Self>, count: u32, _: *mut NOTIFICATION) -> u32 {
        for _ in 0..count {
            // Nobody may be listening any more.
            let _ = this.heard.lock().expect("sound").send(());
        }
        0
    }
}

fn counter() -> (IMAPIAdviseSink, Receiver<()>) {
    let (sender, receiver) = mpsc::channel();
    let sink = ObjectRef::new(Counter {
        heard: Mutex::new(sender),
    });
    (sink.into_interface(), receiver)
}

/// What somebody hears.
pub(crate) struct Heard {
    _sink: IMAPIAdviseSink,
    heard: Receiver<()>,
}

impl Heard {
    /// Waits for the next thing.
    pub(crate) fn next(&self) {
        self.heard
            .recv_timeout(PATIENCE)
            .expect("something is heard");
    }

    /// How much was heard up to now.
    pub(crate) fn take(&self) -> usize {
        self.heard.try_iter().count()
    }
}

/// A search folder, or one that is none.
pub(crate) struct SearchFolder<'s> {
    session: &'s Session,
    pub(crate) id: EntryId<'static>,
    folder: IMAPIFolder,
}

/// Makes a folder in another one, and tells its entry ID.
pub(crate) fn create_folder(
    session: &Session,
    parent: &IMAPIFolder,
    name: &str,
    kind: u32,
) -> Result<EntryId<'static>, HRESULT> {
    let mut name: Vec<u16> = name.encode_utf16().chain([0]).collect();
    let mut out = ptr::null_mut();
    let status = unsafe {
        let flags = CreateFolderFlags::MAPI_UNICODE;
        parent.CreateFolder(
            kind,
            name.as_mut_ptr().cast(),
            ptr::null_mut(),
            ptr::null(),
            flags,
            &mut out,
        )
    };
    if status.is_err() {
        assert!(out.is_null());
        return Err(status);
    }
    let folder = unsafe { IMAPIFolder::from_raw(out) };
    let object: IMAPIProp = folder.cast().expect("properties");
    let props = get_props(session, &object, Some(&[PR_ENTRYID, PR_FOLDER_TYPE]));
    assert_eq!(props[1].value, PropValue::Long(kind as i32));
    let id = props[0].value.as_binary().expect("an ID").to_vec();
    Ok(EntryId::from(id))
}

impl<'s> SearchFolder<'s> {
    /// A new one, where search folders are.
    pub(crate) fn new(session: &'s Session, name: &str) -> Self {
        let object: IMAPIProp = session.store.interface().cast().expect("properties");
        let props = get_props(session, &object, Some(&[PR_FINDER_ENTRYID]));
        let finder = EntryId::from(props[0].value.as_binary().expect("an ID").to_vec());
        let parent = raw_folder(session, &finder);
        let id = create_folder(session, &parent, name, FOLDER_SEARCH).expect("made");
        Self::of(session, &id)
    }

    pub(crate) fn of(session: &'s Session, id: &EntryId<'_>) -> Self {
        let id = EntryId::from(id.as_bytes().to_vec());
        Self {
            session,
            folder: raw_folder(session, &id),
            id,
        }
    }

    pub(crate) fn set(
        &self,
        restriction: Option<&Restriction<'_>>,
        scope: Option<&[EntryId<'static>]>,
        flags: SetSearchCriteriaFlags,
    ) -> HRESULT {
        let allocators = self.session.allocators();
        let restriction = restriction.map(|one| allocators.build(one).expect("memory"));
        let scope = scope.map(|scope| {
            let list = EntryList(scope.to_vec());
            allocators.build(&list).expect("memory")
        });
        let restriction = restriction.as_ref();
        let restriction = restriction.map_or(ptr::null_mut(), |one| one.as_ptr());
        let scope = scope.as_ref().map_or(ptr::null_mut(), |one| one.as_ptr());
        unsafe { self.folder.SetSearchCriteria(restriction, scope, flags) }
    }

    pub(crate) fn get(
        &self,
        flags: UnicodeFlags,
    ) -> Result<(Restriction<'static>, Vec<EntryId<'static>>, SearchState), HRESULT> {
        let (mut restriction, mut scope) = (ptr::null_mut(), ptr::null_mut());
        let mut state = SearchState::empty();
        let status = unsafe {
            self.folder
                .GetSearchCriteria(flags, &mut restriction, &mut scope, &mut state)
        };
        if status.is_err() {
            assert!(restriction.is_null() && scope.is_null());
            return Err(status);
        }
        let allocators = self.session.allocators();
        let (restriction, scope) = unsafe {
            (
                allocators.adopt(restriction, 1).expect("a restriction"),
                allocators.adopt(scope, 1).expect("a list"),
            )
        };
        let read: Restriction<'_> = restriction.read(&Limits::default()).expect("well-formed");
        let list: EntryList<'_> = scope.read(&Limits::default()).expect("well-formed");
        let list = list.0.into_iter().map(EntryId::into_owned).collect();
        Ok((read.into_owned(), list, state))
    }

    /// Hears when the search has come to its end.
    pub(crate) fn hear_complete(&self) -> Heard {
        let (sink, heard) = counter();
        let mut id = self.id.as_bytes().to_vec();
        let mut connection = 0;
        let status = unsafe {
            self.session.store.interface().Advise(
                id.len() as u32,
                id.as_mut_ptr().cast(),
                NotificationEvents::fnevSearchComplete,
                sink.as_raw(),
                &mut connection,
            )
        };
        assert_eq!(status, S_OK);
        Heard { _sink: sink, heard }
    }

    /// The contents table, which is open all the time.
    pub(crate) fn table(&self) -> LiveTable<'s> {
        let table = contents(&self.folder);
        let columns = [PR_SUBJECT_W, PR_INSTANCE_KEY];
        assert_eq!(set_columns(self.session, &table, &columns), S_OK);
        LiveTable::of(self.session, table)
    }
}

/// Hears of the objects of a store.
pub(crate) fn hear_objects(session: &Session, events: NotificationEvents) -> Heard {
    let (sink, heard) = counter();
    let mut connection = 0;
    let status = unsafe {
        let store = session.store.interface();
        store.Advise(0, ptr::null_mut(), events, sink.as_raw(), &mut connection)
    };
    assert_eq!(status, S_OK);
    Heard { _sink: sink, heard }
}

/// A contents table that is followed.
pub(crate) struct LiveTable<'s> {
    session: &'s Session,
    pub(crate) table: IMAPITable,
    pub(crate) heard: Heard,
}

impl<'s> LiveTable<'s> {
    /// Follows a table.
    pub(crate) fn of(session: &'s Session, table: IMAPITable) -> Self {
        let (sink, heard) = counter();
        let mut connection = 0;
        let status = unsafe {
            let events = NotificationEvents::fnevTableModified;
            table.Advise(events, sink.as_raw(), &mut connection)
        };
        assert_eq!(status, S_OK);
        let heard = Heard { _sink: sink, heard };
        Self {
            session,
            table,
            heard,
        }
    }
}

impl LiveTable<'_> {
    /// What it shows now, in the order of the IDs.
    pub(crate) fn subjects(&self) -> Vec<String> {
        let rows = query_all(self.session, &self.table, &[PR_SUBJECT_W]);
        let subject = |row: &Row<'_>| row.get(PR_SUBJECT_W).and_then(PropValue::to_text);
        rows.iter().filter_map(subject).collect()
    }

    /// Waits until it shows this.
    pub(crate) fn until(&self, expected: &[&str]) {
        self.until_it(|shown| shown == expected);
    }

    /// Waits until this holds, which may come about without a change of the table.
    pub(crate) fn until_all(&self, holds: impl Fn() -> bool) {
        let end = Instant::now() + PATIENCE;
        while !holds() {
            assert!(Instant::now() < end, "it stays {:?}", self.subjects());
            // A change of the table ends the wait early.
            let _ = self.heard.heard.recv_timeout(Duration::from_millis(50));
        }
    }

    pub(crate) fn until_it(&self, holds: impl Fn(&[String]) -> bool) {
        loop {
            let shown = self.subjects();
            if holds(&shown) {
                return;
            }
            let heard = self.heard.heard.recv_timeout(PATIENCE);
            assert!(heard.is_ok(), "it stays {shown:?}");
            // What was heard meanwhile is seen the next time, all of it.
            self.heard.take();
        }
    }
}

/// All rows of a table, with some columns.
pub(crate) fn query_all(
    session: &Session,
    table: &IMAPITable,
    columns: &[PropTag],
) -> Vec<Row<'static>> {
    let tags = PropTags::from(columns);
    let tags = session.allocators().build(&tags).expect("memory");
    let mut rows = ptr::null_mut();
    let rows = unsafe {
        assert_eq!(table.SetColumns(tags.as_ptr(), TableFlags::empty()), S_OK);
        let (start, mut sought) = (BOOKMARK_BEGINNING as usize, 0);
        assert_eq!(table.SeekRow(start, 0, &mut sought), S_OK);
        let flags = QueryRowsFlags::empty();
        assert_eq!(table.QueryRows(100_000, flags, &mut rows), S_OK);
        session.allocators().adopt(rows, 1).expect("rows")
    };
    let rows: RowSet<'_> = rows.read(&Limits::default()).expect("well-formed");
    rows.into_owned().0
}

/// Messages with a text in their subjects.
pub(crate) fn contains(text: &str) -> Restriction<'static> {
    Restriction::Content {
        fuzzy_level: FL_SUBSTRING | FL_IGNORECASE,
        tag: PR_SUBJECT_W,
        property: Property::new(PR_SUBJECT_W, text).into_owned(),
    }
}

/// Saves a message again with another subject.
pub(crate) fn edit(store: &database::Store, id: MessageId, subject: &str) {
    let message = store.open_message(id).expect("read").expect("there");
    let mut data = MessageData::clone(&message.data);
    data.props.set_tag(PR_SUBJECT_W, subject);
    let save = Save {
        id,
        folder: message.info.folder,
        associated: false,
        base: Some(message.info.version),
        force: false,
        read: false,
        keep_time: false,
        data: &data,
    };
    store.write(|tx| tx.save_message(&save)).expect("saved");
}

/// Many messages in one transaction.
pub(crate) fn fill(store: &database::Store, folder: FolderId, subjects: &[String]) {
    store
        .write(|tx| {
            for subject in subjects {
                let mut data = MessageData::default();
                data.props.set_tag(PR_SUBJECT_W, &**subject);
                tx.save_message(&Save {
                    id: tx.new_message_id(),
                    folder,
                    associated: false,
                    base: None,
                    force: false,
                    read: false,
                    keep_time: false,
                    data: &data,
                })?;
            }
            Ok(())
        })
        .expect("saved");
}

/// A folder that every store has.
pub(crate) fn special(store: &database::Store, special: Special) -> FolderId {
    store.read(|r| r.special(special)).expect("there")
}
