//! Logic that leaves a thread behind, as a team's libraries may.

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob};

mapi_provider::provider!("provider.toml");

static TICKS: AtomicU32 = AtomicU32::new(0);

/// How often the thread has come round.
#[unsafe(no_mangle)]
pub extern "system" fn lingering_ticks() -> u32 {
    TICKS.load(Ordering::Relaxed)
}

/// The logic.
#[derive(MapiSync)]
pub struct Lingering;

impl BackgroundSync for Lingering {
    type Settings = Settings;

    fn open(_: Settings) -> Result<Self, LogonError> {
        Ok(Self)
    }

    fn synchronize(&self, _: &SyncJob) -> Result<(), SyncError> {
        thread::spawn(|| {
            loop {
                TICKS.fetch_add(1, Ordering::Relaxed);
                thread::sleep(Duration::from_millis(5));
            }
        });
        Ok(())
    }
}
