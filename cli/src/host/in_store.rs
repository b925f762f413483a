//! A store that is open for as long as something is done with it, in the process that runs the provider.

use mapi_provider::store::Store;
use mapi_provider_host::outlook::configure;
use mapi_provider_host::{Host, Property};

use super::child::Tell;
use super::protocol::Message;

/// Logs on, does the work, logs off and reports what was left behind.
pub(super) fn in_store(
    host: Host,
    settings: &[Property],
    tell: Tell<'_>,
    work: impl FnOnce(&Store, Tell<'_>) -> Result<(), String>,
) -> Result<(), String> {
    configure(&host, settings).map_err(said)?;
    let worked = log_on(&host, tell, work);
    let report = host.finish();
    worked?;
    tell(&Message::Shown);
    tell(&Message::of_report(&report));
    Ok(())
}

fn log_on(
    host: &Host,
    tell: Tell<'_>,
    work: impl FnOnce(&Store, Tell<'_>) -> Result<(), String>,
) -> Result<(), String> {
    let provider = host.init().map_err(said)?;
    let worked = provider.logon().map_err(said).and_then(|store| {
        let worked = work(&store.client(), tell);
        store.logoff();
        worked
    });
    let shut_down = provider.shutdown().map_err(said);
    worked?;
    shut_down
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}
