//! What a probe does in a run, told by the environment.

use std::env;
use std::time::Duration;

use mapi_provider::abi::HRESULT;
use mapi_provider::{SyncError, SyncJob};

/// Does what the environment says; each text begins with `label`.
///
/// # Errors
///
/// The failure that the environment names, or the run is cancelled.
///
/// # Panics
///
/// If the environment says so.
pub(crate) fn run(label: &str, job: &SyncJob) -> Result<(), SyncError> {
    let orders = Orders::from_environment();
    for step in 0..orders.steps {
        job.progress(format!("{label}: step {}", step + 1), step, orders.steps)?;
        job.wait(orders.step)?;
    }
    job.progress(format!("{label}: finished"), orders.steps, orders.steps)?;
    assert!(!orders.panic, "SYNC_TEST_PANIC is set");
    match orders.fail {
        Some(code) => Err(SyncError::new(
            code,
            format!("SYNC_TEST_FAIL is set to {:08x}", code.0),
        )),
        None => Ok(()),
    }
}

/// What the environment says.
struct Orders {
    steps: usize,
    step: Duration,
    fail: Option<HRESULT>,
    panic: bool,
}

impl Orders {
    fn from_environment() -> Self {
        let number = |name| {
            env::var(name)
                .ok()
                .and_then(|text| text.trim().parse::<u64>().ok())
        };
        let fail = env::var("SYNC_TEST_FAIL").ok();
        Self {
            steps: number("SYNC_TEST_STEPS")
                .map_or(3, |steps| usize::try_from(steps).unwrap_or(usize::MAX)),
            step: Duration::from_millis(number("SYNC_TEST_STEP_MS").unwrap_or(20)),
            fail: fail
                .and_then(|text| u32::from_str_radix(text.trim(), 16).ok())
                .map(|code| HRESULT(code as i32)),
            panic: env::var("SYNC_TEST_PANIC").is_ok_and(|value| value == "1"),
        }
    }
}
