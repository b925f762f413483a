//! A host with one provider and one store, from logon to report.

use std::ptr;
use std::thread::ThreadId;

use mapi_provider::abi::{
    HRESULT, IMAPISync, IMSLogon, IMSProvider, IMsgStore, MAPISIB, S_OK, StoreLogonFlags, SyncFlags,
};
use mapi_provider::object::ObjectRef;
use mapi_provider::platform::Event;
use mapi_provider_host::{
    Call, CallKind, CallbackBuilder, Host, Profile, ProgressCallback, Provider, ProviderLibrary,
    Status, Store, SyncRequest, SyncRun,
};

use windows_core::Interface;

use super::backend::Given;
use super::{Gate, Orders, SOON};

/// A host, a provider and a store. Take the parts out where a test ends them one by one.
pub(crate) struct Rig {
    pub(crate) store: Store,
    pub(crate) provider: Provider,
    pub(crate) host: Host,
    /// The orders that the probe has meanwhile.
    pub(crate) given: Option<Given>,
}

impl Rig {
    /// Logs on.
    #[track_caller]
    pub(crate) fn open(library: ProviderLibrary, profile: Profile) -> Self {
        let host = Host::new(library, profile).expect("a set of allocators");
        let provider = host.init().expect("MSProviderInit");
        let store = provider.logon().expect("Logon");
        Self {
            store,
            provider,
            host,
            given: None,
        }
    }

    pub(super) fn holding(self, given: Given) -> Self {
        Self {
            given: Some(given),
            ..self
        }
    }

    /// Other orders for the probe's runs to come; none is starting now.
    pub(crate) fn change(&self, orders: Orders) {
        self.given
            .as_ref()
            .expect("orders were given")
            .change(orders);
    }

    /// A callback that answers S_OK.
    pub(crate) fn callback(&self) -> ObjectRef<ProgressCallback> {
        self.host.callback(ProgressCallback::builder())
    }

    /// A callback that is held up at its first Progress, and answers S_OK.
    pub(crate) fn gated_callback(&self, gate: &Gate) -> ObjectRef<ProgressCallback> {
        let gate = gate.clone();
        self.host.callback(progress_only(move || {
            gate.pass();
            S_OK
        }))
    }

    /// Asks for a run, with nothing but a callback.
    pub(crate) fn ask(&self, callback: &ObjectRef<ProgressCallback>) -> SyncRun {
        self.store
            .synchronize(&SyncRequest::default().callback(callback))
    }

    /// A run from request to end: what Done got.
    #[track_caller]
    pub(crate) fn run(&self) -> Status {
        let callback = self.callback();
        self.run_with(&callback)
    }

    /// A run from request to end, heard by a callback.
    #[track_caller]
    pub(crate) fn run_with(&self, callback: &ObjectRef<ProgressCallback>) -> Status {
        let run = self.ask(callback);
        assert!(
            run.started().expect("accepted").wait(SOON),
            "the run did not end"
        );
        run.result().expect("Done was called")
    }

    /// Logs off in order, and looks at what is left: nothing.
    #[track_caller]
    pub(crate) fn finish(self) {
        let Self {
            store,
            provider,
            host,
            given,
        } = self;
        store.logoff();
        provider.shutdown().expect("Shutdown");
        drop(provider);
        host.finish().assert_clean();
        drop(given);
    }
}

/// A callback's builder whose Progress does this.
pub(crate) fn progress_only(hook: impl Fn() -> HRESULT + Send + Sync + 'static) -> CallbackBuilder {
    ProgressCallback::builder().on_progress(move |_, _, _| hook())
}

/// Waits until Done has been called.
#[track_caller]
pub(crate) fn wait_for_done(callback: &ProgressCallback) {
    let is_done = |call: &Call| matches!(call.kind, CallKind::Done { .. });
    assert!(
        callback.wait_until(SOON, |calls| calls.iter().any(is_done)),
        "Done was not called"
    );
}

/// Waits until something has been called: the run is under way.
#[track_caller]
pub(crate) fn wait_for_call(callback: &ProgressCallback) {
    assert!(
        callback.wait_until(SOON, |calls| !calls.is_empty()),
        "nothing was called"
    );
}

/// Logs on without a support object, so that nothing is logged off by itself.
#[track_caller]
pub(crate) fn bare_logon(provider: &IMSProvider) -> (IMsgStore, IMSLogon) {
    let (mut logon, mut store) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: live variables; the rest may be NULL.
    let result = unsafe {
        provider.Logon(
            ptr::null_mut(),
            0,
            ptr::null_mut(),
            0,
            ptr::null_mut(),
            StoreLogonFlags::empty(),
            ptr::null(),
            ptr::null_mut(),
            ptr::null_mut(),
            ptr::null_mut(),
            &raw mut logon,
            &raw mut store,
        )
    };
    assert_eq!(result, S_OK);
    // SAFETY: the provider's objects, whose references are ours.
    unsafe { (IMsgStore::from_raw(store), IMSLogon::from_raw(logon)) }
}

/// Asks a store's interface for a run, heard by a callback; answers the event.
#[track_caller]
pub(crate) fn bare_ask(store: &IMsgStore, callback: &ObjectRef<ProgressCallback>) -> Event {
    let sync: IMAPISync = store.cast().expect("IMAPISync");
    let unknown = callback.to_unknown();
    let mut event = ptr::null_mut();
    let mut block = MAPISIB {
        ulSize: size_of::<MAPISIB>() as u32,
        ulFlags: SyncFlags::empty(),
        psesSync: ptr::null_mut(),
        punkCallBack: unknown.as_raw(),
        phSyncDoneEvent: &raw mut event,
    };
    // SAFETY: a valid structure.
    let result = unsafe { sync.SynchronizeInBackground(&raw mut block) };
    assert_eq!(result, S_OK);
    // SAFETY: the event is the caller's.
    unsafe { Event::from_raw(event) }
}

/// Checks the order of a callback's calls (SYNC-10): all on one thread that isn't this one, Done last and as
/// often as it should be. Answers the thread.
#[track_caller]
pub(crate) fn done_order(callback: &ProgressCallback, dones: usize) -> ThreadId {
    let calls = callback.calls();
    let is_done = |kind: &CallKind| matches!(kind, CallKind::Done { .. });
    assert_eq!(
        calls.iter().filter(|call| is_done(&call.kind)).count(),
        dones,
        "{calls:?}"
    );
    let (before, last) = calls.split_at(calls.len() - dones);
    assert!(last.iter().all(|call| is_done(&call.kind)), "{calls:?}");
    assert!(!before.iter().any(|call| is_done(&call.kind)), "{calls:?}");
    let thread = last[0].thread;
    assert!(calls.iter().all(|call| call.thread == thread), "{calls:?}");
    assert_ne!(thread, std::thread::current().id());
    thread
}
