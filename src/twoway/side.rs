//! The store's side of a run, and the state that goes with it.

use mapi_provider_twoway::{Local, State};

use super::store_side::{self, StoreSide};
use crate::error::SyncError;
use crate::sync::SyncJob;

/// Both belong to one run.
pub(super) struct Sides<'a> {
    pub(super) local: Box<dyn Local + 'a>,
    pub(super) state: State,
}

/// What the job's store is to a run.
pub(super) fn of_job<'a>(job: &'a SyncJob<'_>) -> Result<Sides<'a>, SyncError> {
    #[cfg(feature = "mailbox")]
    if let Ok(mailbox) = job.mailbox() {
        use mapi_provider_mailbox::logic::MailboxSide;
        let state = MailboxSide::state(&mailbox)?;
        let local = Box::new(MailboxSide::new(mailbox)?);
        return Ok(Sides { local, state });
    }
    let store = job.store()?;
    let state = store_side::state_beside(&store)?;
    let local = Box::new(StoreSide::new(store)?);
    Ok(Sides { local, state })
}
