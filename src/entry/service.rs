//! ServiceEntry: the message service in a profile (ENTRY-07).

use std::ffi::c_void;

use windows_core::HRESULT;

use super::dialog::{self, Windows};
use super::failure::Failure;
use super::limits;
use super::open::missing_text;
use super::profile::ProfileSection;
use super::properties::Value;
use super::sections::ServiceSections;
use super::support::Support;
use super::tags::setting_type;
use super::wrapped::STORE_PATH;
use crate::log;
use crate::manifest::Manifest;
use crate::settings::{SettingSpec, SettingValues};
use crate::status::Status;
use mapi_provider_abi::internal::Confidential;
use mapi_provider_abi::mapi::{
    MAPI_E_INVALID_PARAMETER, MAPI_E_INVALID_TYPE, MAPI_E_NO_ACCESS, MAPI_E_NO_SUPPORT,
    MAPI_E_UNCONFIGURED, MAPIERROR, MSG_SERVICE_CONFIGURE, MSG_SERVICE_CREATE, MSG_SERVICE_DELETE,
    MSG_SERVICE_INSTALL, MSG_SERVICE_UNINSTALL, PR_DISPLAY_NAME_W, PT_STRING8, PT_UNICODE, PropTag,
    S_OK, SPropValue, UnicodeFlags,
};
use mapi_provider_abi::object::barrier;
use mapi_provider_abi::view;

/// What the generated `ServiceEntry` calls.
///
/// # Safety
///
/// Pointers are NULL or as MAPI's page says.
#[allow(
    non_snake_case,
    clippy::too_many_arguments,
    reason = "names and signature are MAPI's"
)]
pub unsafe fn service_entry(
    manifest: &'static Manifest,
    _hInstance: *mut c_void,
    _lpMalloc: *mut c_void,
    lpMAPISup: *mut c_void,
    ulUIParam: usize,
    ulFlags: u32,
    ulContext: u32,
    cValues: u32,
    lpProps: *mut SPropValue,
    lpProviderAdmin: *mut c_void,
    lppMapiError: *mut *mut MAPIERROR,
) -> HRESULT {
    // SAFETY: NULL or the caller's to be written to.
    unsafe { mapi_provider_abi::object::clear(lppMapiError) };
    barrier(|| {
        // SAFETY: the caller's word.
        let support = unsafe { Support::borrow(&lpMAPISup) };
        let windows = Windows {
            over: ulUIParam,
            flags: ulFlags,
        };
        let done = match ulContext {
            // ENTRY-07: also with a NULL support object, and CREATE also before anything is configured.
            MSG_SERVICE_INSTALL | MSG_SERVICE_DELETE | MSG_SERVICE_UNINSTALL => Ok(()),
            // SAFETY: the caller's word.
            MSG_SERVICE_CREATE => unsafe { create(manifest, &windows, support, lpProviderAdmin) },
            MSG_SERVICE_CONFIGURE => {
                // SAFETY: the caller's word.
                let wanted = unsafe { wanted(manifest, cValues, lpProps) };
                // SAFETY: the caller's word.
                wanted.and_then(|wanted| unsafe {
                    configure(manifest, &windows, support, wanted, lpProviderAdmin)
                })
            }
            _ => return MAPI_E_NO_SUPPORT,
        };
        // SAFETY: NULL or the caller's to be written to.
        unsafe { answer(done, support, ulFlags, lppMapiError) }
    })
}

/// What ServiceEntry answers, with a MAPIERROR if something went wrong.
///
/// # Safety
///
/// `error` is NULL or the caller's to be written to.
pub(super) unsafe fn answer(
    done: Result<(), Failure>,
    support: Option<&Support>,
    flags: u32,
    error: *mut *mut MAPIERROR,
) -> HRESULT {
    let Err(failure) = done else {
        return S_OK;
    };
    log::warn!(status = %Status(failure.result), text = failure.text, "the service is not configured");
    let width = UnicodeFlags::from_bits_retain(flags);
    let allocators = support.and_then(Support::allocators);
    let described = allocators.and_then(|allocators| failure.to_mapi(allocators, width).ok());
    if let Some(described) = described.filter(|_| !error.is_null()) {
        // SAFETY: not NULL, so the caller's to be written to.
        unsafe { *error = described };
    }
    failure.result
}

fn fail(manifest: &Manifest, (result, text): (HRESULT, String)) -> Failure {
    Failure {
        result,
        component: manifest.name,
        text,
    }
}

/// The properties that CONFIGURE is to write.
///
/// # Safety
///
/// Pointers are NULL or as MAPI's page says.
unsafe fn wanted(
    manifest: &'static Manifest,
    count: u32,
    properties: *const SPropValue,
) -> Result<Vec<(PropTag, Value)>, Failure> {
    // The path of a store that keeps its mail itself may be set along with the settings.
    let path = manifest
        .store_path
        .map(|_| ("PR_PROFILE_OFFLINE_STORE_PATH", STORE_PATH));
    // SAFETY: the caller's word.
    let wanted = unsafe { checked(manifest, path.as_slice(), count, properties) };
    wanted.map_err(|wrong| fail(manifest, wrong))
}

/// Asks the user for what is missing, where a window is allowed. What he leaves open can be configured later.
///
/// # Safety
///
/// Pointers are NULL or as MAPI's page says.
unsafe fn create(
    manifest: &'static Manifest,
    windows: &Windows,
    support: Option<&Support>,
    admin: *mut c_void,
) -> Result<(), Failure> {
    if !windows.allowed(manifest) {
        return Ok(());
    }
    // SAFETY: the caller's word.
    let done = unsafe { configure(manifest, windows, support, Vec::new(), admin) };
    match done {
        Err(failure) if failure.result == MAPI_E_UNCONFIGURED => Ok(()),
        done => done,
    }
}

/// Writes the properties, and what the user is asked for, all or none, and says what is still missing.
///
/// # Safety
///
/// Pointers are NULL or as MAPI's page says.
unsafe fn configure(
    manifest: &'static Manifest,
    windows: &Windows,
    support: Option<&Support>,
    wanted: Vec<(PropTag, Value)>,
    admin: *mut c_void,
) -> Result<(), Failure> {
    let fail = |wrong| fail(manifest, wrong);
    // SAFETY: the caller's word.
    let sections = unsafe { ServiceSections::open(manifest, support, admin) };
    let section = sections.as_ref().map(|sections| &sections.settings);
    let asked = match (support, section) {
        // ENTRY-14
        (Some(support), Some(section)) => {
            dialog::ask(manifest, windows, support, section, &wanted).map_err(fail)?
        }
        _ => None,
    };
    let changes = asked.unwrap_or_else(|| wanted.into());
    if let Some(sections) = &sections {
        sections.change(manifest, changes).map_err(|result| {
            let text = "the settings can't be written to the profile".to_owned();
            fail((result, text))
        })?;
    } else if !changes.is_empty() {
        let text = "there is no profile section to write the settings to".to_owned();
        return Err(fail((MAPI_E_NO_ACCESS, text)));
    }
    match missing_settings(manifest, section).map_err(fail)? {
        Some(text) => Err(fail((MAPI_E_UNCONFIGURED, text))),
        None => Ok(()),
    }
}

/// Which required settings a section lacks, as a sentence.
///
/// # Errors
///
/// It can't be read.
pub(super) fn missing_settings(
    manifest: &Manifest,
    section: Option<&ProfileSection>,
) -> Result<Option<String>, (HRESULT, String)> {
    let read = section.map(|section| section.read_settings(manifest.settings));
    let values = read.unwrap_or_else(|| Ok(Vec::new())).map_err(|result| {
        let text = "the settings can't be read from the profile".to_owned();
        (result, text)
    })?;
    Ok(missing_text(&SettingValues::new(manifest.settings, values)))
}

/// The properties to write, checked against the manifest before anything is written. `texts` are other
/// properties that may be set: their names, and the tags they are written with.
///
/// # Safety
///
/// `properties` is NULL or points to as many as `count` says, whose values are what their tags say.
pub(super) unsafe fn checked(
    manifest: &Manifest,
    texts: &[(&'static str, PropTag)],
    count: u32,
    properties: *const SPropValue,
) -> Result<Vec<(PropTag, Value)>, (HRESULT, String)> {
    // SAFETY: the caller's word.
    let properties = unsafe { view::read_array(count, properties, &limits::properties()) };
    let properties: Vec<Confidential> = properties.map_err(|_| {
        let text = "the properties are missing, or too many".to_owned();
        (MAPI_E_INVALID_PARAMETER, text)
    })?;
    properties
        .into_iter()
        .map(|property| checked_property(manifest, texts, property))
        .collect()
}

fn checked_property(
    manifest: &Manifest,
    texts: &[(&'static str, PropTag)],
    property: Confidential<'_>,
) -> Result<(PropTag, Value), (HRESULT, String)> {
    let value = property.value().and_then(Value::new);
    checked_value(manifest, texts, property.tag(), value)
}

/// Where in the manifest the setting of a property is.
pub(super) fn setting_of(manifest: &Manifest, tag: PropTag) -> Option<usize> {
    let mut settings = manifest.settings.iter();
    settings.position(|setting| setting.tag == tag.id())
}

/// A property to write, checked against the manifest; none is a value that makes no sense.
pub(super) fn checked_value(
    manifest: &Manifest,
    texts: &[(&'static str, PropTag)],
    asked: PropTag,
    value: Option<Value>,
) -> Result<(PropTag, Value), (HRESULT, String)> {
    let setting = setting_of(manifest, asked).and_then(|index| manifest.settings.get(index));
    // The name that the profile shows may be set along with the settings.
    let display_name = ("PR_DISPLAY_NAME", PR_DISPLAY_NAME_W);
    let mut others = texts.iter().chain([&display_name]);
    let (name, property_type) = match setting {
        Some(SettingSpec { name, kind, .. }) => (*name, setting_type(*kind)),
        None if let Some((name, tag)) = others.find(|(_, tag)| tag.id() == asked.id()) => {
            (*name, tag.prop_type())
        }
        None => {
            let text = format!("the property {asked} is no setting of this provider");
            return Err((MAPI_E_INVALID_PARAMETER, text));
        }
    };
    let given = asked.prop_type();
    if given != property_type && !(property_type == PT_UNICODE && given == PT_STRING8) {
        let text =
            format!("the setting `{name}` has type 0x{property_type:04X}, not 0x{given:04X}");
        return Err((MAPI_E_INVALID_TYPE, text));
    }
    match value {
        Some(value) => Ok((PropTag::new(asked.id(), property_type), value)),
        None => Err((
            MAPI_E_INVALID_PARAMETER,
            format!("the setting `{name}` has no value"),
        )),
    }
}
