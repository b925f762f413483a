//! Where the common state of a wrapped store is: in a file beside it.

use std::path::{Path, PathBuf};

use mapi_provider_abi::mapi::{MAPI_E_NO_SUPPORT, PR_PST_PATH};
use mapi_provider_twoway::State;

use crate::error::SyncError;
use crate::store::Store;

/// What a wrapped store and its server last had in common: in a file beside the store's own, whose name is that one's and
/// `.sync`. A copy of the store without it merges with the server, and deletes nothing (TWOWAY-06).
pub(crate) fn state_beside(store: &Store<'_>) -> Result<State, SyncError> {
    let path = store.text(PR_PST_PATH.unicode())?;
    let path = path.filter(|path| !path.is_empty()).ok_or_else(|| {
        let text = "the store does not say in which file it is: there is no place for the state of its synchronisation";
        SyncError::new(MAPI_E_NO_SUPPORT, text)
    })?;
    Ok(State::open(&beside(Path::new(&path)))?)
}

fn beside(store: &Path) -> PathBuf {
    let mut name = store.file_name().unwrap_or_default().to_owned();
    name.push(".sync");
    store.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_has_the_name_of_its_store() {
        let path = Path::new("mail").join("Grüße.nst");
        assert_eq!(beside(&path), Path::new("mail").join("Grüße.nst.sync"));
    }
}
