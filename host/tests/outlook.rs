//! Send/Receive from configuration to unloading, and all the ways it can end.

mod fake;

use std::thread;
use std::time::{Duration, Instant};

use fake::*;
use mapi_provider::abi::*;
use mapi_provider_host::outlook::{Cancellation, Event, Options, Outcome, Stop, send_receive};
use mapi_provider_host::*;

/// A provider whose initialisation is told what to do wrong.
macro_rules! misbehaving {
    ($flags:expr) => {{
        unsafe extern "C" fn init(
            instance: *mut std::ffi::c_void,
            malloc: *mut std::ffi::c_void,
            allocate: Option<ALLOCATEBUFFER>,
            more: Option<ALLOCATEMORE>,
            free: Option<FREEBUFFER>,
            flags: u32,
            version: u32,
            provider_version: *mut u32,
            out: *mut *mut std::ffi::c_void,
        ) -> windows_core::HRESULT {
            let flags = flags | $flags;
            // SAFETY: the caller's arguments.
            unsafe {
                fake::init(
                    instance,
                    malloc,
                    allocate,
                    more,
                    free,
                    flags,
                    version,
                    provider_version,
                    out,
                )
            }
        }
        ProviderLibrary::from_functions(init, Some(service_entry))
    }};
}

struct Told {
    outcome: Outcome,
    events: Vec<Event>,
    took: Duration,
}

fn run(library: ProviderLibrary, options: &Options, cancellation: &Cancellation) -> Told {
    let host = Host::new(library, Profile::in_memory()).expect("a host");
    let started = Instant::now();
    let mut events = Vec::new();
    let outcome = send_receive(host, options, cancellation, &mut |event| events.push(event));
    Told {
        outcome,
        events,
        took: started.elapsed(),
    }
}

fn quick() -> Options {
    Options {
        progress_wait: Duration::from_millis(100),
        patience: Duration::from_millis(300),
        ..Options::default()
    }
}

#[test]
fn a_good_run_tells_its_progress_and_succeeds() {
    let told = run(
        misbehaving!(0),
        &Options::default(),
        &Cancellation::default(),
    );
    assert_eq!(told.outcome.result, Ok(Status(S_OK)));
    assert!(told.outcome.is_success());
    let step = |index| Event::Progress {
        text: "Step".to_owned(),
        index,
        max: 3,
    };
    assert_eq!(told.events, [step(1), step(2), step(3)]);
}

#[test]
fn a_failed_run_is_no_success() {
    let told = run(
        misbehaving!(FAIL_RUN),
        &Options::default(),
        &Cancellation::default(),
    );
    assert_eq!(told.outcome.result, Ok(Status(MAPI_E_NETWORK_ERROR)));
    assert!(!told.outcome.is_success());
    assert_eq!(
        told.events.last(),
        Some(&Event::Error {
            status: Status(MAPI_E_NETWORK_ERROR),
            text: "Step".to_owned()
        })
    );
}

#[test]
fn a_leak_is_no_success() {
    let told = run(
        misbehaving!(LEAK_MEMORY),
        &Options::default(),
        &Cancellation::default(),
    );
    assert_eq!(told.outcome.result, Ok(Status(S_OK)));
    assert!(!told.outcome.is_success());
    assert_eq!(told.outcome.report.expect("a report").leaks.len(), 1);
}

#[test]
fn failures_on_the_way_are_told_and_everything_is_given_back() {
    let failed = |told: Told| match told.outcome {
        Outcome {
            result: Err(Stop::Failed(failure)),
            report: Some(report),
        } => {
            report.assert_clean();
            failure.call
        }
        outcome => panic!("{outcome:?}"),
    };
    let (options, go_on) = (Options::default(), Cancellation::default());
    assert_eq!(
        failed(run(misbehaving!(FAIL_INIT), &options, &go_on)),
        "MSProviderInit"
    );
    assert_eq!(
        failed(run(misbehaving!(FAIL_LOGON), &options, &go_on)),
        "IMSProvider::Logon"
    );
    assert_eq!(
        failed(run(misbehaving!(FAIL_SHUTDOWN), &options, &go_on)),
        "IMSProvider::Shutdown"
    );
    let options = Options {
        settings: vec![Property::with_id(0x66FF, 1)],
        ..Options::default()
    };
    assert_eq!(
        failed(run(misbehaving!(0), &options, &go_on)),
        "ServiceEntry"
    );
}

#[test]
fn a_run_that_never_calls_done_is_an_error() {
    let told = run(
        misbehaving!(NO_DONE),
        &Options::default(),
        &Cancellation::default(),
    );
    assert_eq!(told.outcome.result, Err(Stop::NeverDone));
}

#[test]
fn sync_16_a_cancellation_is_answered_to_progress() {
    let cancellation = Cancellation::default();
    let cancel = cancellation.clone();
    let canceller = thread::spawn(move || {
        thread::sleep(Duration::from_millis(100));
        cancel.cancel();
    });
    let told = run(misbehaving!(ENDLESS), &Options::default(), &cancellation);
    canceller.join().expect("cancelled");
    assert_eq!(told.outcome.result, Ok(Status(MAPI_E_USER_CANCEL)));
    assert!(
        !told.events.contains(&Event::Cancelling),
        "there was no need to log off"
    );
    told.outcome.report.expect("a report").assert_clean();
}

#[test]
fn sync_16_a_silent_run_is_cancelled_by_logging_off() {
    let cancellation = Cancellation::default();
    cancellation.cancel();
    let told = run(misbehaving!(SILENT), &quick(), &cancellation);
    assert_eq!(told.outcome.result, Ok(Status(MAPI_E_USER_CANCEL)));
    assert!(told.events.contains(&Event::Cancelling));
    told.outcome.report.expect("a report").assert_clean();
}

#[test]
fn a_run_that_takes_too_long_is_cancelled() {
    let timeout = Duration::from_millis(100);
    let told = run(
        misbehaving!(SILENT),
        &Options {
            timeout: Some(timeout),
            ..quick()
        },
        &Cancellation::default(),
    );
    assert_eq!(told.outcome.result, Err(Stop::TimedOut(timeout)));
    told.outcome.report.expect("a report").assert_clean();
}

#[test]
fn a_run_that_hangs_is_given_up() {
    let cancellation = Cancellation::default();
    cancellation.cancel();
    let told = run(misbehaving!(HANG), &quick(), &cancellation);
    assert!(
        matches!(told.outcome.result, Err(Stop::Hangs(_))),
        "{:?}",
        told.outcome
    );
    assert!(told.outcome.report.is_none());
    assert!(told.took < Duration::from_secs(3), "{:?}", told.took);
}
