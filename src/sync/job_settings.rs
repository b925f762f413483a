//! The settings that sync logic may write: a token that the server renews, say.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::ports::Section;
use super::seats::Seats;
use super::test_run::TestRun;
use crate::error::SyncError;
use crate::log;
use crate::settings::{SettingSpec, SettingType, SettingValue, WritableSetting, default_value};
use crate::status::Status;
use mapi_provider_abi::mapi::{MAPI_E_INVALID_PARAMETER, MAPI_E_NO_ACCESS, MAPI_E_TOO_BIG};

/// The most bytes that a text has which the logic writes: as many as a cursor.
const MAX_TEXT: usize = 16 << 10;

/// The settings of a run that the manifest calls `writable`: from [`SyncJob::settings`](crate::SyncJob::settings).
///
/// They are kept in the store's section of the profile, the same that the user's configuration is in; of a service with several
/// providers, that is the service's section. All runs of the store's section share them, whoever asks: other logons and other
/// processes too. As no two of these runs go on at once (SYNC-15),
/// what one has written the next one reads.
///
/// [`BackgroundSync::open`](crate::BackgroundSync::open) gets them at the next logon, and a run by [`get`](Self::get): the
/// `Settings` that `open` was given are those of its own time.
///
/// ```
/// use mapi_provider::{Secret, SyncError, SyncJob, WritableSetting};
///
/// // `provider!` makes `Settings::TOKEN` of a setting `token` with `writable = true`.
/// fn keep(token: Secret, job: &SyncJob, setting: WritableSetting<Secret>) -> Result<(), SyncError> {
///     job.settings().set(setting, token)
/// }
/// ```
#[derive(Clone, Copy)]
pub struct JobSettings<'a>(pub(super) Place<'a>);

/// Where they are.
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    Profile(Option<&'a Arc<dyn Section>>, &'a Mutex<Seats>),
    Test(&'a TestRun<'a>),
}

impl JobSettings<'_> {
    /// The value that the profile has now, or the manifest's default. None where there is neither.
    ///
    /// # Errors
    ///
    /// The profile can't be read.
    pub fn get<T: SettingType>(&self, setting: WritableSetting<T>) -> Result<Option<T>, SyncError> {
        let spec = setting.spec();
        let found = match self.0 {
            Place::Profile(None, _) => None,
            Place::Profile(Some(section), _) => read(&**section, spec)?,
            Place::Test(test) => test.read(spec.tag),
        };
        let value = found.or_else(|| spec.default.map(default_value));
        Ok(value.and_then(T::from_stored))
    }

    /// Writes a value into the profile, and saves it. It is there for the next run, also where this one fails later.
    ///
    /// A secret's memory is wiped on the way (ENTRY-11).
    ///
    /// # Errors
    ///
    /// The profile can't be written to; the old value is intact then (ENTRY-07). The text is longer than 16 KiB, has a NUL
    /// in it, or is a path that isn't Unicode.
    pub fn set<T: SettingType>(
        &self,
        setting: WritableSetting<T>,
        value: T,
    ) -> Result<(), SyncError> {
        let spec = setting.spec();
        let value = checked(spec, value.to_stored())?;
        match self.0 {
            Place::Profile(Some(section), seats) => write(section, seats, spec, value),
            Place::Test(test) if test.has_profile() => {
                test.write(spec.tag, value);
                Ok(())
            }
            Place::Profile(None, _) | Place::Test(_) => Err(SyncError::new(
                MAPI_E_NO_ACCESS,
                format!("there is no profile section to keep `{}` in", spec.name),
            )),
        }
    }
}

/// Writes into the section of the run, which decides, and then into those that other logons have open: each may have a copy
/// of its own of what was there.
fn write(
    section: &Arc<dyn Section>,
    seats: &Mutex<Seats>,
    spec: &SettingSpec,
    value: SettingValue,
) -> Result<(), SyncError> {
    let written = section.save_setting(spec, value.clone());
    written.map_err(|status| failed(status, spec, "can't be written to the profile"))?;
    // No lock is held across a call of MAPI's (SYNC-19).
    let sections = seats
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .sections();
    for other in sections.iter().filter(|other| !Arc::ptr_eq(other, section)) {
        if let Err(status) = other.save_setting(spec, value.clone()) {
            log::warn!(status = %Status(status), setting = spec.name, "another logon may not see a setting");
        }
    }
    Ok(())
}

fn read(section: &dyn Section, spec: &SettingSpec) -> Result<Option<SettingValue>, SyncError> {
    let value = section.load_setting(spec);
    value.map_err(|status| failed(status, spec, "can't be read from the profile"))
}

/// What a profile can keep. No error tells the value, which may be a secret (ENTRY-11).
pub(super) fn checked(
    spec: &SettingSpec,
    value: Option<SettingValue>,
) -> Result<SettingValue, SyncError> {
    let wrong =
        |code, what: &str| SyncError::new(code, format!("the setting `{}` {what}", spec.name));
    let value =
        value.ok_or_else(|| wrong(MAPI_E_INVALID_PARAMETER, "is a path that isn't Unicode"))?;
    if let SettingValue::Text(text) = &value {
        if text.expose().len() > MAX_TEXT {
            return Err(wrong(MAPI_E_TOO_BIG, "would have more than 16 KiB"));
        }
        if text.expose().contains('\0') {
            return Err(wrong(MAPI_E_INVALID_PARAMETER, "would have a NUL in it"));
        }
    }
    Ok(value)
}

fn failed(status: windows_core::HRESULT, spec: &SettingSpec, what: &str) -> SyncError {
    let text = format!("the setting `{}` {what}: {}", spec.name, Status(status));
    SyncError::new(status, text)
}

impl fmt::Debug for JobSettings<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JobSettings(…)")
    }
}
