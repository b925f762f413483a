//! No memory with a secret in it is freed without being wiped: not on the way into the profile, and not on the
//! way out of it (ENTRY-11).
//!
//! A separate program, because a process has one allocator, and a separate MAPI, because the host's keeps
//! copies.

mod mapi;
mod spy;

use std::borrow::Cow;
use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mapi_provider::__private::{
    Kind, Manifest, MissingSetting, Overlap, ProviderSpec, ServiceSettings, SettingKind,
    SettingSpec, SettingValues, Unload, add_to_profile_w, ms_provider_init, remove_from_profile,
    service_entry,
};
use mapi_provider::abi::{
    CURRENT_SPI_VERSION, HRESULT, IMAPISync, IMSLogon, IMSProvider, IMsgStore, MAPI_E_DISK_ERROR,
    MAPI_E_INVALID_PARAMETER, MAPI_E_INVALID_TYPE, MAPI_E_LOGON_FAILED, MAPI_E_UNCONFIGURED,
    MAPIERROR, MAPISIB, MSG_SERVICE_CONFIGURE, PT_BINARY, PT_STRING8, PT_UNICODE, PropTag, S_OK,
    SBinary, SPropValue, StoreLogonFlags, SyncFlags,
};
use mapi_provider::platform::Event;
use mapi_provider::view::{PropValue, Property};
use mapi_provider::{
    BackgroundSync, LogonError, MapiSync, Secret, SyncError, SyncJob, WritableSetting,
};
use mapi_provider_host::{ProgressCallback, Status};
use windows_core::{IUnknown, Interface};

use self::spy::SECRET;

const TOKEN: u16 = 0x67F0;
const WIDE: PropTag = PropTag::new(TOKEN, PT_UNICODE);
const NARROW: PropTag = PropTag::new(TOKEN, PT_STRING8);
/// As nobody should write it.
const BYTES: PropTag = PropTag::new(TOKEN, PT_BINARY);

/// Logic that has a secret for as long as it lives, and can be told to refuse it.
#[derive(MapiSync)]
struct Logic {
    _token: Secret,
}

struct Settings {
    token: Secret,
}

/// The secret, as the logic may write it.
const WRITTEN: WritableSetting<Secret> = WritableSetting::new(&Settings::SETTINGS[0]);

static OPENED: AtomicUsize = AtomicUsize::new(0);

impl ServiceSettings for Settings {
    const SETTINGS: &'static [SettingSpec] = &[SettingSpec {
        name: "token",
        tag: TOKEN,
        kind: SettingKind::Secret,
        required: true,
        default: None,
        label: "Token",
        page: "Secretive",
    }];

    fn from_values(values: &mut SettingValues) -> Result<Self, MissingSetting> {
        Ok(Self {
            token: values.secret(0)?,
        })
    }
}

impl BackgroundSync for Logic {
    type Settings = Settings;

    fn open(settings: Settings) -> Result<Self, LogonError> {
        assert_eq!(settings.token.expose(), SECRET);
        if OPENED.fetch_add(1, Ordering::Relaxed) % 2 == 1 {
            return Err(LogonError::logon_failed("every other time"));
        }
        Ok(Self {
            _token: settings.token.clone(),
        })
    }

    /// Reads the secret, and writes it anew.
    fn synchronize(&self, job: &SyncJob) -> Result<(), SyncError> {
        let token = job.settings().get(WRITTEN)?.expect("a token");
        assert_eq!(token.expose(), SECRET);
        job.settings().set(WRITTEN, token)
    }
}

static MANIFEST: Manifest = Manifest {
    providers: &[ProviderSpec {
        kind: Kind::Store,
        resource_flags: 0,
    }],
    store_path: None,
    name: "Secretive",
    id: "secretive",
    uid: *b"secretive store.",
    service_flags: 0,
    support_mask: 0,
    overlap: Overlap::Merge,
    unload: Unload::AfterRun,
    logoff_wait: Duration::from_secs(5),
    cursor_tag: 0x67E0,
    inf: &[],
    settings: Settings::SETTINGS,
    transport: None,
    address_book: None,
    test: None,
    test_timeout: Duration::from_secs(1),
    module: module_path!(),
    text: "",
};

/// The secret in UTF-16, in memory that stays.
fn wide() -> &'static [u16] {
    let units: Vec<u16> = SECRET.encode_utf16().chain([0]).collect();
    units.leak()
}

/// In the code page, in memory that stays; tests have Latin-1, and Windows 1252 is the same here.
fn narrow() -> &'static [u8] {
    let bytes: Vec<u8> = SECRET.chars().map(|c| c as u8).chain([0]).collect();
    bytes.leak()
}

/// A property as a caller has it.
fn raw(tag: PropTag, text: *const u8) -> SPropValue {
    // SAFETY: all zeros is a value of every field.
    let mut property: SPropValue = unsafe { std::mem::zeroed() };
    property.ulPropTag = tag;
    property.Value.lpszA = text.cast_mut();
    property
}

/// The same with bytes where the text should be.
fn raw_bytes(bytes: &'static [u8]) -> SPropValue {
    let mut property = raw(BYTES, ptr::null());
    property.Value.bin = SBinary {
        cb: bytes.len() as u32,
        lpb: bytes.as_ptr().cast_mut(),
    };
    property
}

/// ServiceEntry's CONFIGURE.
fn configure(properties: &mut [SPropValue]) -> HRESULT {
    let support = mapi::support();
    let mut error: *mut MAPIERROR = ptr::null_mut();
    // SAFETY: all as MAPI gives it.
    let result = unsafe {
        service_entry(
            &MANIFEST,
            ptr::null_mut(),
            ptr::null_mut(),
            support.as_raw(),
            0,
            0,
            MSG_SERVICE_CONFIGURE,
            properties.len() as u32,
            properties.as_mut_ptr(),
            ptr::null_mut(),
            &raw mut error,
        )
    };
    free(error.cast());
    result
}

fn free(memory: *mut c_void) {
    if !memory.is_null() {
        // SAFETY: a root of MAPI's, which is ours.
        unsafe { mapi::FUNCTIONS.2.expect("there is one")(memory) };
    }
}

/// Logs on, and off again.
fn log_on() -> HRESULT {
    let (allocate, more, free_buffer) = mapi::FUNCTIONS;
    let (mut version, mut provider) = (0, ptr::null_mut());
    // SAFETY: all as MAPI gives it.
    let result = unsafe {
        ms_provider_init::<Logic>(
            &MANIFEST,
            ptr::null_mut(),
            ptr::null_mut(),
            allocate,
            more,
            free_buffer,
            0,
            CURRENT_SPI_VERSION,
            &raw mut version,
            &raw mut provider,
        )
    };
    assert_eq!(result, S_OK);
    // SAFETY: a provider whose reference is ours.
    let provider = unsafe { IMSProvider::from_raw(provider) };
    let support = mapi::support();
    let mut error: *mut MAPIERROR = ptr::null_mut();
    let (mut logon, mut store) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: all as MAPI gives it; what it answers is ours.
    unsafe {
        let result = provider.Logon(
            support.as_raw(),
            0,
            ptr::null_mut(),
            0,
            ptr::null_mut(),
            StoreLogonFlags::MAPI_UNICODE,
            ptr::null(),
            ptr::null_mut(),
            ptr::null_mut(),
            &raw mut error,
            &raw mut logon,
            &raw mut store,
        );
        free(error.cast());
        if result.is_ok() {
            let store = IMsgStore::from_raw(store);
            assert_eq!(synchronize(&store), S_OK);
            // What was there is read, and put back.
            mapi::set_disk_full(true);
            assert_eq!(synchronize(&store), MAPI_E_DISK_ERROR);
            mapi::set_disk_full(false);
            drop(store);
            let logon = IMSLogon::from_raw(logon);
            assert_eq!(logon.Logoff(&mut 0), S_OK);
        }
        result
    }
}

/// A run, which reads the secret and writes it: what `Done` was told.
fn synchronize(store: &IMsgStore) -> HRESULT {
    let callback = ProgressCallback::recording();
    let sync: IMAPISync = store.cast().expect("it synchronises");
    let mut handle = ptr::null_mut();
    let mut block = MAPISIB {
        ulSize: size_of::<MAPISIB>() as u32,
        ulFlags: SyncFlags::empty(),
        psesSync: ptr::null_mut(),
        punkCallBack: callback.to_unknown().into_raw(),
        phSyncDoneEvent: &raw mut handle,
    };
    // SAFETY: a live structure; the event is ours then, and so is the reference to the callback.
    let event = unsafe {
        assert_eq!(sync.SynchronizeInBackground(&raw mut block), S_OK);
        drop(IUnknown::from_raw(block.punkCallBack));
        Event::from_raw(handle)
    };
    assert!(event.wait(Some(Duration::from_secs(20))));
    let Status(result) = callback.results()[0];
    result
}

/// The ways of a secret, including those that fail.
fn all_ways(wide: &'static [u16], narrow: &'static [u8]) {
    let wide_token = raw(WIDE, wide.as_ptr().cast());
    assert_eq!(configure(&mut [wide_token]), S_OK);
    assert_eq!(configure(&mut [raw(NARROW, narrow.as_ptr())]), S_OK);
    // Not aligned, so that it can be read by a copy only.
    let mut odd = vec![0_u8; 2 * wide.len() + 1].leak();
    if odd.as_ptr().addr().is_multiple_of(2) {
        odd = &mut odd[1..];
    }
    for (unit, place) in wide.iter().zip(odd.chunks_mut(2)) {
        place.copy_from_slice(&unit.to_ne_bytes());
    }
    assert_eq!(configure(&mut [raw(WIDE, odd.as_ptr())]), S_OK);
    // The second one is none of ours, and the first was read before.
    let foreign = raw(PropTag::new(0x3A00, PT_BINARY), ptr::null());
    let mixed = &mut [raw(WIDE, odd.as_ptr()), foreign, wide_token];
    assert_eq!(configure(mixed), MAPI_E_INVALID_PARAMETER);
    // What was there is read, and put back.
    mapi::set_disk_full(true);
    assert_eq!(configure(&mut [wide_token]), MAPI_E_DISK_ERROR);
    mapi::set_disk_full(false);

    let units = &wide[..wide.len() - 1];
    let bytes = &narrow[..narrow.len() - 1];
    let forms = [
        Property::new(WIDE, PropValue::Unicode(Cow::Borrowed(units))),
        // As an ANSI program has written it.
        Property::new(NARROW, PropValue::String8(Cow::Borrowed(bytes))),
    ];
    for form in forms {
        mapi::set_section(vec![form]);
        assert_eq!(log_on(), S_OK);
        assert_eq!(log_on(), MAPI_E_LOGON_FAILED);
    }
    as_bytes(bytes, wide_token);
}

/// Command lines of `rundll32` with the secret in them, right and wrong: in both widths, in memory that stays.
fn command_lines() -> Vec<(&'static [u16], &'static [u8])> {
    let lines = [
        "Outlook \"token={}\" /quiet",
        "Outlook token={} token={} /quiet",
        "Outlook tokn={} /quiet",
        "Outlook {} /quiet",
        "\"Outlook token={} /quiet",
    ];
    let both = |line: &str| {
        let line = line.replace("{}", SECRET);
        let wide: Vec<u16> = line.encode_utf16().chain([0]).collect();
        let narrow: Vec<u8> = line.chars().map(|c| c as u8).chain([0]).collect();
        (&*wide.leak(), &*narrow.leak())
    };
    lines.map(both).to_vec()
}

/// The ways of a secret on a command line.
fn on_command_lines(lines: &[(&'static [u16], &'static [u8])]) {
    for (wide, narrow) in lines {
        // SAFETY: texts with their NUL.
        unsafe {
            add_to_profile_w(&MANIFEST, wide.as_ptr());
            remove_from_profile(&MANIFEST, narrow.as_ptr().cast());
        }
    }
}

/// The ways of a secret that is stored as bytes: it is not valid, but is still read.
fn as_bytes(bytes: &'static [u8], good: SPropValue) {
    assert_eq!(configure(&mut [raw_bytes(bytes)]), MAPI_E_INVALID_TYPE);
    let form = Property::new(BYTES, PropValue::Binary(Cow::Borrowed(bytes)));
    mapi::set_section(vec![form]);
    assert_eq!(log_on(), MAPI_E_UNCONFIGURED);
    // What was there is read, and put back.
    mapi::set_disk_full(true);
    assert_eq!(configure(&mut [good]), MAPI_E_DISK_ERROR);
    mapi::set_disk_full(false);
    assert_eq!(log_on(), MAPI_E_UNCONFIGURED);
}

#[test]
fn entry_11_no_memory_with_a_secret_in_it_is_freed_as_it_is() {
    let (wide, narrow, lines) = (wide(), narrow(), command_lines());
    let seen = spy::watch(|| {
        all_ways(wide, narrow);
        on_command_lines(&lines);
    });
    assert_eq!(OPENED.load(Ordering::Relaxed), 4);
    assert!(seen.is_empty(), "{} times: {}", seen.len(), seen.join("\n"));
    assert_eq!(mapi::blocks_left(), 0);
    // The spy sees what there is to see.
    let seen = spy::watch(|| drop(SECRET.to_owned()));
    assert_eq!(seen.len(), 1);
    let seen = spy::watch(|| drop(wide.to_vec()));
    assert_eq!(seen.len(), 1);
}
