//! Runs of a wrapped store: they hold the inner store (SYNC-21), and errors are reported (COM-08).

use mapi_provider::SyncError;
use mapi_provider::abi::{MAPI_E_NETWORK_ERROR, S_OK};
use mapi_provider_host::{ProgressCallback, Status, SyncRequest};

use crate::inner::Rig;
use crate::support::SOON;
use crate::support::script::Script;

#[test]
fn sync_21_a_run_has_the_inner_store() {
    let rig = Rig::with(Script::new(|job| job.store().map(drop)));
    let provider = rig.host.init().expect("MSProviderInit");
    let callback = rig.host.callback(ProgressCallback::builder());
    for store in [provider.logon(), provider.spooler_logon()] {
        let store = store.expect("logged on");
        let run = store.synchronize(&SyncRequest::default().callback(&callback));
        assert!(run.started().expect("accepted").wait(SOON));
        assert_eq!(run.result(), Some(Status(S_OK)));
    }
    drop((callback, provider));
    rig.finish();
}

#[test]
fn com_08_the_store_tells_why_the_last_run_failed() {
    let rig = Rig::with(Script::new(|_| {
        Err(SyncError::new(MAPI_E_NETWORK_ERROR, "the server is gone"))
    }));
    let provider = rig.host.init().expect("MSProviderInit");
    let store = provider.logon().expect("Logon");
    let run = store.synchronize(&SyncRequest::default());
    assert!(run.started().expect("accepted").wait(SOON));
    let said = store.last_error(MAPI_E_NETWORK_ERROR);
    assert_eq!(said.as_deref(), Some("the server is gone"));
    drop((run, store, provider));
    rig.finish();
}
