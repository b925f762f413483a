//! A store whose logon is its own code too: it makes its sync engine itself.

use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use mapi_provider::abi::{
    HRESULT, IMAPIProp_Impl, IMAPISync, IMsgStore, IMsgStore_Impl, MAPI_E_INVALID_OBJECT, MAPISIB,
    S_OK, SyncFlags,
};
use mapi_provider::object::{Object, ObjectRef, Query};
use mapi_provider::platform::Event;
use mapi_provider::{
    BackgroundSync, LogonError, MapiObject, MapiSync, SyncEngine, SyncError, SyncJob,
};
use windows_core::Interface;

/// No wait of these tests is for so long, but for one that has failed.
const SOON: Duration = Duration::from_secs(20);

/// Logic that counts its runs, and goes on until it is cancelled where it is asked for uploads.
#[derive(Default, MapiSync)]
struct Counting {
    runs: AtomicU32,
    cancelled: AtomicU32,
}

impl BackgroundSync for Counting {
    type Settings = ();

    fn open((): ()) -> Result<Self, LogonError> {
        Ok(Self::default())
    }

    fn synchronize(&self, job: &SyncJob) -> Result<(), SyncError> {
        self.runs.fetch_add(1, Ordering::Relaxed);
        assert!(job.cursor().is_none());
        assert!(job.save_cursor("1").is_err());
        if job.flags().contains(SyncFlags::UPLOAD_CONTENTS) {
            let end = job.wait(SOON);
            self.cancelled.fetch_add(1, Ordering::Relaxed);
            end?;
        }
        Ok(())
    }
}

#[derive(MapiObject)]
#[mapi(implements(IMsgStore), query_interface = query)]
struct Store {
    engine: SyncEngine<Counting>,
}

impl IMAPIProp_Impl for Store {}
impl IMsgStore_Impl for Store {}

fn query(this: &Object<Store>, query: &mut Query<'_>) {
    query.answer::<IMAPISync>(|| Some(Counting::sync_interface(&this.engine, this)));
}

impl Drop for Store {
    fn drop(&mut self) {
        self.engine.log_off();
    }
}

fn ask(sync: &IMAPISync, flags: SyncFlags) -> Result<Event, HRESULT> {
    let mut handle: *mut c_void = ptr::null_mut();
    let mut block = MAPISIB {
        ulSize: size_of::<MAPISIB>() as u32,
        ulFlags: flags,
        psesSync: ptr::null_mut(),
        punkCallBack: ptr::null_mut(),
        phSyncDoneEvent: &raw mut handle,
    };
    // SAFETY: a live structure.
    let result = unsafe { sync.SynchronizeInBackground(&raw mut block) };
    match result {
        // SAFETY: the event is ours.
        S_OK => Ok(unsafe { Event::from_raw(handle) }),
        failed => Err(failed),
    }
}

#[test]
fn an_engine_of_ones_own_runs_cancels_and_logs_off() {
    let engine = SyncEngine::new(Counting::default(), None);
    let store = ObjectRef::new(Store {
        engine: engine.clone(),
    })
    .into_interface::<IMsgStore>();
    let sync: IMAPISync = store.cast().expect("it synchronises");

    let event = ask(&sync, SyncFlags::empty()).expect("accepted");
    assert!(event.wait(Some(SOON)));
    assert_eq!(engine.logic().runs.load(Ordering::Relaxed), 1);

    // SYNC-16
    let event = ask(&sync, SyncFlags::UPLOAD_CONTENTS).expect("accepted");
    engine.cancel();
    assert!(event.wait(Some(SOON)));
    let event = ask(&sync, SyncFlags::empty()).expect("a cancelled logon may ask again");
    assert!(event.wait(Some(SOON)));

    engine.log_off();
    assert_eq!(
        ask(&sync, SyncFlags::empty()).err(),
        Some(MAPI_E_INVALID_OBJECT)
    );
    engine.log_off();
    drop((store, sync));
}
