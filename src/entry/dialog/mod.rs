//! The settings dialog (ENTRY-14): a property sheet that MAPI shows, made of the manifest's settings.
//!
//! ```text
//! profile, defaults ─→ Entries ─→ ConfigData: IMAPIProp ──┐
//! manifest ─→ Sheet ─→ DisplayTable: IMAPITable ──────────┤ DoConfigPropsheet
//! profile ←─ Changes ←─ trial ←─ checks ←─ Entries ←──────┘
//!                         └───────┴─ what is wrong: asked again, with a sentence on the page
//! ```
//!
//! All windows are MAPI's: nothing here shows one.

mod config;
#[cfg(feature = "address-book")]
mod details;
mod layout;
mod structure;
mod table;
mod trial;
mod values;

use std::sync::{Mutex, PoisonError};

use windows_core::{HRESULT, Interface};

#[cfg(feature = "address-book")]
pub(super) use self::details::details;
pub use self::trial::test_settings;

use self::config::ConfigData;
use self::layout::{Complaint, Sheet};
use self::table::display_table;
use self::trial::try_out;
use self::values::{Entries, Wrong};
use super::changes::Changes;
use super::profile::{ProfileSection, setting_value};
use super::properties::Value;
use super::service::setting_of;
use super::support::Support;
use super::tags::{assigned_property, setting_type};
use super::text::without_nul;
use crate::log;
use crate::manifest::Manifest;
use crate::settings::{SettingSpec, SettingValue, SettingValues, default_value};
use crate::status::Status;
use mapi_provider_abi::internal::string_to_ansi;
use mapi_provider_abi::mapi::{
    IMAPIProp, MAPI_E_USER_CANCEL, MAPI_NT_SERVICE, PropTag, ServiceFlags,
};
use mapi_provider_abi::view::Allocators;

/// How often a user is asked. People give up before; a support object that answers by itself, and never right, is not asked
/// for ever.
const MOST_TIMES: usize = 20;

/// What a call of ServiceEntry says about windows.
pub(super) struct Windows {
    /// The one to show others over.
    pub(super) over: usize,
    /// `ulFlags`
    pub(super) flags: u32,
}

/// The providers that MAPI has initialised as a service's in this process, by their manifests.
static OF_SERVICES: Mutex<Vec<&'static Manifest>> = Mutex::new(Vec::new());

/// MAPI has said that the process is a Windows service: the provider shows no window from now on.
pub(super) fn in_service(manifest: &'static Manifest) {
    let mut all = OF_SERVICES.lock().unwrap_or_else(PoisonError::into_inner);
    if !all.iter().any(|known| std::ptr::eq(*known, manifest)) {
        all.push(manifest);
    }
}

fn is_in_service(manifest: &'static Manifest) -> bool {
    let all = OF_SERVICES.lock().unwrap_or_else(PoisonError::into_inner);
    all.iter().any(|known| std::ptr::eq(*known, manifest))
}

impl Windows {
    /// Whether a provider may show one.
    pub(super) fn allowed(&self, manifest: &'static Manifest) -> bool {
        // ENTRY-08
        let is_service = self.flags & MAPI_NT_SERVICE != 0 || is_in_service(manifest);
        let allowed = ServiceFlags::SERVICE_UI_ALLOWED | ServiceFlags::SERVICE_UI_ALWAYS;
        !is_service && self.flags().intersects(allowed)
    }

    fn flags(&self) -> ServiceFlags {
        ServiceFlags::from_bits_retain(self.flags)
    }
}

/// What a service is to be configured with: by its caller, and by the user where he is to be asked (ENTRY-14). None where
/// he was not asked.
///
/// # Errors
///
/// He cancels, the settings can't be read, or the sheet can't be shown. Nothing was written.
pub(super) fn ask(
    manifest: &'static Manifest,
    windows: &Windows,
    support: &Support,
    section: &ProfileSection,
    wanted: &[(PropTag, Value)],
) -> Result<Option<Changes>, (HRESULT, String)> {
    if !windows.allowed(manifest) {
        return Ok(None);
    }
    let Some(allocators) = support.allocators() else {
        return Ok(None);
    };
    let before = section.read_settings(manifest.settings).map_err(|status| {
        let text = "the settings can't be read from the profile".to_owned();
        (status, text)
    })?;
    let before: Vec<Option<Value>> = manifest.settings.iter().zip(before).map(kept).collect();
    let known = known(manifest, before.clone(), wanted);
    let is_missing = |(setting, known): (&SettingSpec, &Option<Value>)| {
        setting.required && setting.default.is_none() && known.is_none()
    };
    let missing = manifest.settings.iter().zip(&known).any(is_missing);
    let always = windows.flags().contains(ServiceFlags::SERVICE_UI_ALWAYS);
    if !missing && !always {
        return Ok(None);
    }
    let dialog = Dialog {
        manifest,
        windows,
        support,
        allocators,
        read_only: windows
            .flags()
            .contains(ServiceFlags::MSG_SERVICE_UI_READ_ONLY),
    };
    let entered = match dialog.ask(Entries::new(manifest, known)) {
        // Who only allows a window goes on without it, where none can be shown.
        Err((status, text)) if status != MAPI_E_USER_CANCEL && !always => {
            log::warn!(status = %Status(status), text, "no settings were asked for");
            return Ok(None);
        }
        entered => entered?,
    };
    Ok(Some(match entered {
        Some(entered) => changes(manifest, wanted, before, entered),
        // A sheet that is only looked at changes nothing.
        None => wanted.to_vec().into(),
    }))
}

fn kept((setting, value): (&SettingSpec, Option<SettingValue>)) -> Option<Value> {
    Some(assigned_property(setting.tag, &value?).1)
}

/// What the profile has, or the caller gives instead.
fn known(
    manifest: &Manifest,
    mut values: Vec<Option<Value>>,
    wanted: &[(PropTag, Value)],
) -> Vec<Option<Value>> {
    for (tag, value) in wanted {
        if let Some(index) = setting_of(manifest, *tag) {
            values[index] = Some(value.clone());
        }
    }
    values
}

/// What is to be written, now that the user has answered. A default that he has left alone is not made a value.
fn changes(
    manifest: &Manifest,
    wanted: &[(PropTag, Value)],
    before: Vec<Option<Value>>,
    entered: Vec<Option<Value>>,
) -> Changes {
    let others = wanted
        .iter()
        .filter(|(tag, _)| setting_of(manifest, *tag).is_none());
    let mut changes = Changes::from(others.cloned().collect::<Vec<_>>());
    let settings = manifest
        .settings
        .iter()
        .zip(before.into_iter().zip(entered));
    for (setting, (before, entered)) in settings {
        let tag = PropTag::new(setting.tag, setting_type(setting.kind));
        let default = || {
            let default = setting.default.map(default_value)?;
            Some(assigned_property(setting.tag, &default).1)
        };
        match (before, entered) {
            (Some(_), None) => changes.gone.push(tag),
            (None, Some(entered)) if default().as_ref() == Some(&entered) => {}
            (_, Some(entered)) => changes.set.push((tag, entered)),
            (None, None) => {}
        }
    }
    changes
}

/// A dialog with a user.
struct Dialog<'a> {
    manifest: &'static Manifest,
    windows: &'a Windows,
    support: &'a Support,
    allocators: Allocators,
    read_only: bool,
}

impl Dialog<'_> {
    /// Asks until the answer is right: what the settings are then. None where nothing could be entered.
    fn ask(&self, mut entries: Entries) -> Result<Option<Vec<Option<Value>>>, (HRESULT, String)> {
        let mut complaint: Option<Complaint> = None;
        for _ in 1..MOST_TIMES {
            entries = self.show(entries, complaint.as_ref())?;
            if self.read_only {
                return Ok(None);
            }
            match self.judge(&entries) {
                Ok(settings) => return Ok(Some(settings)),
                Err(wrong) => {
                    let text = &wrong.complaint.text;
                    log::info!(status = %Status(wrong.status), text, "asked again");
                    complaint = Some(wrong.complaint);
                }
            }
        }
        entries = self.show(entries, complaint.as_ref())?;
        let judged = self.judge(&entries).map(Some);
        judged.map_err(|wrong| (wrong.status, wrong.complaint.text))
    }

    /// Shows the sheet once, and tells what stands there when it is closed.
    fn show(
        &self,
        entries: Entries,
        complaint: Option<&Complaint>,
    ) -> Result<Entries, (HRESULT, String)> {
        let sheet = Sheet::new(self.manifest, self.read_only, complaint);
        let table = display_table(self.allocators, self.manifest.uid, sheet.controls);
        let data = ConfigData::new(self.allocators, entries, self.read_only);
        // MAPI takes it as 8-bit text, whatever it is built for.
        let mut title = string_to_ansi(&without_nul(self.manifest.name));
        title.push(0);
        let shown = {
            let data: IMAPIProp = data.to_interface();
            // SAFETY: a title with its NUL, and two objects of ours, for the time of the call.
            unsafe {
                self.support.interface().DoConfigPropsheet(
                    self.windows.over,
                    0,
                    title.as_mut_ptr(),
                    table.as_raw(),
                    data.as_raw(),
                    sheet.top,
                )
            }
        };
        // ENTRY-11: taken in any case, so that nothing of it is left in the object.
        let entries = data.take();
        match entries {
            Some(entries) if shown.is_ok() => Ok(entries),
            _ if shown == MAPI_E_USER_CANCEL => {
                Err((MAPI_E_USER_CANCEL, "cancelled by the user".to_owned()))
            }
            _ => {
                let status = if shown.is_err() {
                    shown
                } else {
                    MAPI_E_USER_CANCEL
                };
                let text = format!("the settings can't be asked for: {}", Status(status));
                Err((status, text))
            }
        }
    }

    /// Checks what stands in the sheet, and has the logic try it.
    fn judge(&self, entries: &Entries) -> Result<Vec<Option<Value>>, Box<Wrong>> {
        let settings = entries.check()?;
        let values = settings.iter().cloned();
        let values = values.map(|value| value.and_then(setting_value)).collect();
        let values = SettingValues::new(self.manifest.settings, values);
        try_out(self.manifest, values).map_err(|error| {
            Box::new(Wrong {
                status: error.code(),
                complaint: Complaint {
                    setting: None,
                    text: error.text().to_owned(),
                },
            })
        })?;
        Ok(settings)
    }
}
