//! Several threads for one run.

use std::panic::resume_unwind;
use std::thread;

use mapi_provider::{SyncError, SyncJob};

use crate::server::{Client, ServerError};

/// Fetches in two threads. Both end before this does, cancelled or not.
#[allow(dead_code, reason = "the provider itself fetches one by one")]
fn fetch_in_two(
    client: &Client,
    revisions: [&[u64]; 2],
    job: &SyncJob,
) -> Result<Vec<String>, SyncError> {
    let token = job.cancellation();
    let fetch = |revisions: &[u64]| -> Result<Vec<String>, ServerError> {
        let going_on = revisions.iter().take_while(|_| !token.is_cancelled());
        going_on.map(|revision| client.fetch(*revision)).collect()
    };
    let [first, second] = thread::scope(|scope| {
        let other = scope.spawn(|| fetch(revisions[1]));
        let first = fetch(revisions[0]);
        [
            first,
            other.join().unwrap_or_else(|panic| resume_unwind(panic)),
        ]
    });
    job.check()?;
    Ok([first?, second?].concat())
}
