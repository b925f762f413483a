//! The worker: runs the logic for one batch of requests after another until none is left.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use windows_core::HRESULT;

use super::BackgroundSync;
use super::cancel::CancelToken;
use super::engine::Shared;
use super::job::SyncJob;
use super::queue::Next;
use super::request::Request;
use crate::abi::{E_UNEXPECTED, MAPI_E_USER_CANCEL, S_OK};
use crate::error::{Status, SyncError};
use crate::object::{panic_text, panicked};
use crate::platform::{Event, LastWords, Latch, WorkerScope};

/// The body of a worker thread. What it returns is signalled when nothing else of it is left
/// (SYNC-11).
pub(super) fn work<L: BackgroundSync>(shared: Arc<Shared<L>>, latch: &Latch) -> LastWords {
    latch.enter();
    let scope = WorkerScope::enter(); // SYNC-20
    shared.wait_for_predecessors(); // SYNC-15
    let events = loop {
        // Nothing in there panics but, perhaps, a subscriber of the log. Requests that get lost with it
        // end by themselves, and the others are served.
        match catch_unwind(AssertUnwindSafe(|| serve_all(&shared))) {
            Ok(events) => break events,
            Err(payload) => panicked(payload),
        }
    };
    // The logic may be dropped here, and that is user code (COM-04).
    if let Err(payload) = catch_unwind(AssertUnwindSafe(move || drop(shared))) {
        panicked(payload);
    }
    scope.leave();
    latch.open();
    events
}

/// Serves batch after batch. The events of the last one are left to be signalled.
fn serve_all<L: BackgroundSync>(shared: &Shared<L>) -> LastWords {
    let mut finished = LastWords::new();
    loop {
        let next = shared.queue().next();
        let Next::Work {
            batch,
            cancelled,
            token,
        } = next
        else {
            return finished;
        };
        for request in cancelled {
            finished.extend(request.finish(MAPI_E_USER_CANCEL)); // SYNC-16
        }
        if !batch.is_empty() {
            // A run follows: whoever waits for what has ended need not wait for that too.
            signal(&mut finished);
            finished.append(&mut serve(shared, batch, token));
        }
    }
}

fn signal(events: &mut LastWords) {
    for event in events.drain(..) {
        event.signal();
    }
}

/// One run, for all requests of a batch (SYNC-15).
fn serve<L: BackgroundSync>(
    shared: &Shared<L>,
    batch: Vec<Request>,
    token: CancelToken,
) -> Vec<Event> {
    let inner = shared.use_inner_store();
    if let Some(inner) = &inner {
        // WRAP-06: often enough, and a failure is no reason not to try; it is in the log.
        let _ = inner.prepare();
    }
    let job = SyncJob::new(batch, token, &shared.cursor, inner);
    let outcome = run(&shared.logic, &job);
    let batch = job.finish();
    shared.leave_inner_store();
    if let Err(error) = &outcome {
        shared.set_last_failure(error);
    }
    let result = report(outcome, &batch);
    // Each Done before its release, and all releases before any signal (SYNC-10, SYNC-11).
    batch
        .into_iter()
        .filter_map(|request| request.finish(result))
        .collect()
}

/// Calls the logic behind the barrier (SYNC-13).
fn run<L: BackgroundSync>(logic: &L, job: &SyncJob) -> Result<(), SyncError> {
    tracing::info!(flags = job.raw_flags(), "synchronising");
    let outcome = catch_unwind(AssertUnwindSafe(|| logic.synchronize(job)));
    match outcome {
        Ok(Err(error)) if job.is_cancelled() && !error.is_cancelled() => {
            // What fails after a cancellation mostly fails because of it.
            tracing::info!(%error, "failed after it was cancelled");
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
fn report(outcome: Result<(), SyncError>, batch: &[Request]) -> HRESULT {
    let Err(error) = outcome else {
        tracing::info!("synchronised");
        return S_OK;
    };
    if error.is_cancelled() {
        tracing::info!("cancelled");
        return MAPI_E_USER_CANCEL;
    }
    tracing::warn!(status = %Status(error.code()), text = error.text(), "failed");
    for callback in batch.iter().filter_map(|request| request.callback.as_ref()) {
        callback.error(error.code(), error.text());
    }
    error.code()
}
