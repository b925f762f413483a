//! Where the file of a wrapped store is.

use std::path::PathBuf;

use windows_core::HRESULT;

use super::super::profile::ProfileSection;
use super::super::properties::Value;
use crate::error::LogonError;
use crate::log;
use crate::manifest::Manifest;
use crate::platform::trusted_variable_in;
use crate::settings::Secret;
use mapi_provider_abi::mapi::{PT_STRING8, PT_UNICODE, PropTag};

/// PR_PROFILE_OFFLINE_STORE_PATH_W.
pub(super) const PATH: PropTag = PropTag::new(0x6610, PT_UNICODE);

/// The path in a section; none where there is none, or an empty one.
///
/// # Errors
///
/// The section can't be read.
pub(super) fn in_section(section: &ProfileSection) -> Result<Option<String>, HRESULT> {
    // What an ANSI program has written may be there as PT_STRING8 only.
    for tag in [PATH, PATH.with_type(PT_STRING8)] {
        if let Some(Value::Text(path)) = section.read(&[tag])?.pop().flatten().as_ref()
            && !path.expose().is_empty()
        {
            return Ok(Some(path.expose().to_owned()));
        }
    }
    Ok(None)
}

/// The path in a section as it was, or the manifest's, which is then written there; none where nobody says it.
/// `is_service` is what MAPI says of the process, where it says it.
///
/// # Errors
///
/// The section can't be read or written, or the folder can't be made.
pub(super) fn ensure(
    section: &ProfileSection,
    manifest: &Manifest,
    is_service: bool,
) -> Result<Option<String>, LogonError> {
    let unreadable = |status| {
        LogonError::with_code(
            status,
            "the path of the store can't be read from the profile",
        )
    };
    if let Some(path) = in_section(section).map_err(unreadable)? {
        return Ok(Some(path));
    }
    let Some(default) = manifest.store_path else {
        return Ok(None);
    };
    let path = expand(default, is_service)?;
    if let Some(folder) = PathBuf::from(&path).parent() {
        std::fs::create_dir_all(folder)?;
    }
    let written = section.write(&[property(&path)]);
    written.map_err(|status| {
        LogonError::with_code(
            status,
            "the path of the store can't be written to the profile",
        )
    })?;
    log::info!("the store is where the manifest says");
    Ok(Some(path))
}

/// The path as it is kept.
pub(super) fn property(path: &str) -> (PropTag, Value) {
    (PATH, Value::Text(Secret::new(path.to_owned())))
}

/// Puts the environment's values in the place of `%VARIABLE%`.
fn expand(path: &str, is_service: bool) -> Result<String, LogonError> {
    let mut parts = path.split('%');
    let mut expanded = parts.next().unwrap_or_default().to_owned();
    while let (Some(name), Some(rest)) = (parts.next(), parts.next()) {
        // SYNC-23: who set it may not have the rights that we have.
        let value =
            trusted_variable_in(is_service, name).and_then(|value| value.into_string().ok());
        let value = value.ok_or_else(|| {
            LogonError::unconfigured(format!(
                "the path of the store names the environment variable {name}, which is not set, or this is an elevated \
                 or a service's process, where the environment is not believed: configure PR_PROFILE_OFFLINE_STORE_PATH"
            ))
        })?;
        expanded.push_str(&value);
        expanded.push_str(rest);
    }
    Ok(expanded)
}

#[cfg(test)]
mod tests {
    use super::expand;

    #[test]
    fn variables_are_expanded() {
        let expand = |path| super::expand(path, false);
        assert_eq!(expand(r"C:\mail\a.nst").unwrap(), r"C:\mail\a.nst");
        let path = env!("CARGO_MANIFEST_DIR");
        assert_eq!(
            expand("%CARGO_MANIFEST_DIR%/a.nst").ok(),
            std::env::var("CARGO_MANIFEST_DIR")
                .ok()
                .map(|_| format!("{path}/a.nst"))
        );
        let error = expand("%NO_SUCH_VARIABLE_HERE%/a").expect_err("not set");
        assert!(error.text().contains("NO_SUCH_VARIABLE_HERE"), "{error}");
    }

    #[test]
    fn sync_23_a_services_path_has_no_variable_of_the_environments_in_it() {
        let error = expand("%CARGO_MANIFEST_DIR%/a.nst", true).expect_err("not believed");
        assert!(error.text().contains("CARGO_MANIFEST_DIR"), "{error}");
        assert_eq!(expand("/mail/a.nst", true).unwrap(), "/mail/a.nst");
    }
}
