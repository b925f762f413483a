//! The logic tries settings before they are kept, on a thread of its own and for a limited time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::error::LogonError;
use crate::log;
use crate::manifest::{Manifest, SettingsTest};
use crate::platform::{Bell, LastWords, WorkerScope, deadline, spawn_worker};
use crate::settings::{ServiceSettings, SettingValues};
use crate::sync::BackgroundSync;
use mapi_provider_abi::internal::{panic_text, panicked};
use mapi_provider_abi::mapi::{
    E_UNEXPECTED, MAPI_E_NOT_ENOUGH_RESOURCES, MAPI_E_TIMEOUT, MAPI_E_UNCONFIGURED,
};

/// [`BackgroundSync::test`] of some logic, for a manifest.
///
/// # Errors
///
/// The logic refuses the settings.
pub fn test_settings<L: BackgroundSync>(mut values: SettingValues) -> Result<(), LogonError> {
    let settings = L::Settings::from_values(&mut values)
        .map_err(|missing| LogonError::new(MAPI_E_UNCONFIGURED, missing.to_string()))?;
    L::test(&settings)
}

/// What comes of a trial, and a bell for whoever waits for it.
struct Outcome {
    result: Mutex<Option<Result<(), LogonError>>>,
    bell: Bell,
}

impl Outcome {
    fn lock(&self) -> MutexGuard<'_, Option<Result<(), LogonError>>> {
        self.result.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Has the logic try settings, if it wants to.
///
/// # Errors
///
/// It refuses them, panics, or takes too long. Then its thread is left behind with them.
pub(super) fn try_out(manifest: &Manifest, values: SettingValues) -> Result<(), LogonError> {
    let Some(test) = manifest.test else {
        return Ok(());
    };
    let outcome = Arc::new(Outcome {
        result: Mutex::new(None),
        bell: Bell::new(),
    });
    let theirs = Arc::clone(&outcome);
    let started = spawn_worker(manifest.unload, move || {
        let scope = WorkerScope::enter(false);
        let result = call(test, values);
        scope.leave();
        *theirs.lock() = Some(result);
        theirs.bell.ring();
        LastWords::default()
    });
    if started.is_err() {
        let text = "There is no thread left to try these settings.";
        return Err(LogonError::new(MAPI_E_NOT_ENOUGH_RESOURCES, text));
    }
    wait(&outcome, manifest.test_timeout)
}

/// Calls it behind the barrier (COM-04).
fn call(test: SettingsTest, values: SettingValues) -> Result<(), LogonError> {
    let test = || test(values).map_err(LogonError::without_source);
    catch_unwind(AssertUnwindSafe(test)).unwrap_or_else(|payload| {
        let text = format!("Trying these settings panicked: {}", panic_text(&*payload));
        panicked(payload);
        Err(LogonError::new(E_UNEXPECTED, text))
    })
}

/// Waits on the caller's thread, which answers messages that are sent to it meanwhile.
fn wait(outcome: &Outcome, limit: Duration) -> Result<(), LogonError> {
    let end = deadline(limit);
    loop {
        // Where the system has no bell left, it rings without a reason.
        let rung = outcome.bell.wait_until(end);
        if let Some(result) = outcome.lock().take() {
            return result;
        }
        if !rung || end.is_some_and(|end| Instant::now() >= end) {
            log::warn!("trying the settings takes too long");
            let text = format!("Trying these settings took longer than {limit:?}.");
            return Err(LogonError::new(MAPI_E_TIMEOUT, text));
        }
    }
}
