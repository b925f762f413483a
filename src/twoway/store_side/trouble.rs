//! What an error of the store means for a run.

use mapi_provider_abi::mapi::{MAPI_E_INVALID_ENTRYID, MAPI_E_NOT_ENOUGH_DISK, STG_E_MEDIUMFULL};
use mapi_provider_twoway::{Answer, Failure, ItemFailure, Stop, Trouble};

use crate::mime::MimeError;
use crate::store::StoreError;

pub(super) fn trouble(error: StoreError) -> Trouble {
    let kind = match error.status() {
        // No other message could be written either.
        MAPI_E_NOT_ENOUGH_DISK | STG_E_MEDIUMFULL => return Stop::Fatal(error.to_string()).into(),
        MAPI_E_INVALID_ENTRYID => Failure::Gone,
        _ if error.is_not_found() => Failure::Gone,
        _ if error.is_changed() => Failure::Stale,
        _ if error.is_no_access() || error.is_collision() => Failure::Refused,
        _ => Failure::Failed,
    };
    ItemFailure::new(kind, error.to_string()).into()
}

pub(super) fn mime_trouble(error: MimeError) -> Trouble {
    match error {
        MimeError::Store(error) => trouble(error),
        error => Trouble::refused(error.to_string()),
    }
}

/// Of what is gone nothing has to be kept.
pub(super) fn unless_gone<T: Default>(done: Answer<T>) -> Answer<T> {
    match done {
        Err(Trouble::Item(failure)) if failure.kind == Failure::Gone => Ok(T::default()),
        done => done,
    }
}
