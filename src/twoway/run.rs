//! One run: a job of ours, watched by the engine.

use mapi_provider_abi::mapi::{MAPI_E_CALL_FAILED, MAPI_E_LOGON_FAILED, MAPI_E_NETWORK_ERROR};
use mapi_provider_twoway::{
    Monitor, Options, Plan, Point, Remote, Report, Scope, Stop, Synchronizer, Warning,
};

use super::refused;
use super::side::{self, Sides};
use crate::error::SyncError;
use crate::log;
use crate::sync::SyncJob;

/// Makes the server and the store equal, with the usual options: everything, both edits kept.
///
/// # Errors
///
/// As for [`synchronize_with`].
pub fn synchronize(remote: &dyn Remote, job: &SyncJob<'_>) -> Result<Report, SyncError> {
    synchronize_with(remote, job, &Options::default())
}

/// Makes the server and the store equal, as far as it can be done. What was left undone has been told by
/// [`SyncJob::warn`], and is in the report too.
///
/// Of the options' scope is done what the job asks for.
///
/// # Errors
///
/// What ended the run; the next one goes on from there. `MAPI_E_USER_CANCEL`: the job was cancelled.
/// `MAPI_E_LOGON_FAILED`: the server refuses the password. This process then asks it no more with the same one, unless
/// the user asks for a run. `MAPI_E_NETWORK_ERROR`: the connection was lost too often. `MAPI_E_NO_SUPPORT`: there is no
/// store of ours.
pub fn synchronize_with(
    remote: &dyn Remote,
    job: &SyncJob<'_>,
    options: &Options,
) -> Result<Report, SyncError> {
    let (ended, report) = with_run(remote, job, options, |run| {
        let ended = run.run();
        (ended, run.report().clone())
    })?;
    log::info!(report = %first_line(&report), "synchronised");
    ended.map_err(told)?;
    Ok(report)
}

/// Says what a run would do now. It lists both sides, and changes neither, but for what an earlier run left half done.
///
/// # Errors
///
/// As for [`synchronize_with`].
pub fn plan(remote: &dyn Remote, job: &SyncJob<'_>, options: &Options) -> Result<Plan, SyncError> {
    with_run(remote, job, options, |run| run.plan())?.map_err(told)
}

/// Has a run between this server and the job's store.
fn with_run<T: Ended>(
    remote: &dyn Remote,
    job: &SyncJob<'_>,
    options: &Options,
    act: impl FnOnce(&mut Synchronizer<'_>) -> T,
) -> Result<T, SyncError> {
    job.check()?;
    let logon = refused::Logon::of(remote);
    // TWOWAY-23
    if logon.is_refused() && !job.on_demand() {
        return Err(told(Stop::Logon(
            "it was refused before, and has not changed since".to_owned(),
        )));
    }
    let options = Options {
        scope: scope(job, options.scope),
        ..options.clone()
    };
    let Sides {
        mut local,
        mut state,
    } = side::of_job(job)?;
    let watch = Watch::new(job);
    let mut run = Synchronizer::new(remote, &mut *local, &mut state, &options, &watch);
    let done = act(&mut run);
    match done.stop() {
        Some(Stop::Logon(_)) => logon.refuse(),
        // Nobody may have been asked.
        Some(_) => {}
        None => logon.forget(),
    }
    Ok(done)
}

/// What a run ends with.
trait Ended {
    fn stop(&self) -> Option<&Stop>;
}

impl<T> Ended for Result<T, Stop> {
    fn stop(&self) -> Option<&Stop> {
        self.as_ref().err()
    }
}

impl<T: Ended, R> Ended for (T, R) {
    fn stop(&self) -> Option<&Stop> {
        self.0.stop()
    }
}

fn scope(job: &SyncJob<'_>, wanted: Scope) -> Scope {
    Scope {
        upload: wanted.upload && job.uploads(),
        download: wanted.download && job.downloads(),
        headers_only: wanted.headers_only || job.headers_only(),
    }
}

fn first_line(report: &Report) -> String {
    let text = report.to_string();
    text.lines().next().unwrap_or_default().to_owned()
}

fn told(stop: Stop) -> SyncError {
    let code = match &stop {
        Stop::Cancelled => return SyncError::cancelled(),
        Stop::Lost(_) => MAPI_E_NETWORK_ERROR,
        Stop::Logon(_) => MAPI_E_LOGON_FAILED,
        Stop::Fatal(_) => MAPI_E_CALL_FAILED,
    };
    SyncError::new(code, stop.to_string()).with_source(stop)
}

/// The job, as the engine sees it.
struct Watch<'a, 'j> {
    job: &'a SyncJob<'j>,
    crash: crash::Countdown,
}

impl<'a, 'j> Watch<'a, 'j> {
    fn new(job: &'a SyncJob<'j>) -> Self {
        Self {
            job,
            crash: crash::Countdown::begin(),
        }
    }
}

impl Monitor for Watch<'_, '_> {
    fn is_cancelled(&self) -> bool {
        // It tells those who have left the run, too.
        self.job.check().is_err()
    }

    fn title(&self, told: &str) -> String {
        mapi_provider_mime::field_text(told)
    }

    fn progress(&self, done: u64, total: u64) {
        let number = |count| usize::try_from(count).unwrap_or(usize::MAX);
        let text = format!("{done} of {total} items");
        // A cancellation is seen by whoever asks for it next.
        let _ = self.job.progress(text, number(done), number(total));
    }

    fn warning(&self, warning: &Warning) {
        // TWOWAY-30
        self.job.warn(warning.to_string());
    }

    fn at(&self, _point: Point) -> Result<(), Stop> {
        self.crash.step();
        Ok(())
    }
}

/// In debug builds, `TWOWAY_CRASH=n` ends the process at the n-th point of a run at which something is half done: for tests
/// of a whole provider.
#[cfg(debug_assertions)]
mod crash {
    use std::cell::Cell;

    use crate::platform::trusted_variable;

    pub(super) struct Countdown(Cell<Option<u64>>);

    impl Countdown {
        pub(super) fn begin() -> Self {
            let number = trusted_variable("TWOWAY_CRASH");
            Self(Cell::new(
                number.and_then(|number| number.to_str()?.parse().ok()),
            ))
        }

        pub(super) fn step(&self) {
            let Some(left) = self.0.get() else { return };
            if left <= 1 {
                std::process::abort();
            }
            self.0.set(Some(left - 1));
        }
    }
}

#[cfg(not(debug_assertions))]
mod crash {
    pub(super) struct Countdown;

    impl Countdown {
        pub(super) fn begin() -> Self {
            Self
        }

        pub(super) fn step(&self) {}
    }
}

#[cfg(all(test, feature = "mailbox"))]
mod tests;
