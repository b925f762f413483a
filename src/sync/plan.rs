//! A plan in the place of a run: `MAPI_PROVIDER_PLAN` names the file that gets it.

use std::path::PathBuf;

use super::BackgroundSync;
use super::job::SyncJob;
use crate::error::SyncError;
use crate::platform::trusted_variable;
use mapi_provider_abi::mapi::MAPI_E_DISK_ERROR;

/// The variable: `cargo mapi host sync --plan` sets it for the process that runs the provider.
const VARIABLE: &str = "MAPI_PROVIDER_PLAN";

/// What the logic is called for.
pub(super) enum Wish {
    Run,
    /// Nothing is done; the plan goes into this file.
    Plan(PathBuf),
}

impl Wish {
    pub(super) fn of_environment() -> Self {
        match trusted_variable(VARIABLE) {
            None => Self::Run,
            Some(file) => Self::Plan(file.into()),
        }
    }

    /// Calls the logic. Where only a plan is wanted, `synchronize` is not called at all: so whatever the logic is, nothing is
    /// done.
    pub(super) fn carry_out<L: BackgroundSync>(
        &self,
        logic: &L,
        job: &SyncJob,
    ) -> Result<(), SyncError> {
        let file = match self {
            Self::Run => return logic.synchronize(job),
            Self::Plan(file) => file,
        };
        let plan = logic.plan(job)?;
        std::fs::write(file, plan).map_err(|error| {
            let text = format!("the plan can't be written to {}: {error}", file.display());
            SyncError::new(MAPI_E_DISK_ERROR, text).with_source(error)
        })
    }
}
