//! One run: the logic is called for a batch of requests, and what comes of it is told.

use std::panic::{AssertUnwindSafe, catch_unwind};

use windows_core::HRESULT;

use super::BackgroundSync;
use super::batch::Batch;
use super::crew::Service;
use super::cursor::CursorStore;
use super::engine::Shared;
use super::job::SyncJob;
use super::plan::Wish;
use super::seats::Seat;
use crate::error::SyncError;
use crate::log;
use crate::platform::LastWords;
use crate::status::Status;
use mapi_provider_abi::internal::{panic_text, panicked};
use mapi_provider_abi::mapi::{E_UNEXPECTED, MAPI_E_USER_CANCEL, S_OK};

impl<L: BackgroundSync> Service for Shared<L> {
    /// One run, for all requests of a batch (SYNC-15).
    fn serve(&self, batch: Batch, events: &mut LastWords) {
        // The seat is held for as long as the run goes on (SYNC-21); gone where its logon has left this very moment,
        // and then the run is cancelled already.
        let Seat { section, store } = self.seats().of(batch.seat()).unwrap_or_default();
        if let Some(store) = &store {
            // WRAP-06: often enough, and a failure is no reason not to try; it is in the log.
            let _ = store.prepare();
        }
        let result = {
            let section = section.or_else(|| self.seats().any_section());
            let cursor = CursorStore::new(section, self.options.cursor_tag);
            let job = SyncJob::new(&batch, &cursor, &self.seats, store);
            let outcome = run(&self.logic, &job);
            job.finish();
            if let Err(error) = &outcome {
                self.set_last_failure(error);
            }
            report(outcome, &batch)
        };
        batch.end(result, events);
    }
}

/// Calls the logic behind the barrier (SYNC-13).
fn run<L: BackgroundSync>(logic: &L, job: &SyncJob) -> Result<(), SyncError> {
    log::info!(flags = job.raw_flags(), "synchronising");
    let wish = Wish::of_environment();
    let synchronize = || {
        let ended = wish.carry_out(logic, job);
        ended.map_err(SyncError::without_source)
    };
    let outcome = catch_unwind(AssertUnwindSafe(synchronize));
    match outcome {
        Ok(Err(error)) if job.is_cancelled() && !error.is_cancelled() => {
            // What fails after a cancellation mostly fails because of it.
            log::info!(%error, "failed after it was cancelled");
            Err(SyncError::cancelled())
        }
        Ok(outcome) => outcome,
        Err(payload) => {
            let text = format!("the synchronisation panicked: {}", panic_text(&*payload));
            panicked(payload);
            Err(SyncError::new(E_UNEXPECTED, text))
        }
    }
}

/// Tells the callbacks of a failure, not of a cancellation (SYNC-12), and answers what `Done` gets.
fn report(outcome: Result<(), SyncError>, batch: &Batch) -> HRESULT {
    let Err(error) = outcome else {
        log::info!("synchronised");
        return S_OK;
    };
    if error.is_cancelled() {
        log::info!("cancelled");
        return MAPI_E_USER_CANCEL;
    }
    log::warn!(status = %Status(error.code()), text = error.text(), "failed");
    batch.attend();
    batch.for_each_callback(|_, callback| callback.error(error.code(), error.text()));
    error.code()
}
