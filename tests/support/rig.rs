//! A host with one provider and one store, from logon to report.

use std::thread::ThreadId;

use mapi_provider::abi::{HRESULT, S_OK};
use mapi_provider::object::ObjectRef;
use mapi_provider_host::{
    CallKind, CallbackBuilder, Host, Profile, ProgressCallback, Provider, ProviderLibrary, Status, Store, SyncRequest,
    SyncRun,
};

use super::backend::Given;
use super::{Gate, SOON};

/// A host, a provider and a store. Take the parts out where a test ends them one by one.
pub(crate) struct Rig {
    pub(crate) store: Store,
    pub(crate) provider: Provider,
    pub(crate) host: Host,
    given: Option<Given>,
}

impl Rig {
    /// Logs on.
    #[track_caller]
    pub(crate) fn open(library: ProviderLibrary, profile: Profile) -> Self {
        let host = Host::new(library, profile).expect("a set of allocators");
        let provider = host.init().expect("MSProviderInit");
        let store = provider.logon().expect("Logon");
        Self { store, provider, host, given: None }
    }

    pub(super) fn holding(self, given: Given) -> Self {
        Self { given: Some(given), ..self }
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
        self.store.synchronize(&SyncRequest::new(0).callback(callback))
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
        assert!(run.started().expect("accepted").wait(SOON), "the run did not end");
        run.result().expect("Done was called")
    }

    /// Logs off in order, and looks at what is left: nothing.
    #[track_caller]
    pub(crate) fn finish(self) {
        let Self { store, provider, host, given } = self;
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

/// Checks the order of a callback's calls (SYNC-10): all on one thread that isn't this one, Done last and as
/// often as it should be. Answers the thread.
#[track_caller]
pub(crate) fn done_order(callback: &ProgressCallback, dones: usize) -> ThreadId {
    let calls = callback.calls();
    let is_done = |kind: &CallKind| matches!(kind, CallKind::Done { .. });
    assert_eq!(calls.iter().filter(|call| is_done(&call.kind)).count(), dones, "{calls:?}");
    let (before, last) = calls.split_at(calls.len() - dones);
    assert!(last.iter().all(|call| is_done(&call.kind)), "{calls:?}");
    assert!(!before.iter().any(|call| is_done(&call.kind)), "{calls:?}");
    let thread = last[0].thread;
    assert!(calls.iter().all(|call| call.thread == thread), "{calls:?}");
    assert_ne!(thread, std::thread::current().id());
    thread
}
