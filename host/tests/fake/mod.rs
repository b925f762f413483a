//! A provider written by hand, without the runtime, that makes the mistakes it is told to make: by the
//! flags of its initialisation, the only thing that an entry point without a context passes on.
#![allow(
    clippy::undocumented_unsafe_blocks,
    reason = "what MAPI gives is what its pages say; the tests are about the host"
)]
#![allow(dead_code, reason = "each test uses a part of it")]

use std::ffi::c_void;
use std::ptr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use mapi_provider::MapiObject;
use mapi_provider::abi::*;
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider::platform::Event;
use mapi_provider_host::{Host, InitOptions, Profile, Provider, ProviderLibrary};
use windows_core::{GUID, HRESULT, IUnknown, Interface};

/// What the provider does wrong.
pub(crate) const LEAK_MEMORY: u32 = 1 << 0;
pub(crate) const DOUBLE_FREE: u32 = 1 << 1;
pub(crate) const OVERRUN: u32 = 1 << 2;
pub(crate) const LEAK_SECTION: u32 = 1 << 3;
pub(crate) const LEAK_SESSION: u32 = 1 << 4;
pub(crate) const FAIL_LOGON: u32 = 1 << 5;
pub(crate) const KEEP_STORE: u32 = 1 << 7;
pub(crate) const NO_EVENT: u32 = 1 << 8;
pub(crate) const FAIL_SYNC_DIRTY: u32 = 1 << 9;
pub(crate) const EARLY_EVENT: u32 = 1 << 10;
pub(crate) const WRONG_VERSION: u32 = 1 << 11;
pub(crate) const NO_DONE: u32 = 1 << 12;
/// The run goes on until `StoreLogoff` cancels it, and says nothing meanwhile.
pub(crate) const SILENT: u32 = 1 << 13;
/// The run goes on until `Progress` answers with a cancellation.
pub(crate) const ENDLESS: u32 = 1 << 14;
/// The run goes on whatever happens.
pub(crate) const HANG: u32 = 1 << 15;
pub(crate) const FAIL_RUN: u32 = 1 << 16;
pub(crate) const LEAK_CALLBACK: u32 = 1 << 17;
pub(crate) const FAIL_INIT: u32 = 1 << 18;
pub(crate) const NO_STORE: u32 = 1 << 19;
pub(crate) const LEAK_SUPPORT: u32 = 1 << 20;
pub(crate) const FAIL_SHUTDOWN: u32 = 1 << 21;

/// A host that runs the provider, with an empty profile.
pub(crate) fn host() -> Host {
    let library = ProviderLibrary::from_functions(init, Some(service_entry));
    Host::new(library, Profile::in_memory()).expect("a free set of allocators")
}

/// The provider, doing the wrong things that `flags` name.
pub(crate) fn provider(host: &Host, flags: u32) -> Provider {
    host.init_with(InitOptions {
        flags,
        ..InitOptions::default()
    })
    .expect("initialised")
}

#[derive(Clone, Copy)]
struct Memory {
    allocate: ALLOCATEBUFFER,
    more: ALLOCATEMORE,
    free: FREEBUFFER,
}

impl Memory {
    fn buffer(&self, size: u32) -> *mut u8 {
        let mut out = ptr::null_mut();
        unsafe { (self.allocate)(size, &mut out) };
        out.cast()
    }

    fn error(&self, text: &str) -> *mut MAPIERROR {
        let root = self
            .buffer(size_of::<MAPIERROR>() as u32)
            .cast::<MAPIERROR>();
        let wide: Vec<u16> = text.encode_utf16().chain([0]).collect();
        let mut child = ptr::null_mut();
        unsafe {
            (self.more)(size_of_val(&wide[..]) as u32, root.cast(), &mut child);
            ptr::copy_nonoverlapping(wide.as_ptr(), child.cast(), wide.len());
            root.write(MAPIERROR {
                ulVersion: 0,
                lpszError: child.cast(),
                lpszComponent: ptr::null_mut(),
                ulLowLevelError: 0,
                ulContext: 0,
            });
        }
        root
    }
}

pub(crate) unsafe extern "C" fn init(
    _instance: *mut c_void,
    _malloc: *mut c_void,
    allocate: Option<ALLOCATEBUFFER>,
    more: Option<ALLOCATEMORE>,
    free: Option<FREEBUFFER>,
    flags: u32,
    _version: u32,
    provider_version: *mut u32,
    out: *mut *mut c_void,
) -> HRESULT {
    let (Some(allocate), Some(more), Some(free)) = (allocate, more, free) else {
        return MAPI_E_INVALID_PARAMETER;
    };
    unsafe {
        *provider_version = if flags & WRONG_VERSION != 0 {
            7
        } else {
            CURRENT_SPI_VERSION
        }
    };
    if flags & FAIL_INIT != 0 {
        return MAPI_E_VERSION;
    }
    let memory = Memory {
        allocate,
        more,
        free,
    };
    let provider = ObjectRef::new(FakeProvider { flags, memory });
    unsafe { *out = provider.into_interface::<IMSProvider>().into_raw() };
    S_OK
}

/// Writes what it is given to the provider's section; a property 0x66FF makes it fail with a text.
pub(crate) unsafe extern "system" fn service_entry(
    _instance: *mut c_void,
    _malloc: *mut c_void,
    support: *mut c_void,
    _window: usize,
    _flags: u32,
    context: u32,
    count: u32,
    properties: *mut SPropValue,
    admin: *mut c_void,
    error: *mut *mut MAPIERROR,
) -> HRESULT {
    unsafe {
        let (Some(support), Some(admin)) = (
            IMAPISupport::from_raw_borrowed(&support),
            IProviderAdmin::from_raw_borrowed(&admin),
        ) else {
            return S_OK;
        };
        if context != MSG_SERVICE_CONFIGURE || count == 0 {
            return S_OK;
        }
        let (mut allocate, mut more, mut free) = (None, None, None);
        assert!(
            support
                .GetMemAllocRoutines(&mut allocate, &mut more, &mut free)
                .is_ok()
        );
        let memory = Memory {
            allocate: allocate.unwrap(),
            more: more.unwrap(),
            free: free.unwrap(),
        };
        for index in 0..count as usize {
            if (*properties.add(index)).ulPropTag.id() == 0x66FF {
                *error = memory.error("setting `server` is missing");
                return MAPI_E_UNCONFIGURED;
            }
        }
        let mut uid = MAPIUID {
            ab: *b"host's provider\0",
        };
        let mut section = ptr::null_mut();
        let status = admin.OpenProfileSection(
            &mut uid,
            ptr::null(),
            OpenProfileSectionFlags::MAPI_MODIFY,
            &mut section,
        );
        if status.is_err() {
            return status;
        }
        let section = IProfSect::from_raw(section);
        let status = section.SetProps(count, properties, ptr::null_mut());
        if status.is_ok() {
            section.SaveChanges(SaveChangesFlags::empty())
        } else {
            status
        }
    }
}

/// Never releases an object; it is kept where a leak checker sees that this is on purpose.
fn keep(object: impl Interface) {
    static KEPT: Mutex<Vec<usize>> = Mutex::new(Vec::new());
    KEPT.lock().unwrap().push(object.into_raw() as usize);
}

#[derive(MapiObject)]
#[mapi(implements(IMSProvider, IMAPIProviderShutdown))]
struct FakeProvider {
    flags: u32,
    memory: Memory,
}

impl FakeProvider {
    /// Does to memory what the flags say.
    fn play_with_memory(&self) {
        let free = |buffer: *mut u8| unsafe { (self.memory.free)(buffer.cast()) };
        if self.flags & LEAK_MEMORY != 0 {
            self.memory.buffer(40);
        }
        if self.flags & DOUBLE_FREE != 0 {
            let buffer = self.memory.buffer(4);
            free(buffer);
            free(buffer);
        }
        if self.flags & OVERRUN != 0 {
            let buffer = self.memory.buffer(4);
            unsafe { *buffer.add(4) = 1 };
            free(buffer);
        }
    }

    fn log_on(
        &self,
        support: *mut c_void,
        error: *mut *mut MAPIERROR,
        logon: *mut *mut c_void,
        store: *mut *mut c_void,
    ) -> HRESULT {
        self.play_with_memory();
        if self.flags & FAIL_LOGON != 0 {
            unsafe { *error = self.memory.error("the server is away") };
            return MAPI_E_FAILONEPROVIDER;
        }
        if self.flags & NO_STORE != 0 {
            return S_OK;
        }
        let support = unsafe { IMAPISupport::from_raw_borrowed(&support) }
            .expect("a support object")
            .clone();
        let mut section = ptr::null_mut();
        unsafe {
            let status = support.OpenProfileSection(
                ptr::null_mut(),
                OpenProfileSectionFlags::MAPI_MODIFY,
                &mut section,
            );
            if status.is_err() {
                return status;
            }
            let section = IProfSect::from_raw(section);
            if self.flags & LEAK_SECTION != 0 {
                keep(section);
            }
            if self.flags & LEAK_SUPPORT != 0 {
                keep(support.clone());
            }
            *logon = ObjectRef::new(FakeLogon)
                .into_interface::<IMSLogon>()
                .into_raw();
        }
        let fake = ObjectRef::new(FakeStore {
            flags: self.flags,
            support,
            logoff: Mutex::new(LogoffFlags::LOGOFF_ABORT),
            cancelled: std::sync::Arc::new(AtomicBool::new(false)),
        });
        if self.flags & KEEP_STORE != 0 {
            keep(fake.clone().into_unknown());
        }
        unsafe { *store = fake.into_interface::<IMsgStore>().into_raw() };
        S_OK
    }
}

impl IMSProvider_Impl for FakeProvider {
    unsafe fn Shutdown(this: &Object<Self>, _flags: *mut u32) -> HRESULT {
        if this.flags & FAIL_SHUTDOWN != 0 {
            MAPI_E_BUSY
        } else {
            S_OK
        }
    }

    unsafe fn Logon(
        this: &Object<Self>,
        support: *mut c_void,
        _window: usize,
        _profile_name: *mut TCHAR,
        _entry_count: u32,
        _entry_id: *mut ENTRYID,
        _flags: StoreLogonFlags,
        _interface: *const GUID,
        security_count: *mut u32,
        security: *mut *mut u8,
        error: *mut *mut MAPIERROR,
        logon: *mut *mut c_void,
        store: *mut *mut c_void,
    ) -> HRESULT {
        let status = this.log_on(support, error, logon, store);
        if status.is_ok() {
            unsafe {
                *security = this.memory.buffer(3);
                *security_count = 3;
            }
        }
        status
    }

    unsafe fn SpoolerLogon(
        this: &Object<Self>,
        support: *mut c_void,
        _window: usize,
        _profile_name: *mut TCHAR,
        _entry_count: u32,
        _entry_id: *mut ENTRYID,
        _flags: StoreLogonFlags,
        _interface: *const GUID,
        _security_count: u32,
        _security: *mut u8,
        error: *mut *mut MAPIERROR,
        logon: *mut *mut c_void,
        store: *mut *mut c_void,
    ) -> HRESULT {
        this.log_on(support, error, logon, store)
    }
}

impl IMAPIProviderShutdown_Impl for FakeProvider {
    unsafe fn QueryFastShutdown(_: &Object<Self>) -> HRESULT {
        S_OK
    }

    unsafe fn NotifyProcessShutdown(_: &Object<Self>) -> HRESULT {
        S_OK
    }

    unsafe fn DoFastShutdown(this: &Object<Self>) -> HRESULT {
        if this.flags & FAIL_SHUTDOWN != 0 {
            MAPI_E_BUSY
        } else {
            S_OK
        }
    }
}

#[derive(MapiObject)]
#[mapi(implements(IMSLogon))]
struct FakeLogon;

impl IMSLogon_Impl for FakeLogon {
    unsafe fn Logoff(_: &Object<Self>, flags: *mut u32) -> HRESULT {
        unsafe { *flags = LOGOFF_COMPLETE };
        S_OK
    }
}

#[derive(MapiObject)]
#[mapi(implements(IMsgStore, IMAPISync))]
struct FakeStore {
    flags: u32,
    support: IMAPISupport,
    logoff: Mutex<LogoffFlags>,
    cancelled: std::sync::Arc<AtomicBool>,
}

impl Drop for FakeStore {
    fn drop(&mut self) {
        let mut flags = *self.logoff.lock().unwrap();
        let _ = unsafe { self.support.StoreLogoffTransports(&mut flags) };
    }
}

impl IMAPIProp_Impl for FakeStore {}

impl IMsgStore_Impl for FakeStore {
    unsafe fn StoreLogoff(this: &Object<Self>, flags: *mut LogoffFlags) -> HRESULT {
        *this.logoff.lock().unwrap() = unsafe { *flags };
        this.cancelled.store(true, Ordering::Relaxed);
        unsafe { *flags = LogoffFlags::LOGOFF_COMPLETE };
        S_OK
    }
}

impl IMAPISync_Impl for FakeStore {
    unsafe fn SynchronizeInBackground(this: &Object<Self>, arguments: *mut MAPISIB) -> HRESULT {
        let arguments = unsafe { &*arguments };
        if this.flags & FAIL_SYNC_DIRTY != 0 {
            unsafe { *arguments.phSyncDoneEvent = ptr::dangling_mut() };
            return MAPI_E_NOT_ENOUGH_RESOURCES;
        }
        if this.flags & NO_EVENT != 0 {
            unsafe { *arguments.phSyncDoneEvent = ptr::null_mut() };
            return S_OK;
        }
        let (session, callback) = unsafe {
            (
                IUnknown::from_raw_borrowed(&arguments.psesSync)
                    .map(|session| session.cast::<IMAPISession>().unwrap()),
                IUnknown::from_raw_borrowed(&arguments.punkCallBack)
                    .and_then(|callback| callback.cast().ok()),
            )
        };
        if this.flags & LEAK_SESSION != 0 {
            session.clone().into_iter().for_each(keep);
        }
        let event = Event::create().expect("an event");
        let signal = event.duplicate().expect("another handle");
        let flags = this.flags;
        let cancelled = std::sync::Arc::clone(&this.cancelled);
        let handle = event.as_raw() as usize;
        thread::spawn(move || {
            if flags & EARLY_EVENT != 0 {
                signal.signal();
                thread::sleep(Duration::from_millis(200));
            }
            let status = run(flags, callback.as_ref(), &cancelled);
            if let Some(callback) = callback.as_ref().filter(|_| flags & NO_DONE == 0) {
                let _ = unsafe { callback.Done(handle as *mut c_void, status) };
            }
            if flags & LEAK_CALLBACK != 0 {
                callback.clone().into_iter().for_each(keep);
            }
            drop((callback, session));
            signal.signal();
        });
        unsafe { *arguments.phSyncDoneEvent = event.into_raw() };
        S_OK
    }
}

fn run(
    flags: u32,
    callback: Option<&IMAPISyncProgressCallback>,
    cancelled: &AtomicBool,
) -> HRESULT {
    let text: Vec<u16> = "Step".encode_utf16().chain([0]).collect();
    let progress = |index| {
        callback.map_or(S_OK, |callback| unsafe {
            callback.Progress(text.as_ptr(), index, 3)
        })
    };
    if flags & HANG != 0 {
        thread::sleep(Duration::from_secs(3600));
    }
    if flags & SILENT != 0 {
        while !cancelled.load(Ordering::Relaxed) {
            thread::sleep(Duration::from_millis(5));
        }
        return MAPI_E_USER_CANCEL;
    }
    for index in (1..=3).chain(std::iter::repeat_n(
        3,
        if flags & ENDLESS != 0 { usize::MAX } else { 0 },
    )) {
        if progress(index) == MAPI_E_USER_CANCEL {
            return MAPI_E_USER_CANCEL;
        }
        if flags & ENDLESS != 0 {
            thread::sleep(Duration::from_millis(5));
        }
    }
    if flags & FAIL_RUN != 0 {
        if let Some(callback) = callback {
            let _ = unsafe { callback.Error(MAPI_E_NETWORK_ERROR, text.as_ptr()) };
        }
        return MAPI_E_NETWORK_ERROR;
    }
    S_OK
}
