//! A provider with settings of each type. Its entry points are what `provider!` makes, without the exports.

use std::ffi::c_void;
use std::time::Duration;

use mapi_provider::__private::{
    ALLOCATEBUFFER, ALLOCATEMORE, FREEBUFFER, Kind, MAPIERROR, Manifest, Overlap, ProviderSpec,
    SPropValue, Unload,
};
use mapi_provider::abi::{MAPI_E_NO_SUPPORT, MAPI_E_NOT_ENOUGH_DISK, MSG_SERVICE_CREATE};
use mapi_provider::profile::ServiceSpec;
use mapi_provider::spec::{SettingDefault, SettingKind, SettingSpec};
use windows_core::HRESULT;

pub(crate) const SERVER: u16 = 0x6601;
pub(crate) const PORT: u16 = 0x6602;
pub(crate) const TLS: u16 = 0x6603;
pub(crate) const FOLDER: u16 = 0x6604;
pub(crate) const PASSWORD: u16 = 0x67F0;

const fn setting(name: &'static str, tag: u16, kind: SettingKind, required: bool) -> SettingSpec {
    SettingSpec {
        name,
        tag,
        kind,
        required,
        default: None,
        label: name,
        page: "Tested",
    }
}

const SETTINGS: &[SettingSpec] = &[
    setting("server", SERVER, SettingKind::String, true),
    SettingSpec {
        default: Some(SettingDefault::Integer(993)),
        ..setting("port", PORT, SettingKind::Integer, true)
    },
    setting("tls", TLS, SettingKind::Boolean, false),
    setting("folder", FOLDER, SettingKind::Path, false),
    setting("password", PASSWORD, SettingKind::Secret, true),
];

static MANIFEST: Manifest = Manifest {
    providers: &[ProviderSpec {
        kind: Kind::Store,
        resource_flags: 0,
    }],
    name: "Tested",
    id: "tested",
    uid: [7; 16],
    service_flags: 0,
    support_mask: 0,
    store_path: None,
    overlap: Overlap::Merge,
    unload: Unload::Never,
    logoff_wait: Duration::from_secs(1),
    cursor_tag: 0x67E0,
    inf: &[],
    settings: SETTINGS,
    transport: None,
    address_book: None,
    test: None,
    test_timeout: Duration::from_secs(1),
    module: module_path!(),
    text: "",
};

pub(crate) fn spec() -> ServiceSpec {
    ServiceSpec::new(MANIFEST.id, MANIFEST.name, SETTINGS, false)
}

/// Nobody logs on in these tests.
pub(crate) unsafe extern "C" fn init(
    _instance: *mut c_void,
    _malloc: *mut c_void,
    _allocate: Option<ALLOCATEBUFFER>,
    _more: Option<ALLOCATEMORE>,
    _free: Option<FREEBUFFER>,
    _flags: u32,
    _mapi_version: u32,
    _provider_version: *mut u32,
    _provider: *mut *mut c_void,
) -> HRESULT {
    MAPI_E_NO_SUPPORT
}

#[allow(clippy::too_many_arguments, reason = "the signature is MAPI's")]
pub(crate) unsafe extern "system" fn service_entry(
    instance: *mut c_void,
    malloc: *mut c_void,
    support: *mut c_void,
    window: usize,
    flags: u32,
    context: u32,
    count: u32,
    values: *mut SPropValue,
    admin: *mut c_void,
    error: *mut *mut MAPIERROR,
) -> HRESULT {
    // SAFETY: the caller's word is passed on as it is.
    unsafe {
        mapi_provider::__private::service_entry(
            &MANIFEST, instance, malloc, support, window, flags, context, count, values, admin,
            error,
        )
    }
}

/// The same of a service that can't be created.
#[allow(clippy::too_many_arguments, reason = "the signature is MAPI's")]
pub(crate) unsafe extern "system" fn refusing_entry(
    instance: *mut c_void,
    malloc: *mut c_void,
    support: *mut c_void,
    window: usize,
    flags: u32,
    context: u32,
    count: u32,
    values: *mut SPropValue,
    admin: *mut c_void,
    error: *mut *mut MAPIERROR,
) -> HRESULT {
    if context == MSG_SERVICE_CREATE {
        return MAPI_E_NOT_ENOUGH_DISK;
    }
    // SAFETY: the caller's word is passed on as it is.
    unsafe {
        service_entry(
            instance, malloc, support, window, flags, context, count, values, admin, error,
        )
    }
}
