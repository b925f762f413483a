//! What Outlook's Send/Receive does with a provider: configure, log on, synchronise, wait, log off.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use mapi_provider::abi::{
    MAPI_E_USER_CANCEL, MSG_SERVICE_CONFIGURE, MSG_SERVICE_CREATE, S_OK, SyncFlags,
};

use crate::graveyard;
use crate::host::Host;
use crate::objects::{CallKind, ProgressCallback};
use crate::profile::SectionUid;
use crate::property::Property;
use crate::provider::Provider;
use crate::report::Report;
use crate::run::SyncRun;
use crate::status::{Failure, Status};
use crate::store::{Store, SyncRequest};

/// How often we check whether a run has ended; progress is reported at once.
const TICK: Duration = Duration::from_millis(20);

/// What to do, and how long it may take.
#[derive(Clone, Debug)]
pub struct Options {
    /// `MAPISIB::ulFlags`: the scope, and whether the user asked for the run.
    pub flags: SyncFlags,
    /// What `ServiceEntry` is given to configure.
    pub settings: Vec<Property>,
    /// When the run is cancelled as if by the user; `None` for never.
    pub timeout: Option<Duration>,
    /// How long a cancellation waits for a `Progress` to answer before it logs off (SYNC-16).
    pub progress_wait: Duration,
    /// How long a cancelled run may take to end, before it is given up.
    pub patience: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            flags: SyncFlags::empty(),
            settings: Vec::new(),
            timeout: None,
            progress_wait: Duration::from_secs(1),
            patience: Duration::from_secs(10),
        }
    }
}

/// Something to show while it happens.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// How far the run has got.
    Progress {
        /// The step.
        text: String,
        /// How much is done.
        index: u32,
        /// How much there is.
        max: u32,
    },
    /// What went wrong; if the status is not a failure, it is a warning.
    Error {
        /// How.
        status: Status,
        /// What the provider says about it.
        text: String,
    },
    /// A cancellation has been passed on to the provider.
    Cancelling,
}

/// Asks a run to end, from any thread. Clones are the same request.
#[derive(Clone, Debug, Default)]
pub struct Cancellation(Arc<AtomicBool>);

impl Cancellation {
    /// Asks it to end.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was asked to end.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Why there was no run, or none that ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Stop {
    /// A call into the provider failed.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// The event was signalled, but `Done` never came.
    #[error("the run ended without calling Done")]
    NeverDone,
    /// The run didn't end in time, and was cancelled.
    #[error("the run was cancelled: it took longer than {} s", .0.as_secs_f32())]
    TimedOut(Duration),
    /// The run was cancelled and still went on.
    #[error("the provider hangs: its run had not ended {} s after it was cancelled", .0.as_secs_f32())]
    Hangs(Duration),
}

/// How it all went.
#[derive(Debug)]
pub struct Outcome {
    /// What `Done` was told, or why it wasn't.
    pub result: Result<Status, Stop>,
    /// What was left behind; `None` if the provider hangs, because it may still be using everything.
    pub report: Option<Report>,
}

impl Outcome {
    /// Whether the run ended well and nothing was left behind.
    pub fn is_success(&self) -> bool {
        let well = self.result.as_ref().is_ok_and(|status| status.is_ok());
        well && self.report.as_ref().is_some_and(Report::is_clean)
    }
}

/// Configures the provider, logs on, synchronises and logs off again, as Outlook's Send/Receive does.
///
/// A service that the profile doesn't know yet is created in it first. When this returns, the provider is
/// unloaded, unless it hangs: then nothing that it may be using is freed or unloaded.
///
/// `ServiceEntry`, logon and logoff run on the caller's thread: if they might hang, run this in a
/// separate process.
pub fn send_receive(
    host: Host,
    options: &Options,
    cancellation: &Cancellation,
    on_event: &mut dyn FnMut(Event),
) -> Outcome {
    let result = configure(&host, &options.settings)
        .map_err(Stop::from)
        .and_then(|()| log_on_and_synchronise(&host, options, cancellation, on_event));
    if let Err(Stop::Hangs(_)) = result {
        host.abandon();
        return Outcome {
            result,
            report: None,
        };
    }
    Outcome {
        result,
        report: Some(host.finish()),
    }
}

/// Creates the service, if the profile doesn't know it yet, and configures it with these settings.
///
/// # Errors
///
/// What `ServiceEntry` answers.
pub fn configure(host: &Host, settings: &[Property]) -> Result<(), Failure> {
    if host.library().service_entry().is_none() {
        return Ok(());
    }
    if !host.profile().has(SectionUid::SERVICE) {
        host.service(MSG_SERVICE_CREATE, &[])?;
    }
    host.service(MSG_SERVICE_CONFIGURE, settings)
}

fn log_on_and_synchronise(
    host: &Host,
    options: &Options,
    cancellation: &Cancellation,
    on_event: &mut dyn FnMut(Event),
) -> Result<Status, Stop> {
    let provider = host.init()?;
    let store = match provider.logon() {
        Ok(store) => store,
        Err(failure) => {
            // The logon's failure is what counts.
            let _ = provider.shutdown();
            return Err(failure.into());
        }
    };
    let result = Watch::start(host, &store, options, cancellation)
        .and_then(|watch| watch.watch_to_the_end(&store, on_event));
    if let Err(Stop::Hangs(_)) = result {
        // Their last Release would wait for what never ends.
        graveyard::keep((store, provider));
        return result;
    }
    log_off(store, provider)?;
    result
}

fn log_off(store: Store, provider: Provider) -> Result<(), Failure> {
    let logoff = store.logoff();
    provider.shutdown()?;
    if logoff.status.is_ok() {
        Ok(())
    } else {
        Err(Failure::new("IMsgStore::StoreLogoff", logoff.status.0))
    }
}

/// A current run, and its watcher.
struct Watch<'a> {
    run: SyncRun,
    calls: Receiver<CallKind>,
    options: &'a Options,
    cancellation: &'a Cancellation,
    started: Instant,
    /// When the run was first asked to end.
    cancelled: Option<Instant>,
    /// Whether the run was asked to end because it took too long.
    timed_out: bool,
    /// Whether StoreLogoff has been called to end the run.
    logged_off: bool,
}

impl<'a> Watch<'a> {
    fn start(
        host: &Host,
        store: &Store,
        options: &'a Options,
        cancellation: &'a Cancellation,
    ) -> Result<Self, Stop> {
        let (sender, calls) = sync_channel(MOST_WAITING);
        let callback =
            host.callback(ProgressCallback::builder().hook(answer(sender, cancellation.clone())));
        let run = store.synchronize(
            &SyncRequest::new(options.flags)
                .session(host)
                .callback(&callback),
        );
        run.started()?;
        let started = Instant::now();
        Ok(Self {
            run,
            calls,
            options,
            cancellation,
            started,
            cancelled: None,
            timed_out: false,
            logged_off: false,
        })
    }

    /// Reports all calls, passes a cancellation on, and returns how the run ended.
    fn watch_to_the_end(
        mut self,
        store: &Store,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<Status, Stop> {
        loop {
            // The event comes last (SYNC-11), so all calls before it are in the channel by then.
            let ended = self.run.wait(Duration::ZERO);
            self.tell(if ended { Duration::ZERO } else { TICK }, on_event);
            if ended {
                return self.ended();
            }
            self.look_at_the_clock();
            if let Some(since) = self.cancelled() {
                self.press(since, store, on_event)?;
            }
        }
    }

    fn tell(&self, timeout: Duration, on_event: &mut dyn FnMut(Event)) {
        let first = self.calls.recv_timeout(timeout);
        for call in first.into_iter().chain(self.calls.try_iter()) {
            match call {
                CallKind::Progress { text, index, max } => {
                    on_event(Event::Progress { text, index, max })
                }
                CallKind::Error { status, text } => on_event(Event::Error { status, text }),
                CallKind::Done { .. } => {}
            }
        }
    }

    fn look_at_the_clock(&mut self) {
        let over = self
            .options
            .timeout
            .is_some_and(|timeout| self.started.elapsed() >= timeout);
        if over && !self.cancellation.is_cancelled() {
            self.timed_out = true;
            self.cancellation.cancel();
        }
    }

    /// When the run was asked to end.
    fn cancelled(&mut self) -> Option<Instant> {
        if self.cancellation.is_cancelled() {
            self.cancelled.get_or_insert_with(Instant::now);
        }
        self.cancelled
    }

    /// Makes a cancelled run end: by logging off, then by giving it up.
    fn press(
        &mut self,
        since: Instant,
        store: &Store,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), Stop> {
        if !self.logged_off && since.elapsed() >= self.options.progress_wait {
            self.logged_off = true;
            on_event(Event::Cancelling);
            // A failure is no reason to stop waiting.
            let _ = store.cancel();
        }
        if since.elapsed() >= self.options.progress_wait + self.options.patience
            && !self.run.wait(Duration::ZERO)
        {
            return Err(Stop::Hangs(since.elapsed()));
        }
        Ok(())
    }

    fn ended(&self) -> Result<Status, Stop> {
        let status = self.run.result().ok_or(Stop::NeverDone)?;
        match self.options.timeout {
            Some(timeout) if self.timed_out && !status.is_ok() => Err(Stop::TimedOut(timeout)),
            _ => Ok(status),
        }
    }
}

/// How many calls may wait to be reported, so a provider that calls endlessly does not fill the
/// memory. Any more are not reported.
const MOST_WAITING: usize = 4096;

/// What the callback does: passes calls on, and answers `Progress` with the cancellation.
fn answer(
    sender: SyncSender<CallKind>,
    cancellation: Cancellation,
) -> impl Fn(&CallKind) -> windows_core::HRESULT + Send + Sync + 'static {
    move |call| {
        // Before it is reported: a cancellation because of what it shows is answered by the next one.
        let cancelled = cancellation.is_cancelled();
        // Too many wait, or nobody listens any more because the run was given up.
        let _ = sender.try_send(call.clone());
        if cancelled && matches!(call, CallKind::Progress { .. }) {
            MAPI_E_USER_CANCEL
        } else {
            S_OK
        }
    }
}
