//! Where the file of a store is.

use std::path::{MAIN_SEPARATOR_STR, PathBuf};

use windows_core::{GUID, HRESULT};

use super::super::profile::ProfileSection;
use super::super::properties::Value;
use crate::error::LogonError;
use crate::log;
use crate::manifest::Manifest;
use crate::platform::{random_guid, trusted_variable_in};
use crate::settings::Secret;
use mapi_provider_abi::mapi::{PT_STRING8, PT_UNICODE, PropTag};

/// PR_PROFILE_OFFLINE_STORE_PATH_W.
pub(in super::super) const PATH: PropTag = PropTag::new(0x6610, PT_UNICODE);

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

/// The path in a section as it was, or one that the manifest's makes, which is then written there; none where nobody says
/// it. `account` tells one account from another, where MAPI does: each has a file of its own. `is_service` is what MAPI
/// says of the process, where it says it.
///
/// # Errors
///
/// The section can't be read or written, or the folder can't be made.
pub(super) fn ensure(
    section: &ProfileSection,
    account: Option<[u8; 16]>,
    manifest: &Manifest,
    is_service: bool,
) -> Result<Option<String>, LogonError> {
    let unreadable = |status| {
        LogonError::new(
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
    let account = account.map_or_else(random_guid, |uid| GUID::from_u128(u128::from_be_bytes(uid)));
    let default = default.replace('\\', MAIN_SEPARATOR_STR);
    let path = expand(&default, is_service).map_err(|name| {
        LogonError::unconfigured(format!(
            "the path of the store names the environment variable {name}, which is not set, or this is an elevated \
             or a service's process, where the environment is not believed: configure PR_PROFILE_OFFLINE_STORE_PATH"
        ))
    })?;
    let path = of_account(&path, account);
    if let Some(folder) = PathBuf::from(&path).parent() {
        std::fs::create_dir_all(folder)?;
    }
    let written = section.write(&[property(&path)]);
    written.map_err(|status| {
        LogonError::new(
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

/// The file of one account, beside those of others: `mail.nst` becomes `mail-….nst`.
///
/// Two accounts in one file would each take the other's messages for its own.
fn of_account(path: &str, account: GUID) -> String {
    let name = path.rfind(['\\', '/']).map_or(0, |separator| separator + 1);
    // A dot in front is no extension's.
    let dot = path[name..].rfind('.').filter(|dot| *dot > 0);
    let (stem, extension) = path.split_at(dot.map_or(path.len(), |dot| name + dot));
    format!("{stem}-{:032x}{extension}", account.to_u128())
}

/// Puts the environment's values in the place of `%VARIABLE%`.
///
/// # Errors
///
/// The name of a variable that has none, or none that is believed.
pub(in super::super) fn expand(path: &str, is_service: bool) -> Result<String, String> {
    let mut parts = path.split('%');
    let mut expanded = parts.next().unwrap_or_default().to_owned();
    while let Some(name) = parts.next() {
        let Some(rest) = parts.next() else {
            // A sign that has no second one is no variable's.
            expanded.push('%');
            expanded.push_str(name);
            break;
        };
        // SYNC-23: who set it may not have the rights that we have.
        let value =
            trusted_variable_in(is_service, name).and_then(|value| value.into_string().ok());
        let value = value.ok_or_else(|| name.to_owned())?;
        expanded.push_str(&value);
        expanded.push_str(rest);
    }
    Ok(expanded)
}

#[cfg(test)]
mod tests {
    use windows_core::GUID;

    use super::{expand, of_account};

    #[test]
    fn each_account_has_a_file_of_its_own() {
        let (first, second) = (GUID::from_u128(1), GUID::from_u128(0xAB << 120));
        for (path, wanted) in [
            (
                r"C:\Mail\contoso.nst",
                r"C:\Mail\contoso-00000000000000000000000000000001.nst",
            ),
            (
                "c:/a.b/mail",
                "c:/a.b/mail-00000000000000000000000000000001",
            ),
            (
                r"C:\a\.hidden",
                r"C:\a\.hidden-00000000000000000000000000000001",
            ),
        ] {
            assert_eq!(of_account(path, first), wanted);
            assert_ne!(of_account(path, second), wanted);
        }
        assert_eq!(
            of_account("a.nst", second),
            format!("a-ab{}.nst", "0".repeat(30))
        );
    }

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
        assert_eq!(expand(r"C:\100%\queue").unwrap(), r"C:\100%\queue");
        let error = expand("%NO_SUCH_VARIABLE_HERE%/a").expect_err("not set");
        assert_eq!(error, "NO_SUCH_VARIABLE_HERE");
    }

    #[test]
    fn sync_23_a_services_path_has_no_variable_of_the_environments_in_it() {
        let error = expand("%CARGO_MANIFEST_DIR%/a.nst", true).expect_err("not believed");
        assert_eq!(error, "CARGO_MANIFEST_DIR");
        assert_eq!(expand("/mail/a.nst", true).unwrap(), "/mail/a.nst");
    }
}
