//! Stores, folders, messages and attachments: one class for all of them.

use std::ffi::c_void;
use std::ptr;
use std::sync::{Arc, Mutex};

use mapi_provider::MapiObject;
use mapi_provider::abi::*;
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider::view::{
    self, AddressList, DescribedError, EntryId, EntryList, Limits, PropName, PropProblem,
    PropProblems, PropTags, Property, Row,
};
use windows_core::{IUnknown, Interface};

use super::data::size;
use super::stream::{Stream, bytes_of};
use super::table::Table;
use super::{Item, Kind, Lie, State, World, lock};

/// From here on a value is too large for `SetProps`.
const TOO_LARGE_TO_SET: usize = 6000;

/// An item that is open.
#[derive(MapiObject)]
#[mapi(implements(IMsgStore, IMAPIFolder, IMessage, IAttach))]
pub(super) struct Thing {
    world: Arc<World>,
    item: Arc<Item>,
    /// What it is like to whoever has opened it; of a store or folder, what it is.
    open: Arc<Mutex<State>>,
    /// Where it goes when it is saved.
    home: Home,
}

enum Home {
    /// It is where it is.
    There,
    Folder(Arc<Mutex<State>>),
    Hidden(Arc<Mutex<State>>),
    Attached(Arc<Mutex<State>>, u32),
    Embedded(Arc<Mutex<State>>),
}

/// Notes a call. It may fail, or do nothing, instead; what is left is to say more than there is.
macro_rules! called {
    ($this:ident, $name:literal) => {
        match $this.world.called($name) {
            Some(Lie::Fail(status)) => return status,
            Some(Lie::Nothing) => return S_OK,
            more => more.is_some(),
        }
    };
}

/// Gives away what was built.
macro_rules! give {
    ($out:expr, $built:expr) => {
        match $built {
            // SAFETY: the caller's variable.
            Ok(built) => unsafe { $out.write(built.into_raw()) },
            Err(error) => return error.status(),
        }
    };
}

impl Thing {
    /// A store or folder, whose changes count at once.
    pub(super) fn direct(world: &Arc<World>, item: &Arc<Item>) -> Self {
        Self::at(world, item, Arc::clone(&item.saved), Home::There)
    }

    /// A message or attachment, whose changes count once they are saved.
    fn transacted(world: &Arc<World>, item: &Arc<Item>, home: Home) -> Self {
        let copy = lock(&item.saved).clone();
        Self::at(world, item, Arc::new(Mutex::new(copy)), home)
    }

    fn at(world: &Arc<World>, item: &Arc<Item>, open: Arc<Mutex<State>>, home: Home) -> Self {
        world.object_made();
        Self {
            world: Arc::clone(world),
            item: Arc::clone(item),
            open,
            home,
        }
    }

    /// Opens an item of an entry ID.
    fn open(&self, id: &[u8], more: bool) -> Result<*mut c_void, HRESULT> {
        if more {
            // Not what was asked for at all.
            let table = Table::new(&self.world, &[], Vec::new());
            return Ok(ObjectRef::new(table).into_unknown().into_raw());
        }
        let item = self.world.find(id).ok_or(MAPI_E_NOT_FOUND)?;
        let thing = match item.kind {
            Kind::Folder | Kind::Store => Self::direct(&self.world, &item),
            Kind::Message | Kind::Attachment => Self::transacted(&self.world, &item, Home::There),
        };
        Ok(ObjectRef::new(thing).into_unknown().into_raw())
    }

    fn table(&self, columns: &[PropTag], rows: Vec<State>) -> *mut c_void {
        let table = Table::new(&self.world, columns, rows);
        let table: IMAPITable = ObjectRef::new(table).into_interface();
        table.into_raw()
    }

    /// Takes messages of a list out of the folder, and tells whether all were there.
    fn take(&self, list: *mut SBinaryArray) -> (Vec<Arc<Item>>, HRESULT) {
        // SAFETY: the caller's list.
        let list = unsafe { view::read::<EntryList>(list, &Limits::default()) };
        let Ok(EntryList(ids)) = list else {
            return (Vec::new(), MAPI_E_INVALID_PARAMETER);
        };
        let mut open = lock(&self.open);
        let listed = |item: &Arc<Item>| ids.iter().any(|id| item.is(id));
        let (taken, left) = open.messages.drain(..).partition(listed);
        open.messages = left;
        let taken: Vec<Arc<Item>> = taken;
        let status = if taken.len() == ids.len() {
            S_OK
        } else {
            MAPI_W_PARTIAL_COMPLETION
        };
        (taken, status)
    }

    /// What `SetProps` says to one property.
    fn refusal(&self, property: &Property<'_>) -> Option<HRESULT> {
        let fixed = matches!(self.home, Home::There) && self.item.kind == Kind::Message;
        match property.tag {
            PR_ENTRYID | PR_STORE_ENTRYID => Some(MAPI_E_COMPUTED),
            PR_MESSAGE_FLAGS if fixed => Some(MAPI_E_COMPUTED),
            _ if size(&property.value) >= TOO_LARGE_TO_SET => Some(MAPI_E_NOT_ENOUGH_MEMORY),
            _ => None,
        }
    }
}

impl Drop for Thing {
    fn drop(&mut self) {
        self.world.object_gone();
    }
}

/// Tells that the test wanted it so.
///
/// # Safety
///
/// `error` is a variable of the caller's.
pub(super) unsafe fn last_error(
    world: &World,
    status: HRESULT,
    flags: UnicodeFlags,
    error: *mut *mut MAPIERROR,
) -> HRESULT {
    match world.called("GetLastError") {
        Some(Lie::Fail(status)) => return status,
        Some(Lie::Nothing) => return S_OK,
        _ => {}
    }
    let text = format!("the fake says {:08X}", status.0);
    let described = DescribedError::new(&text, "Fake", flags);
    give!(error, world.allocators.build(&described));
    S_OK
}

/// The bytes of an entry ID.
///
/// # Safety
///
/// It is one, of that many bytes.
unsafe fn id<'a>(count: u32, id: *mut ENTRYID) -> EntryId<'a> {
    // SAFETY: the caller's word.
    let id = unsafe { EntryId::read(count, id, &Limits::default()) };
    id.unwrap_or_default()
}

/// Terminated UTF-16.
///
/// # Safety
///
/// It is that.
unsafe fn text(text: *mut TCHAR) -> String {
    let text = text.cast::<u16>();
    // SAFETY: the caller's word.
    let units = (0..).map(|index| unsafe { text.add(index).read_unaligned() });
    let units: Vec<u16> = units.take_while(|unit| *unit != 0).collect();
    String::from_utf16_lossy(&units)
}

impl IMAPIProp_Impl for Thing {
    unsafe fn GetLastError(
        this: &Object<Self>,
        status: HRESULT,
        flags: UnicodeFlags,
        error: *mut *mut MAPIERROR,
    ) -> HRESULT {
        // SAFETY: the caller's variable.
        unsafe { last_error(&this.world, status, flags, error) }
    }

    unsafe fn SaveChanges(this: &Object<Self>, _: SaveChangesFlags) -> HRESULT {
        called!(this, "SaveChanges");
        let entry_id = Property::new(PR_ENTRYID, this.item.entry_id());
        let new = Arc::clone(&this.item);
        let is_new = |items: &[Arc<Item>]| items.iter().all(|item| item.number != new.number);
        match &this.home {
            Home::There => {}
            Home::Folder(folder) => {
                lock(&this.open).set(entry_id);
                let messages = &mut lock(folder).messages;
                if is_new(messages) {
                    messages.push(Arc::clone(&new));
                }
            }
            Home::Hidden(folder) => {
                lock(&this.open).set(entry_id);
                let hidden = &mut lock(folder).hidden;
                if is_new(hidden) {
                    hidden.push(Arc::clone(&new));
                }
            }
            Home::Attached(message, number) => {
                let number = *number;
                lock(&this.open).set(Property::new(PR_ATTACH_NUM, number as i32));
                let attachments = &mut lock(message).attachments;
                attachments.retain(|(other, _)| *other != number);
                attachments.push((number, Arc::clone(&new)));
            }
            Home::Embedded(attachment) => lock(attachment).embedded = Some(Arc::clone(&new)),
        }
        if !Arc::ptr_eq(&this.open, &this.item.saved) {
            let state = lock(&this.open).clone();
            *lock(&this.item.saved) = state;
        }
        S_OK
    }

    unsafe fn GetProps(
        this: &Object<Self>,
        tags: *mut SPropTagArray,
        _: UnicodeFlags,
        count: *mut u32,
        values: *mut *mut SPropValue,
    ) -> HRESULT {
        let more = called!(this, "GetProps");
        // SAFETY: the caller's array.
        let tags = unsafe { view::read::<PropTags>(tags, &Limits::default()) };
        let Ok(tags) = tags else {
            return MAPI_E_INVALID_PARAMETER;
        };
        let found = lock(&this.open).row(&tags);
        give!(values, this.world.allocators.build(&found.properties[..]));
        // SAFETY: the caller's variable.
        unsafe { count.write(tags.len() as u32 + u32::from(more)) };
        let errors = found
            .properties
            .iter()
            .any(|one| one.tag.prop_type() == PT_ERROR);
        if errors { MAPI_W_ERRORS_RETURNED } else { S_OK }
    }

    unsafe fn GetPropList(
        this: &Object<Self>,
        _: UnicodeFlags,
        tags: *mut *mut SPropTagArray,
    ) -> HRESULT {
        called!(this, "GetPropList");
        let found = PropTags::from(lock(&this.open).tags());
        give!(tags, this.world.allocators.build(&found));
        S_OK
    }

    unsafe fn SetProps(
        this: &Object<Self>,
        count: u32,
        values: *mut SPropValue,
        problems: *mut *mut SPropProblemArray,
    ) -> HRESULT {
        let more = called!(this, "SetProps");
        // SAFETY: the caller's array.
        let values = unsafe { view::read_array::<Property>(count, values, &Limits::default()) };
        let Ok(values) = values else {
            return MAPI_E_INVALID_PARAMETER;
        };
        let mut refused = Vec::new();
        for (index, property) in values.into_iter().enumerate() {
            let tag = property.tag;
            match this.refusal(&property) {
                None => lock(&this.open).set(property.into_owned()),
                Some(status) => refused.push(PropProblem {
                    // A number that makes no sense.
                    index: if more { u32::MAX } else { index as u32 },
                    tag,
                    status,
                }),
            }
        }
        if !refused.is_empty() {
            give!(
                problems,
                this.world.allocators.build(&PropProblems(refused))
            );
        }
        S_OK
    }

    unsafe fn DeleteProps(
        this: &Object<Self>,
        tags: *mut SPropTagArray,
        problems: *mut *mut SPropProblemArray,
    ) -> HRESULT {
        called!(this, "DeleteProps");
        // SAFETY: the caller's array.
        let tags = unsafe { view::read::<PropTags>(tags, &Limits::default()) };
        let Ok(tags) = tags else {
            return MAPI_E_INVALID_PARAMETER;
        };
        let mut refused = Vec::new();
        for (index, tag) in tags.iter().enumerate() {
            let status = match *tag {
                PR_ENTRYID => MAPI_E_COMPUTED,
                tag if !lock(&this.open).delete(tag) => MAPI_E_NOT_FOUND,
                _ => continue,
            };
            refused.push(PropProblem {
                index: index as u32,
                tag: *tag,
                status,
            });
        }
        if !refused.is_empty() {
            give!(
                problems,
                this.world.allocators.build(&PropProblems(refused))
            );
        }
        S_OK
    }

    unsafe fn OpenProperty(
        this: &Object<Self>,
        tag: PropTag,
        iid: *const GUID,
        _: u32,
        flags: OpenPropertyFlags,
        object: *mut *mut c_void,
    ) -> HRESULT {
        let more = called!(this, "OpenProperty");
        // SAFETY: the caller's GUID.
        let iid = unsafe { iid.read() };
        let create = flags.contains(OpenPropertyFlags::MAPI_CREATE);
        let opened: IUnknown = if more {
            ObjectRef::new(Table::new(&this.world, &[], Vec::new())).into_unknown()
        } else if iid == IMessage::IID {
            let embedded = lock(&this.open).embedded.clone();
            let item = match embedded {
                _ if create => this.world.item(Kind::Message),
                Some(item) => item,
                None => return MAPI_E_NOT_FOUND,
            };
            let home = Home::Embedded(Arc::clone(&this.open));
            ObjectRef::new(Thing::transacted(&this.world, &item, home)).into_unknown()
        } else if iid != IStream::IID {
            return MAPI_E_INTERFACE_NOT_SUPPORTED;
        } else if tag.id() == NO_STREAM.id() {
            return MAPI_E_NO_SUPPORT;
        } else if create {
            ObjectRef::new(Stream::writing(&this.world, tag, &this.open)).into_unknown()
        } else {
            let bytes = lock(&this.open).raw(tag).and_then(bytes_of);
            let Some(bytes) = bytes else {
                return MAPI_E_NOT_FOUND;
            };
            ObjectRef::new(Stream::reading(&this.world, tag, bytes)).into_unknown()
        };
        // SAFETY: the caller's variable.
        unsafe { object.write(opened.into_raw()) };
        S_OK
    }

    unsafe fn GetNamesFromIDs(
        this: &Object<Self>,
        tags: *mut *mut SPropTagArray,
        _: *mut GUID,
        _: GetNamesFromIDsFlags,
        count: *mut u32,
        names: *mut *mut *mut MAPINAMEID,
    ) -> HRESULT {
        called!(this, "GetNamesFromIDs");
        // SAFETY: the caller's array.
        let tags = unsafe { view::read::<PropTags>(tags.read(), &Limits::default()) };
        let Ok(tags) = tags else {
            return MAPI_E_INVALID_PARAMETER;
        };
        let found: Vec<_> = tags.iter().map(|tag| this.world.name(tag.id())).collect();
        give!(names, this.world.allocators.build(&found[..]));
        // SAFETY: the caller's variable.
        unsafe { count.write(found.len() as u32) };
        S_OK
    }

    unsafe fn GetIDsFromNames(
        this: &Object<Self>,
        count: u32,
        names: *mut *mut MAPINAMEID,
        flags: GetIDsFromNamesFlags,
        tags: *mut *mut SPropTagArray,
    ) -> HRESULT {
        let more = called!(this, "GetIDsFromNames");
        // SAFETY: the caller's array.
        let names =
            unsafe { view::read_array::<Option<PropName>>(count, names, &Limits::default()) };
        let create = flags.contains(GetIDsFromNamesFlags::MAPI_CREATE);
        let names = names.unwrap_or_default().into_iter().flatten();
        let ids = names.map(|name| this.world.name_id(name, create));
        let unknown = PropTag::new(0, PT_ERROR);
        let mut found: Vec<PropTag> = ids
            .map(|id| id.map_or(unknown, |id| PropTag::new(id, PT_UNSPECIFIED)))
            .collect();
        if more {
            found.push(unknown);
        }
        let missing = found.contains(&unknown);
        give!(tags, this.world.allocators.build(&PropTags::from(found)));
        if missing {
            MAPI_W_ERRORS_RETURNED
        } else {
            S_OK
        }
    }
}

/// A property of which nothing can be opened.
pub(crate) const NO_STREAM: PropTag = PropTag::new(0x6701, PT_BINARY);

impl IMsgStore_Impl for Thing {
    unsafe fn OpenEntry(
        this: &Object<Self>,
        count: u32,
        bytes: *mut ENTRYID,
        _: *const GUID,
        _: OpenEntryFlags,
        _: *mut u32,
        object: *mut *mut c_void,
    ) -> HRESULT {
        let more = called!(this, "IMsgStore::OpenEntry");
        // SAFETY: the caller's entry ID.
        match this.open(unsafe { id(count, bytes) }.as_bytes(), more) {
            // SAFETY: the caller's variable.
            Ok(opened) => unsafe { object.write(opened) },
            Err(status) => return status,
        }
        S_OK
    }

    unsafe fn CompareEntryIDs(
        this: &Object<Self>,
        count_one: u32,
        one: *mut ENTRYID,
        count_other: u32,
        other: *mut ENTRYID,
        _: u32,
        same: *mut u32,
    ) -> HRESULT {
        called!(this, "CompareEntryIDs");
        // SAFETY: the caller's entry IDs and variable.
        unsafe { same.write(u32::from(id(count_one, one) == id(count_other, other))) };
        S_OK
    }

    unsafe fn SetReceiveFolder(
        this: &Object<Self>,
        class: *mut TCHAR,
        _: UnicodeFlags,
        count: u32,
        folder: *mut ENTRYID,
    ) -> HRESULT {
        called!(this, "SetReceiveFolder");
        // SAFETY: the caller's class and entry ID.
        let (class, folder) = unsafe { (text(class), id(count, folder)) };
        if class != "IPM.Note" {
            return MAPI_E_NO_SUPPORT;
        }
        let folder = Property::new(RECEIVE_FOLDER, folder.as_bytes().to_vec());
        lock(&this.open).set(folder);
        S_OK
    }

    unsafe fn GetReceiveFolder(
        this: &Object<Self>,
        _: *mut TCHAR,
        _: UnicodeFlags,
        count: *mut u32,
        folder: *mut *mut ENTRYID,
        _: *mut *mut TCHAR,
    ) -> HRESULT {
        called!(this, "GetReceiveFolder");
        let open = lock(&this.open);
        let Some(bytes) = open.raw(RECEIVE_FOLDER).and_then(|value| value.as_binary()) else {
            return MAPI_E_NOT_FOUND;
        };
        let id = this.world.allocators.build(&EntryId::from(bytes));
        give!(folder, id);
        // SAFETY: the caller's variable.
        unsafe { count.write(bytes.len() as u32) };
        S_OK
    }
}

/// Where the store keeps what its receive folder is.
const RECEIVE_FOLDER: PropTag = PropTag::new(0x6702, PT_BINARY);

impl IMAPIContainer_Impl for Thing {
    unsafe fn GetContentsTable(
        this: &Object<Self>,
        flags: GetContentsTableFlags,
        table: *mut *mut c_void,
    ) -> HRESULT {
        called!(this, "GetContentsTable");
        let open = lock(&this.open);
        let items = if flags.contains(GetContentsTableFlags::MAPI_ASSOCIATED) {
            &open.hidden
        } else {
            &open.messages
        };
        let rows = items.iter().map(|item| lock(&item.saved).clone());
        // SAFETY: the caller's variable.
        unsafe { table.write(this.table(&[PR_ENTRYID, PR_SUBJECT_W], rows.collect())) };
        S_OK
    }

    unsafe fn GetHierarchyTable(
        this: &Object<Self>,
        _: GetHierarchyTableFlags,
        table: *mut *mut c_void,
    ) -> HRESULT {
        called!(this, "GetHierarchyTable");
        let open = lock(&this.open);
        let rows = open.folders.iter().map(|item| lock(&item.saved).clone());
        // SAFETY: the caller's variable.
        unsafe { table.write(this.table(&[PR_ENTRYID, PR_DISPLAY_NAME_W], rows.collect())) };
        S_OK
    }

    unsafe fn OpenEntry(
        this: &Object<Self>,
        count: u32,
        bytes: *mut ENTRYID,
        _: *const GUID,
        _: OpenEntryFlags,
        _: *mut u32,
        object: *mut *mut c_void,
    ) -> HRESULT {
        let more = called!(this, "IMAPIContainer::OpenEntry");
        // SAFETY: the caller's entry ID.
        match this.open(unsafe { id(count, bytes) }.as_bytes(), more) {
            // SAFETY: the caller's variable.
            Ok(opened) => unsafe { object.write(opened) },
            Err(status) => return status,
        }
        S_OK
    }
}

impl IMAPIFolder_Impl for Thing {
    unsafe fn CreateMessage(
        this: &Object<Self>,
        _: *const GUID,
        flags: CreateMessageFlags,
        message: *mut *mut c_void,
    ) -> HRESULT {
        called!(this, "CreateMessage");
        let folder = Arc::clone(&this.open);
        let home = if flags.contains(CreateMessageFlags::MAPI_ASSOCIATED) {
            Home::Hidden(folder)
        } else {
            Home::Folder(folder)
        };
        let item = this.world.item(Kind::Message);
        let created = ObjectRef::new(Thing::transacted(&this.world, &item, home));
        let created: IMessage = created.into_interface();
        // SAFETY: the caller's variable.
        unsafe { message.write(created.into_raw()) };
        S_OK
    }

    unsafe fn CopyMessages(
        this: &Object<Self>,
        list: *mut SBinaryArray,
        _: *const GUID,
        to: *mut c_void,
        _: usize,
        _: *mut c_void,
        flags: CopyMessagesFlags,
    ) -> HRESULT {
        called!(this, "CopyMessages");
        // SAFETY: the caller's folder.
        let to = match unsafe { own_item(&this.world, to) } {
            Ok(to) => to,
            Err(status) => return status,
        };
        let (taken, status) = this.take(list);
        if !flags.contains(CopyMessagesFlags::MESSAGE_MOVE) {
            lock(&this.open).messages.extend(taken.iter().cloned());
        }
        for item in taken {
            let arrived = match flags.contains(CopyMessagesFlags::MESSAGE_MOVE) {
                true => item,
                false => {
                    let copy = this.world.item(Kind::Message);
                    let state = lock(&item.saved).clone();
                    *lock(&copy.saved) = state;
                    lock(&copy.saved).set(Property::new(PR_ENTRYID, copy.entry_id()));
                    copy
                }
            };
            lock(&to.saved).messages.push(arrived);
        }
        status
    }

    unsafe fn DeleteMessages(
        this: &Object<Self>,
        list: *mut SBinaryArray,
        _: usize,
        _: *mut c_void,
        _: DeleteMessagesFlags,
    ) -> HRESULT {
        called!(this, "DeleteMessages");
        this.take(list).1
    }

    unsafe fn CreateFolder(
        this: &Object<Self>,
        _: u32,
        name: *mut TCHAR,
        _: *mut TCHAR,
        _: *const GUID,
        flags: CreateFolderFlags,
        folder: *mut *mut c_void,
    ) -> HRESULT {
        called!(this, "CreateFolder");
        // SAFETY: the caller's name.
        let name = unsafe { text(name) };
        let named = |item: &&Arc<Item>| {
            let state = lock(&item.saved);
            state
                .raw(PR_DISPLAY_NAME_W)
                .and_then(|value| value.to_text())
                == Some(name.clone())
        };
        let there = lock(&this.open).folders.iter().find(named).cloned();
        let item = match there {
            Some(item) if flags.contains(CreateFolderFlags::OPEN_IF_EXISTS) => item,
            Some(_) => return MAPI_E_COLLISION,
            None => this.world.folder(&this.item, &name),
        };
        let opened: IMAPIFolder =
            ObjectRef::new(Thing::direct(&this.world, &item)).into_interface();
        // SAFETY: the caller's variable.
        unsafe { folder.write(opened.into_raw()) };
        S_OK
    }

    unsafe fn CopyFolder(
        this: &Object<Self>,
        count: u32,
        bytes: *mut ENTRYID,
        _: *const GUID,
        to: *mut c_void,
        name: *mut TCHAR,
        _: usize,
        _: *mut c_void,
        _: CopyFolderFlags,
    ) -> HRESULT {
        called!(this, "CopyFolder");
        // SAFETY: the caller's entry ID.
        let id = unsafe { id(count, bytes) };
        // SAFETY: the caller's folder.
        let to = match unsafe { own_item(&this.world, to) } {
            Ok(to) => to,
            Err(status) => return status,
        };
        let mut open = lock(&this.open);
        let Some(place) = open.folders.iter().position(|folder| folder.is(&id)) else {
            return MAPI_E_NOT_FOUND;
        };
        let folder = open.folders.remove(place);
        drop(open);
        if !name.is_null() {
            // SAFETY: the caller's name.
            let name = unsafe { text(name) };
            let name = Property::new(PR_DISPLAY_NAME_W, &*name).into_owned();
            lock(&folder.saved).set(name);
        }
        lock(&to.saved).folders.push(folder);
        S_OK
    }

    unsafe fn DeleteFolder(
        this: &Object<Self>,
        count: u32,
        bytes: *mut ENTRYID,
        _: usize,
        _: *mut c_void,
        flags: DeleteFolderFlags,
    ) -> HRESULT {
        called!(this, "DeleteFolder");
        // SAFETY: the caller's entry ID.
        let id = unsafe { id(count, bytes) };
        let mut open = lock(&this.open);
        let Some(place) = open.folders.iter().position(|folder| folder.is(&id)) else {
            return MAPI_E_NOT_FOUND;
        };
        let messages = lock(&open.folders[place].saved).messages.len();
        if messages > 0 && !flags.contains(DeleteFolderFlags::DEL_MESSAGES) {
            return MAPI_E_HAS_MESSAGES;
        }
        open.folders.remove(place);
        S_OK
    }

    unsafe fn SetReadFlags(
        this: &Object<Self>,
        list: *mut SBinaryArray,
        _: usize,
        _: *mut c_void,
        flags: ReadFlags,
    ) -> HRESULT {
        called!(this, "SetReadFlags");
        let (taken, status) = this.take(list);
        for item in &taken {
            mark(&mut lock(&item.saved), flags);
        }
        lock(&this.open).messages.extend(taken);
        status
    }

    unsafe fn EmptyFolder(
        this: &Object<Self>,
        _: usize,
        _: *mut c_void,
        _: EmptyFolderFlags,
    ) -> HRESULT {
        called!(this, "EmptyFolder");
        let mut open = lock(&this.open);
        open.messages.clear();
        open.folders.clear();
        S_OK
    }
}

/// The item of a folder of ours, by its entry ID: one call more, which may lie.
///
/// # Safety
///
/// It is NULL or an IMAPIFolder.
unsafe fn own_item(world: &World, folder: *mut c_void) -> Result<Arc<Item>, HRESULT> {
    // SAFETY: the caller's word.
    let folder = unsafe { IMAPIFolder::from_raw_borrowed(&folder) };
    let folder = folder.ok_or(MAPI_E_INVALID_PARAMETER)?;
    let tags = world.allocators.build(&PropTags::from(&[PR_ENTRYID][..]))?;
    let (mut count, mut values) = (0, ptr::null_mut());
    // SAFETY: the array is one, and the variables are live.
    let result = unsafe {
        let (count, values) = (&raw mut count, &raw mut values);
        folder.GetProps(tags.as_ptr(), UnicodeFlags::empty(), count, values)
    };
    if result.is_err() {
        return Err(result);
    }
    // SAFETY: our own answer.
    let values = unsafe { world.allocators.adopt(values, count) };
    let values = values.filter(|_| count == 1).ok_or(MAPI_E_NO_SUPPORT)?;
    let property: Property<'_> = values.read(&Limits::default())?;
    let id = property.value.as_binary().ok_or(MAPI_E_NO_SUPPORT)?;
    world.find(id).ok_or(MAPI_E_NOT_FOUND)
}

/// Marks a message as read or unread.
fn mark(state: &mut State, flags: ReadFlags) {
    let old = state
        .raw(PR_MESSAGE_FLAGS)
        .and_then(|value| value.as_long());
    let mut new = MessageFlags::from_bits_retain(old.unwrap_or_default() as u32);
    new.set(
        MessageFlags::READ,
        !flags.contains(ReadFlags::CLEAR_READ_FLAG),
    );
    state.set(Property::new(PR_MESSAGE_FLAGS, new.bits() as i32));
}

impl IMessage_Impl for Thing {
    unsafe fn GetAttachmentTable(
        this: &Object<Self>,
        _: GetAttachmentTableFlags,
        table: *mut *mut c_void,
    ) -> HRESULT {
        called!(this, "GetAttachmentTable");
        let open = lock(&this.open);
        let rows = open
            .attachments
            .iter()
            .map(|(_, item)| lock(&item.saved).clone());
        // SAFETY: the caller's variable.
        unsafe { table.write(this.table(&[PR_ATTACH_NUM], rows.collect())) };
        S_OK
    }

    unsafe fn OpenAttach(
        this: &Object<Self>,
        number: u32,
        _: *const GUID,
        _: OpenAttachFlags,
        attachment: *mut *mut c_void,
    ) -> HRESULT {
        called!(this, "OpenAttach");
        let open = lock(&this.open);
        let found = open.attachments.iter().find(|(other, _)| *other == number);
        let Some((_, item)) = found else {
            return MAPI_E_NOT_FOUND;
        };
        let home = Home::Attached(Arc::clone(&this.open), number);
        let opened = ObjectRef::new(Thing::transacted(&this.world, item, home));
        let opened: IAttach = opened.into_interface();
        // SAFETY: the caller's variable.
        unsafe { attachment.write(opened.into_raw()) };
        S_OK
    }

    unsafe fn CreateAttach(
        this: &Object<Self>,
        _: *const GUID,
        _: CreateAttachFlags,
        number: *mut u32,
        attachment: *mut *mut c_void,
    ) -> HRESULT {
        called!(this, "CreateAttach");
        let mut open = lock(&this.open);
        let new = open.ever;
        open.ever += 1;
        let home = Home::Attached(Arc::clone(&this.open), new);
        let item = this.world.item(Kind::Attachment);
        let created = ObjectRef::new(Thing::transacted(&this.world, &item, home));
        let created: IAttach = created.into_interface();
        // SAFETY: the caller's variables.
        unsafe {
            number.write(new);
            attachment.write(created.into_raw());
        }
        S_OK
    }

    unsafe fn DeleteAttach(
        this: &Object<Self>,
        number: u32,
        _: usize,
        _: *mut c_void,
        _: DeleteAttachFlags,
    ) -> HRESULT {
        called!(this, "DeleteAttach");
        let attachments = &mut lock(&this.open).attachments;
        let before = attachments.len();
        attachments.retain(|(other, _)| *other != number);
        if attachments.len() < before {
            S_OK
        } else {
            MAPI_E_NOT_FOUND
        }
    }

    unsafe fn GetRecipientTable(
        this: &Object<Self>,
        _: GetRecipientTableFlags,
        table: *mut *mut c_void,
    ) -> HRESULT {
        called!(this, "GetRecipientTable");
        let recipients = lock(&this.open).recipients.clone();
        let rows = recipients.into_iter().map(|row| {
            let mut state = State::default();
            row.properties.into_iter().for_each(|one| state.set(one));
            state
        });
        // SAFETY: the caller's variable.
        unsafe { table.write(this.table(&[PR_ROWID], rows.collect())) };
        S_OK
    }

    unsafe fn ModifyRecipients(
        this: &Object<Self>,
        flags: ModifyRecipientsFlags,
        list: *mut ADRLIST,
    ) -> HRESULT {
        let more = called!(this, "ModifyRecipients");
        // SAFETY: the caller's list.
        let entries = unsafe { view::read::<AddressList>(list, &Limits::default()) };
        let Ok(AddressList(entries)) = entries else {
            return MAPI_E_INVALID_PARAMETER;
        };
        if more {
            // SAFETY: the caller's list.
            unsafe { (&raw mut (*list).cEntries).write_unaligned(7) };
        }
        let mut open = lock(&this.open);
        if flags.contains(ModifyRecipientsFlags::MODRECIP_REMOVE) {
            let named = |row: &Row<'_>| {
                let id = row.get(PR_ROWID);
                entries.iter().any(|entry| entry.get(PR_ROWID) == id)
            };
            open.recipients.retain(|row| !named(row));
            return S_OK;
        }
        if !flags.contains(ModifyRecipientsFlags::MODRECIP_ADD) {
            open.recipients.clear();
        }
        for entry in entries {
            let mut row = entry.into_owned();
            row.properties
                .push(Property::new(PR_ROWID, open.ever as i32));
            open.ever += 1;
            open.recipients.push(row);
        }
        S_OK
    }

    unsafe fn SetReadFlag(this: &Object<Self>, flags: ReadFlags) -> HRESULT {
        called!(this, "SetReadFlag");
        mark(&mut lock(&this.open), flags);
        mark(&mut lock(&this.item.saved), flags);
        S_OK
    }
}

impl IAttach_Impl for Thing {}
