//! The plan, for people: in the file that `MAPI_PROVIDER_PLAN` names.

use std::path::Path;

use mapi_provider_abi::mapi::MAPI_E_DISK_ERROR;
use mapi_provider_twoway::Plan;

use crate::error::SyncError;

pub(super) fn write(path: &Path, plan: &Plan) -> Result<(), SyncError> {
    std::fs::write(path, plan.to_string()).map_err(|error| {
        let text = format!("the plan can't be written to {}: {error}", path.display());
        SyncError::new(MAPI_E_DISK_ERROR, text).with_source(error)
    })
}
