//! A provider whose sync does what environment variables say: for contract tests.
//!
//! | variable | what | default |
//! |---|---|---|
//! | `SYNC_TEST_STEPS` | how many steps of progress | 3 |
//! | `SYNC_TEST_STEP_MS` | how long each takes, in milliseconds; a cancellation ends the wait | 20 |
//! | `SYNC_TEST_FAIL` | an HRESULT to fail with after the steps, bare hexadecimal: `80040115` | |
//! | `SYNC_TEST_PANIC` | `1`: panics after the steps | |
//!
//! They are read at the start of every run.

use std::env;
use std::time::Duration;

use mapi_provider::abi::HRESULT;
use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob};

mapi_provider::provider!("provider.toml");

/// Sync logic that does what it is told.
#[derive(MapiSync)]
pub struct Probe {
    label: String,
}

impl BackgroundSync for Probe {
    type Settings = Settings;

    fn open(settings: Settings) -> Result<Self, LogonError> {
        Ok(Self {
            label: settings.label,
        })
    }

    fn synchronize(&self, job: &SyncJob) -> Result<(), SyncError> {
        let orders = Orders::from_environment();
        for step in 0..orders.steps {
            job.progress(
                format!("{}: step {}", self.label, step + 1),
                step,
                orders.steps,
            )?;
            job.wait(orders.step)?;
        }
        job.progress(
            format!("{}: finished", self.label),
            orders.steps,
            orders.steps,
        )?;
        assert!(!orders.panic, "SYNC_TEST_PANIC is set");
        match orders.fail {
            Some(code) => Err(SyncError::new(
                code,
                format!("SYNC_TEST_FAIL is set to {:08x}", code.0),
            )),
            None => Ok(()),
        }
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
