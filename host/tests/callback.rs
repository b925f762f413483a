//! The callback records what it hears and does what it is told.

mod fake;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use fake::*;
use mapi_provider::abi::*;
use mapi_provider_host::*;
use windows_core::Interface;

const SOON: Duration = Duration::from_secs(5);

#[test]
fn every_call_is_recorded_with_its_thread_in_order() {
    let host = host();
    let provider = provider(&host, FAIL_RUN);
    let store = provider.logon().expect("logged on");
    let callback = host.callback(ProgressCallback::builder());
    let run = store.synchronize(&SyncRequest::default().callback(&callback));
    assert!(run.started().expect("started").wait(SOON));
    let event = run.event().expect("an event").as_raw() as usize;
    let step = |index| CallKind::Progress {
        text: "Step".to_owned(),
        index,
        max: 3,
    };
    assert_eq!(
        callback.kinds(),
        [
            step(1),
            step(2),
            step(3),
            CallKind::Error {
                status: Status(MAPI_E_NETWORK_ERROR),
                text: "Step".to_owned()
            },
            CallKind::Done {
                event,
                status: Status(MAPI_E_NETWORK_ERROR)
            },
        ]
    );
    let calls = callback.calls();
    assert!(
        calls
            .iter()
            .all(|call| call.thread == calls[0].thread && call.thread != thread::current().id())
    );
    assert!(calls.is_sorted_by_key(|call| call.at));
    assert_eq!(run.result(), Some(Status(MAPI_E_NETWORK_ERROR)));
    assert_eq!(callback.results(), [Status(MAPI_E_NETWORK_ERROR)]);
    assert_eq!(
        callback.errors(),
        [(Status(MAPI_E_NETWORK_ERROR), "Step".to_owned())]
    );
    assert_eq!(callback_count(&callback), 1, "the run has released it");
}

#[test]
fn a_hook_answers_and_a_sink_hears() {
    let host = host();
    let provider = provider(&host, ENDLESS);
    let store = provider.logon().expect("logged on");
    let heard = Arc::new(AtomicUsize::new(0));
    let hears = Arc::clone(&heard);
    let builder = ProgressCallback::builder()
        .on_progress(|text, index, max| {
            assert_eq!((text, max), ("Step", 3));
            if index == 3 { MAPI_E_USER_CANCEL } else { S_OK }
        })
        .sink(move |_| {
            hears.fetch_add(1, Ordering::Relaxed);
        });
    let callback = host.callback(builder);
    let run = store.synchronize(&SyncRequest::default().callback(&callback));
    assert!(run.wait(SOON));
    assert_eq!(run.result(), Some(Status(MAPI_E_USER_CANCEL)));
    assert_eq!(heard.load(Ordering::Relaxed), 4, "three steps and the end");
}

#[test]
fn a_hook_may_panic_and_the_caller_gets_a_failure() {
    let callback = ProgressCallback::builder()
        .hook(|_| panic!("on purpose"))
        .build();
    let interface: IMAPISyncProgressCallback = callback.to_interface();
    // SAFETY: NULL means no text.
    let status = unsafe { interface.Error(S_OK, std::ptr::null()) };
    assert_eq!(status, E_UNEXPECTED);
    assert_eq!(
        callback.errors(),
        [(Status(S_OK), String::new())],
        "it was recorded before"
    );
    // SAFETY: as above.
    let status = unsafe { interface.Error(S_OK, std::ptr::null()) };
    assert_eq!(status, E_UNEXPECTED, "and goes on");
}

#[test]
fn a_hook_may_block_and_call_back_in() {
    let host = host();
    let provider = provider(&host, 0);
    let store = Arc::new(provider.logon().expect("logged on"));
    let (sender, receiver) = mpsc::channel();
    let sync = store.sync().expect("it synchronises");
    let builder = ProgressCallback::builder().on_done(move |event, status| {
        assert!(!event.is_null() && status.is_ok());
        // SAFETY: NULL is refused, or at least looked at.
        let again = sync.cast::<IMsgStore>().is_ok();
        sender.send(again).expect("somebody listens");
        S_OK
    });
    let callback = host.callback(builder);
    let run = store.synchronize(&SyncRequest::default().callback(&callback));
    assert_eq!(receiver.recv_timeout(SOON), Ok(true));
    assert!(run.wait(SOON));
}

#[test]
fn a_callback_counts_its_references() {
    let callback = ProgressCallback::recording();
    assert_eq!(callback_count(&callback), 1);
    let interface: IMAPISyncProgressCallback = callback.to_interface();
    assert_eq!(callback_count(&callback), 2);
    drop(interface);
    assert_eq!(callback_count(&callback), 1);
}

#[test]
fn waiting_for_calls_ends_in_time() {
    let callback = ProgressCallback::recording();
    assert!(!callback.wait_until(Duration::from_millis(10), |calls| !calls.is_empty()));
    let interface: IMAPISyncProgressCallback = callback.to_interface();
    // SAFETY: no pointers but a NULL.
    let _ = unsafe { interface.Done(std::ptr::null_mut(), S_OK) };
    assert!(callback.wait_until(Duration::ZERO, |calls| calls.len() == 1));
}

#[test]
fn a_run_may_go_without_callback_and_session_and_with_another_object() {
    let host = host();
    let provider = provider(&host, 0);
    let store = provider.logon().expect("logged on");
    let run = store.synchronize(&SyncRequest::default());
    assert!(run.wait(SOON));
    assert_eq!(run.result(), None);
    let other = SyncRequest {
        other_callback: Some(host.session().into()),
        ..SyncRequest::default()
    };
    let run = store.synchronize(&other);
    assert!(run.wait(SOON));
    drop((run, other));
    assert_eq!(host.session_count(), 1);
}
