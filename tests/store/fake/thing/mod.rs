//! Stores, folders, messages and attachments: one class for all of them.

mod folder;
mod message;
mod property;
mod store;

use std::ffi::c_void;
use std::sync::{Arc, Mutex};

use mapi_provider::MapiObject;
use mapi_provider::abi::*;
use mapi_provider::object::ObjectRef;
use mapi_provider::view::{self, DescribedError, EntryId, EntryList, Limits, Property};
use windows_core::Interface;

pub(crate) use self::property::NO_STREAM;
use super::data::size;
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
    /// Its state for whoever has opened it; for a store or folder, its real state.
    open: Arc<Mutex<State>>,
    /// Where it is saved.
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

use {called, give};

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

    /// Removes the messages of a list from the folder, and returns whether all were
    /// there.
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
