//! The callback through which Outlook hears of a run.

use std::ffi::c_void;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use mapi_provider::MapiObject;
use mapi_provider::abi::{IMAPISyncProgressCallback, IMAPISyncProgressCallback_Impl, S_OK};
use mapi_provider::object::{Object, ObjectRef};
use windows_core::HRESULT;

use super::registry::{Kind, Live, Registry, count};
use crate::locks::lock;
use crate::property::wide_text;
use crate::status::Status;

/// A call of the callback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Which, with what.
    pub kind: CallKind,
    /// On which thread.
    pub thread: ThreadId,
    /// When.
    pub at: Instant,
}

/// The methods of the callback with their arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallKind {
    /// `Progress`
    Progress {
        /// The step; empty for NULL.
        text: String,
        /// How far the run has got.
        index: u32,
        /// The end of the scale.
        max: u32,
    },
    /// `Error`
    Error {
        /// What went wrong.
        status: Status,
        /// What the provider says about it; empty for NULL.
        text: String,
    },
    /// `Done`
    Done {
        /// The handle of the event, as a number.
        event: usize,
        /// How the run ended.
        status: Status,
    },
}

type Hook = Box<dyn Fn(&CallKind) -> HRESULT + Send + Sync>;
type Sink = Box<dyn Fn(&Call) + Send + Sync>;

/// How a callback will behave.
#[derive(Default)]
pub struct CallbackBuilder {
    hook: Option<Hook>,
    sink: Option<Sink>,
    live: Option<Live>,
}

impl CallbackBuilder {
    /// What the callback does and returns when it is called: it may take its time, call into the
    /// provider, fail or panic. It runs on the provider's thread, with no lock held, after the call was
    /// recorded.
    #[must_use]
    pub fn hook(mut self, hook: impl Fn(&CallKind) -> HRESULT + Send + Sync + 'static) -> Self {
        self.hook = Some(Box::new(hook));
        self
    }

    /// As [`hook`](Self::hook), only for `Progress`: text, index, maximum. The others answer `S_OK`.
    #[must_use]
    pub fn on_progress(
        self,
        hook: impl Fn(&str, u32, u32) -> HRESULT + Send + Sync + 'static,
    ) -> Self {
        self.hook(move |call| match call {
            CallKind::Progress { text, index, max } => hook(text, *index, *max),
            _ => S_OK,
        })
    }

    /// As [`hook`](Self::hook), only for `Error`. The others answer `S_OK`.
    #[must_use]
    pub fn on_error(self, hook: impl Fn(Status, &str) -> HRESULT + Send + Sync + 'static) -> Self {
        self.hook(move |call| match call {
            CallKind::Error { status, text } => hook(*status, text),
            _ => S_OK,
        })
    }

    /// As [`hook`](Self::hook), only for `Done`: the event's handle and the result. The others answer
    /// `S_OK`.
    #[must_use]
    pub fn on_done(
        self,
        hook: impl Fn(*mut c_void, Status) -> HRESULT + Send + Sync + 'static,
    ) -> Self {
        self.hook(move |call| match call {
            CallKind::Done { event, status } => hook(*event as *mut c_void, *status),
            _ => S_OK,
        })
    }

    /// Who else hears of every call, before the hook runs.
    #[must_use]
    pub fn sink(mut self, sink: impl Fn(&Call) + Send + Sync + 'static) -> Self {
        self.sink = Some(Box::new(sink));
        self
    }

    /// The callback.
    #[must_use]
    pub fn build(self) -> ObjectRef<ProgressCallback> {
        ObjectRef::new(ProgressCallback {
            state: Arc::default(),
            hook: self.hook,
            sink: self.sink,
            _live: self.live,
        })
    }

    /// The host's report will list the callback if it isn't released.
    pub(crate) fn counted(mut self, registry: &Registry) -> Self {
        self.live = Some(registry.live(Kind::ProgressCallback));
        self
    }
}

/// `IMAPISyncProgressCallback`: records every call.
#[derive(MapiObject)]
#[mapi(implements(IMAPISyncProgressCallback))]
pub struct ProgressCallback {
    state: Arc<CallbackState>,
    hook: Option<Hook>,
    sink: Option<Sink>,
    _live: Option<Live>,
}

/// What a callback has heard, kept after its end.
#[derive(Debug, Default)]
pub(crate) struct CallbackState {
    calls: Mutex<Vec<Call>>,
    called: Condvar,
}

impl CallbackState {
    pub(crate) fn calls(&self) -> Vec<Call> {
        lock(&self.calls).clone()
    }

    /// How the run with this event ended, if `Done` has been called for it.
    pub(crate) fn result(&self, event: usize) -> Option<Status> {
        lock(&self.calls)
            .iter()
            .rev()
            .find_map(|call| match call.kind {
                CallKind::Done { event: of, status } if of == event => Some(status),
                _ => None,
            })
    }

    fn wait_until(&self, timeout: Duration, mut enough: impl FnMut(&[Call]) -> bool) -> bool {
        let calls = lock(&self.calls);
        let waited = self
            .called
            .wait_timeout_while(calls, timeout, |calls| !enough(calls));
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}

impl ProgressCallback {
    /// A callback that answers `S_OK` to everything.
    #[must_use]
    pub fn recording() -> ObjectRef<Self> {
        Self::builder().build()
    }

    /// A builder for a callback.
    #[must_use]
    pub fn builder() -> CallbackBuilder {
        CallbackBuilder::default()
    }

    /// All calls so far.
    pub fn calls(&self) -> Vec<Call> {
        self.state.calls()
    }

    /// The calls so far, without threads and times.
    pub fn kinds(&self) -> Vec<CallKind> {
        self.calls().into_iter().map(|call| call.kind).collect()
    }

    /// The results that `Done` was called with.
    pub fn results(&self) -> Vec<Status> {
        let result = |kind| match kind {
            CallKind::Done { status, .. } => Some(status),
            _ => None,
        };
        self.kinds().into_iter().filter_map(result).collect()
    }

    /// What `Error` was called with.
    pub fn errors(&self) -> Vec<(Status, String)> {
        let error = |kind| match kind {
            CallKind::Error { status, text } => Some((status, text)),
            _ => None,
        };
        self.kinds().into_iter().filter_map(error).collect()
    }

    /// Waits until `enough` accepts the calls; false if it did not in time. `enough` must not call
    /// this callback.
    pub fn wait_until(&self, timeout: Duration, enough: impl FnMut(&[Call]) -> bool) -> bool {
        self.state.wait_until(timeout, enough)
    }

    pub(crate) fn state(&self) -> Arc<CallbackState> {
        Arc::clone(&self.state)
    }

    fn called(&self, kind: CallKind) -> HRESULT {
        let call = Call {
            kind,
            thread: thread::current().id(),
            at: Instant::now(),
        };
        lock(&self.state.calls).push(call.clone());
        self.state.called.notify_all();
        if let Some(sink) = &self.sink {
            sink(&call);
        }
        self.hook.as_ref().map_or(S_OK, |hook| hook(&call.kind))
    }
}

/// The reference count of a callback, the caller's own reference included.
pub fn callback_count(callback: &ObjectRef<ProgressCallback>) -> u32 {
    count(&callback.to_unknown()) - 1
}

impl IMAPISyncProgressCallback_Impl for ProgressCallback {
    unsafe fn Progress(this: &Object<Self>, text: *const u16, index: u32, max: u32) -> HRESULT {
        // SAFETY: the provider's text, or NULL.
        let text = unsafe { wide_text(text) }.unwrap_or_default();
        this.called(CallKind::Progress { text, index, max })
    }

    unsafe fn Error(this: &Object<Self>, status: HRESULT, text: *const u16) -> HRESULT {
        // SAFETY: the provider's text, or NULL.
        let text = unsafe { wide_text(text) }.unwrap_or_default();
        this.called(CallKind::Error {
            status: Status(status),
            text,
        })
    }

    unsafe fn Done(this: &Object<Self>, event: *mut c_void, status: HRESULT) -> HRESULT {
        this.called(CallKind::Done {
            event: event as usize,
            status: Status(status),
        })
    }
}
