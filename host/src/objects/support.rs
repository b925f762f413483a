//! The support object of a logon.

use std::ffi::c_void;
use std::sync::{Arc, Mutex};
use std::{ptr, slice};

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    ADRENTRY, ADRLIST, ALLOCATEBUFFER, ALLOCATEMORE, CreateOneOffFlags, ENTRYID, FREEBUFFER,
    IMAPIAdviseSink, IMAPIProp, IMAPISupport, IMAPISupport_Impl, IMAPITable, LOGOFF_ORDERLY,
    LogoffFlags, MAPI_E_INVALID_ENTRYID, MAPI_E_INVALID_PARAMETER, MAPI_E_NOT_FOUND,
    MAPI_E_USER_CANCEL, MAPI_W_CANCEL_MESSAGE, MAPIERROR, MAPIUID, ModifyStatusRowFlags,
    NOTIFICATION, NOTIFKEY, NotificationEvents, NotifyFlags, OpenProfileSectionFlags, S_OK,
    SPropValue, SpoolerNotifyFlags, SubscribeFlags, TCHAR, UnicodeFlags,
};
use mapi_provider::object::{Object, ObjectRef};
use windows_core::{HRESULT, Interface};

use super::record::SupportState;
use super::registry::{Kind, Live};
use super::section::ProfileSection;
use super::shared::Shared;
use crate::locks::lock;
use crate::profile::SectionUid;
use crate::property::{Property, bytes_until_nul, wide_text};
use crate::sheet::{self, SheetAnswer};

/// Where a wrapped entry ID begins: flags, then MAPI's own UID for them.
const WRAPPED: &[u8; 20] = b"\0\0\0\0host's wrapping\0";

/// Where an entry ID begins that `CreateOneOff` has made; names, types and addresses follow.
const ONE_OFF: &[u8; 22] = b"\0\0\0\0the host's one-off";

/// `IMAPISupport`: what MAPI does for a store. Notifications reach all subscribers before `Notify`
/// returns; anything that needs a spooler or an address book is not supported.
///
/// As MAPI does, it keeps the logon object, and its last `Release` logs it off and releases it.
#[derive(MapiObject)]
#[mapi(implements(IMAPISupport))]
pub struct Support {
    shared: Arc<Shared>,
    state: Arc<SupportState>,
    /// The section that a NULL name opens.
    own: SectionUid,
    /// Subscriptions that nobody has ended: they end with this object.
    connections: Mutex<Vec<usize>>,
    _live: Live,
}

impl Support {
    pub(crate) fn open(
        shared: &Arc<Shared>,
        own: SectionUid,
        state: Arc<SupportState>,
    ) -> ObjectRef<Self> {
        let live = shared.registry.live(Kind::Support);
        ObjectRef::new(Self {
            shared: Arc::clone(shared),
            state,
            own,
            connections: Mutex::default(),
            _live: live,
        })
    }
}

impl Drop for Support {
    fn drop(&mut self) {
        for connection in std::mem::take(&mut *lock(&self.connections)) {
            self.shared.subscriptions.remove(connection);
        }
        if let Some(logon) = self.state.take_logon() {
            let mut flags = LOGOFF_ORDERLY;
            // SAFETY: the place for the flags is a local. Nothing depends on what it answers.
            let _ = unsafe { logon.Logoff(&mut flags) };
            self.state
                .note(|record| record.logoff = Some((LOGOFF_ORDERLY, flags)));
        }
        self.state.note(|record| record.released = true);
    }
}

impl IMAPISupport_Impl for Support {
    unsafe fn GetLastError(
        _: &Object<Self>,
        _: HRESULT,
        _: UnicodeFlags,
        _: *mut *mut MAPIERROR,
    ) -> HRESULT {
        S_OK // COM-08: nothing to say.
    }

    unsafe fn GetMemAllocRoutines(
        this: &Object<Self>,
        allocate_buffer: *mut Option<ALLOCATEBUFFER>,
        allocate_more: *mut Option<ALLOCATEMORE>,
        free_buffer: *mut Option<FREEBUFFER>,
    ) -> HRESULT {
        if allocate_buffer.is_null() || allocate_more.is_null() || free_buffer.is_null() {
            return MAPI_E_INVALID_PARAMETER;
        }
        let allocators = &this.shared.allocators;
        // SAFETY: not NULL, so the caller's to be written to.
        unsafe {
            *allocate_buffer = Some(allocators.allocate_buffer());
            *allocate_more = Some(allocators.allocate_more());
            *free_buffer = Some(allocators.free_buffer());
        }
        S_OK
    }

    unsafe fn Subscribe(
        this: &Object<Self>,
        key: *mut NOTIFKEY,
        events: NotificationEvents,
        _flags: SubscribeFlags,
        sink: *mut c_void,
        connection: *mut usize,
    ) -> HRESULT {
        // SAFETY: the caller answers for the key and the sink, which the thunk has found not NULL.
        let (key, sink) = unsafe {
            (
                notification_key(key),
                IMAPIAdviseSink::from_raw_borrowed(&sink).cloned(),
            )
        };
        let (Some(key), Some(sink)) = (key, sink) else {
            return MAPI_E_INVALID_PARAMETER;
        };
        this.state.note(|record| record.subscriptions += 1);
        // Every sink hears of it before Notify returns, as with NOTIFY_SYNC, so tests need not
        // wait.
        let number = this.shared.subscriptions.add(key, events, sink);
        lock(&this.connections).push(number);
        // SAFETY: the thunk has checked that it is not NULL.
        unsafe { *connection = number };
        S_OK
    }

    unsafe fn Unsubscribe(this: &Object<Self>, connection: usize) -> HRESULT {
        lock(&this.connections).retain(|one| *one != connection);
        if !this.shared.subscriptions.remove(connection) {
            return MAPI_E_NOT_FOUND;
        }
        this.state.note(|record| record.unsubscriptions += 1);
        S_OK
    }

    unsafe fn Notify(
        this: &Object<Self>,
        key: *mut NOTIFKEY,
        count: u32,
        notifications: *mut NOTIFICATION,
        flags: *mut NotifyFlags,
    ) -> HRESULT {
        // SAFETY: the caller answers for the key.
        let key = unsafe { notification_key(key) };
        let Some(key) = key.filter(|_| !notifications.is_null()) else {
            return MAPI_E_INVALID_PARAMETER;
        };
        this.state.note(|record| record.notifications += 1);
        // SAFETY: the caller answers for as many notifications; the flags are NULL or the caller's.
        unsafe {
            let notifications = slice::from_raw_parts(notifications, count as usize);
            this.shared.subscriptions.notify(&key, notifications);
            if !flags.is_null() {
                *flags = NotifyFlags::empty();
            }
        }
        S_OK
    }

    unsafe fn ModifyStatusRow(
        this: &Object<Self>,
        count: u32,
        columns: *mut SPropValue,
        flags: ModifyStatusRowFlags,
    ) -> HRESULT {
        // SAFETY: the caller answers for the columns.
        let row = unsafe { Property::read_all(count, columns) };
        this.state.note(|record| {
            record.status_rows.push(row.into_iter().flatten().collect());
            record.status_row_flags.push(flags);
        });
        let on_row = lock(&this.state.spooler.on_row).clone();
        if let Some(on_row) = on_row {
            on_row();
        }
        let fails = *lock(&this.state.spooler.row_fails);
        fails.unwrap_or(S_OK)
    }

    unsafe fn SpoolerNotify(
        this: &Object<Self>,
        flags: SpoolerNotifyFlags,
        _data: *mut c_void,
    ) -> HRESULT {
        this.state
            .note(|record| record.spooler_notifications.push(flags));
        S_OK
    }

    unsafe fn SpoolerYield(this: &Object<Self>, _flags: u32) -> HRESULT {
        this.state.note(|record| record.yields += 1);
        let on_yield = lock(&this.state.spooler.on_yield).clone();
        match on_yield.is_some_and(|on_yield| on_yield()) {
            true => MAPI_W_CANCEL_MESSAGE,
            false => S_OK,
        }
    }

    unsafe fn StatusRecips(
        this: &Object<Self>,
        message: *mut c_void,
        list: *mut ADRLIST,
    ) -> HRESULT {
        if message.is_null() || list.is_null() {
            return MAPI_E_INVALID_PARAMETER;
        }
        let fails = *lock(&this.state.spooler.report_fails);
        if let Some(status) = fails {
            return status;
        }
        // SAFETY: the caller answers for the list, which is MAPI's from now on.
        let rows = unsafe { read_list(list) };
        this.state.note(|record| record.reports.push(rows));
        // SAFETY: as above: each entry is an allocation, and the list is one.
        unsafe { free_list(&this.shared, list) };
        S_OK
    }

    unsafe fn CreateOneOff(
        this: &Object<Self>,
        name: *mut TCHAR,
        kind: *mut TCHAR,
        address: *mut TCHAR,
        flags: CreateOneOffFlags,
        size: *mut u32,
        entry: *mut *mut ENTRYID,
    ) -> HRESULT {
        if !flags.contains(CreateOneOffFlags::MAPI_UNICODE) || size.is_null() || entry.is_null() {
            return MAPI_E_INVALID_PARAMETER;
        }
        // SAFETY: the caller answers for the strings.
        let texts = unsafe { [name, kind, address].map(|text| wide_text(text.cast())) };
        let [Some(name), Some(kind), Some(address)] = texts else {
            return MAPI_E_INVALID_PARAMETER;
        };
        let texts = [name, kind, address];
        let id = [ONE_OFF.as_slice(), texts.join("\0").as_bytes()].concat();
        this.state.note(|record| record.one_offs.push(texts));
        let ledger = this.shared.allocators.ledger();
        match ledger.host_buffer(id.len(), "IMAPISupport::CreateOneOff") {
            Ok(buffer) => {
                // SAFETY: the buffer is as long as the ID; the places are not NULL.
                unsafe {
                    ptr::copy_nonoverlapping(id.as_ptr(), buffer.as_ptr(), id.len());
                    *size = id.len() as u32;
                    *entry = buffer.as_ptr().cast();
                }
                S_OK
            }
            Err(status) => status,
        }
    }

    unsafe fn OpenProfileSection(
        this: &Object<Self>,
        uid: *mut MAPIUID,
        flags: OpenProfileSectionFlags,
        out: *mut *mut c_void,
    ) -> HRESULT {
        // SAFETY: a UID, or NULL.
        let uid = unsafe { uid.as_ref() }.map_or(this.own, |uid| SectionUid(uid.ab));
        // SAFETY: the caller answers for the place for the section.
        unsafe { ProfileSection::open_into(&this.shared, uid, flags, out) }
    }

    unsafe fn MakeInvalid(
        this: &Object<Self>,
        _flags: u32,
        _object: *mut c_void,
        _references: u32,
        _methods: u32,
    ) -> HRESULT {
        this.state.note(|record| record.invalidated += 1);
        S_OK
    }

    unsafe fn SetProviderUID(this: &Object<Self>, uid: *mut MAPIUID, _flags: u32) -> HRESULT {
        // SAFETY: a UID, or NULL.
        let Some(uid) = (unsafe { uid.as_ref() }) else {
            return MAPI_E_INVALID_PARAMETER;
        };
        this.state.note(|record| record.provider_uids.push(uid.ab));
        S_OK
    }

    unsafe fn CompareEntryIDs(
        _: &Object<Self>,
        count1: u32,
        entry1: *mut ENTRYID,
        count2: u32,
        entry2: *mut ENTRYID,
        _flags: u32,
        result: *mut u32,
    ) -> HRESULT {
        if result.is_null() {
            return MAPI_E_INVALID_PARAMETER;
        }
        // SAFETY: the caller answers for the entry IDs, and the result's place is not NULL.
        unsafe { *result = u32::from(entry_id(count1, entry1) == entry_id(count2, entry2)) };
        S_OK
    }

    unsafe fn DoConfigPropsheet(
        this: &Object<Self>,
        window: usize,
        _flags: u32,
        title: *mut TCHAR,
        table: *mut c_void,
        data: *mut c_void,
        top_page: u32,
    ) -> HRESULT {
        // SAFETY: the caller answers for the title and the objects.
        let (title, table, data) = unsafe {
            (
                bytes_until_nul(title),
                IMAPITable::from_raw_borrowed(&table),
                IMAPIProp::from_raw_borrowed(&data),
            )
        };
        let (Some(title), Some(table), Some(data)) = (title, table, data) else {
            return MAPI_E_INVALID_PARAMETER;
        };
        let allocators = this.shared.allocators.for_views();
        let sheet = match sheet::read(&title, window, top_page, (table, data), allocators) {
            Ok(sheet) => sheet,
            Err(wrong) => {
                let what = format!("the sheet of DoConfigPropsheet can't be shown: {wrong}");
                this.shared.violated("ENTRY-14", what);
                return MAPI_E_INVALID_PARAMETER;
            }
        };
        match this.shared.player.answer(&sheet) {
            SheetAnswer::Ok(entered) => {
                sheet::give(data, &entered, allocators);
                S_OK
            }
            SheetAnswer::Cancel => MAPI_E_USER_CANCEL,
            SheetAnswer::Fail(status) => status,
        }
    }

    unsafe fn StoreLogoffTransports(this: &Object<Self>, flags: *mut LogoffFlags) -> HRESULT {
        // SAFETY: the caller's flags, or NULL.
        let Some(flags) = (unsafe { flags.as_ref() }) else {
            return MAPI_E_INVALID_PARAMETER;
        };
        this.state
            .note(|record| record.logoff_transports.push(*flags));
        S_OK
    }

    unsafe fn WrapStoreEntryID(
        this: &Object<Self>,
        count: u32,
        entry: *mut ENTRYID,
        wrapped_count: *mut u32,
        wrapped: *mut *mut ENTRYID,
    ) -> HRESULT {
        if wrapped_count.is_null() || wrapped.is_null() {
            return MAPI_E_INVALID_PARAMETER;
        }
        // SAFETY: the caller answers for the entry ID.
        let Some(entry) = (unsafe { entry_id(count, entry) }) else {
            return MAPI_E_INVALID_ENTRYID;
        };
        let whole = [WRAPPED.as_slice(), &entry].concat();
        match this
            .shared
            .allocators
            .ledger()
            .host_buffer(whole.len(), "IMAPISupport::WrapStoreEntryID")
        {
            Ok(buffer) => {
                // SAFETY: the buffer is as long as the ID; the places are not NULL.
                unsafe {
                    ptr::copy_nonoverlapping(whole.as_ptr(), buffer.as_ptr(), whole.len());
                    *wrapped_count = whole.len() as u32;
                    *wrapped = buffer.as_ptr().cast();
                }
                S_OK
            }
            Err(status) => status,
        }
    }
}

/// The rows of a list of recipients.
///
/// # Safety
///
/// The list has as many entries as it says, and they as many properties.
pub(crate) unsafe fn read_list(list: *const ADRLIST) -> Vec<Vec<Property>> {
    // SAFETY: the caller's word; the entries follow the count.
    let entries = unsafe { list_entries(list) };
    let rows = entries.iter().map(|entry| {
        // SAFETY: the caller's word.
        let row = unsafe { Property::read_all(entry.cValues, entry.rgPropVals) };
        row.into_iter().flatten().collect()
    });
    rows.collect()
}

/// # Safety
///
/// As for `read_list`.
unsafe fn list_entries<'a>(list: *const ADRLIST) -> &'a [ADRENTRY] {
    // SAFETY: the caller's word.
    unsafe {
        let count = (*list).cEntries as usize;
        slice::from_raw_parts((&raw const (*list).aEntries).cast::<ADRENTRY>(), count)
    }
}

/// # Safety
///
/// As for `read_list`, and the memory is MAPI's.
unsafe fn free_list(shared: &Shared, list: *mut ADRLIST) {
    // SAFETY: the caller's word.
    unsafe {
        for entry in list_entries(list) {
            shared.allocators.free(entry.rgPropVals.cast());
        }
        shared.allocators.free(list.cast());
    }
}

/// The bytes of a key; none for NULL.
///
/// # Safety
///
/// NULL, or a key with as many bytes as it says.
unsafe fn notification_key(key: *const NOTIFKEY) -> Option<Vec<u8>> {
    if key.is_null() {
        return None;
    }
    // SAFETY: the caller's word; the bytes follow the count.
    unsafe {
        let count = (&raw const (*key).cb).read_unaligned() as usize;
        let first = (&raw const (*key).ab).cast::<u8>();
        Some(slice::from_raw_parts(first, count).to_vec())
    }
}

/// The bytes of an entry ID; none for NULL or if it is too short to be one.
///
/// # Safety
///
/// The pointer is NULL or to that many bytes.
unsafe fn entry_id(count: u32, entry: *const ENTRYID) -> Option<Vec<u8>> {
    if entry.is_null() || (count as usize) < size_of::<[u8; 4]>() {
        return None;
    }
    // SAFETY: the caller's word.
    Some(unsafe { std::slice::from_raw_parts(entry.cast::<u8>(), count as usize) }.to_vec())
}
