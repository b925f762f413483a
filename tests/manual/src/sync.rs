//! A run, step by step.

use mapi_provider::abi::MAPI_E_NETWORK_ERROR;
use mapi_provider::{SyncError, SyncJob};

use crate::Settings;
use crate::server::{Client, ServerError};

/// Fetches what is new.
///
/// # Errors
///
/// The server is away, the run is cancelled, or the profile can't keep the cursor.
pub fn run(client: &Client, job: &SyncJob) -> Result<(), SyncError> {
    if !job.downloads() {
        return Ok(());
    }
    renew(client, job)?;
    let mut known = revision(job);
    let new = match client.since(known) {
        Err(ServerError::TooOld) => {
            job.warn("The server asks for everything to be fetched anew.");
            known = 0;
            client.since(known)
        }
        answer => answer,
    };
    let new = new.map_err(explained)?;
    for (done, revision) in new.iter().copied().enumerate() {
        job.progress("Downloading", done, new.len())?;
        download(client, revision, job)?;
        if done % 50 == 49 {
            job.save_cursor(revision.to_string())?;
        }
        known = revision;
    }
    job.save_cursor(known.to_string())?;
    job.progress("Finished", new.len(), new.len())
}

/// Keeps the token that the server gives in place of the old one.
fn renew(client: &Client, job: &SyncJob) -> Result<(), SyncError> {
    match client.renewed_token() {
        Some(token) => job.settings().set(Settings::TOKEN, token),
        None => Ok(()),
    }
}

/// The revision that the last run came to. A cursor that makes no sense is none.
fn revision(job: &SyncJob) -> u64 {
    let text = job.cursor().and_then(|bytes| str::from_utf8(bytes).ok());
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Fetches one message. One that can't be read is left out, and the user learns of it.
fn download(client: &Client, revision: u64, job: &SyncJob) -> Result<(), SyncError> {
    match client.fetch(revision) {
        Ok(text) => client.keep(text),
        Err(ServerError::Broken(_)) => {
            job.warn(format!(
                "Message {revision} can't be read and was left out."
            ));
        }
        Err(error) => return Err(explained(error)),
    }
    Ok(())
}

/// An error as users read it.
fn explained(error: ServerError) -> SyncError {
    match error {
        ServerError::Offline(_) => SyncError::new(
            MAPI_E_NETWORK_ERROR,
            "The mail server can't be reached. Is there a network?",
        ),
        other => other.into(),
    }
}
