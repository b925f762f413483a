//! The rules of transports, kept by one that stands beside a store.

extern crate several_probe32 as transport_probe_wait32;

#[path = "../../../../examples/transport-probe-wait/tests/xp/faults.rs"]
mod faults;
#[path = "../../../../examples/transport-probe-wait/tests/xp/logon.rs"]
mod logon;
#[path = "../../../../examples/transport-probe-wait/tests/xp/probe.rs"]
mod probe;
#[path = "../../../../examples/transport-probe-wait/tests/xp/receiving.rs"]
mod receiving;
#[path = "../../../../examples/transport-probe-wait/tests/xp/rig.rs"]
mod rig;
#[path = "../../../../examples/transport-probe-wait/tests/xp/rows.rs"]
mod rows;
#[path = "../../../../examples/transport-probe-wait/tests/xp/sending.rs"]
mod sending;
#[path = "../../../../examples/transport-probe-wait/tests/xp/settling.rs"]
mod settling;
#[path = "../../../../examples/transport-probe-wait/tests/xp/waiting.rs"]
mod waiting;

use mapi_provider::{BackgroundSync, LogonError, MapiSync, SyncError, SyncJob};

/// The store's logic: nobody asks for a run here.
#[derive(MapiSync)]
pub struct Idle;

impl BackgroundSync for Idle {
    type Settings = ();

    fn open((): ()) -> Result<Self, LogonError> {
        Ok(Self)
    }

    fn synchronize(&self, _job: &SyncJob) -> Result<(), SyncError> {
        Ok(())
    }
}
