//! A process that has run out of something: SYNC-17 if no thread or no event can be created.
//!
//! Each test runs its body in a process of its own, which is this program again, under a limit.

#![cfg(unix)]

mod support;

use std::env;
use std::fs::File;
use std::process::Command;

use mapi_provider::abi::{MAPI_E_NOT_ENOUGH_RESOURCES, S_OK};
use mapi_provider_host::{Status, SyncRequest, callback_count};

use support::script::Script;
use support::{Backend, Orders, Rig};

/// What tells the program that it is the process under a limit.
const SCARCE: &str = "MAPI_TEST_SCARCE";

/// Runs a test of this program again, under a limit; true in that process, where the body is to be run.
fn is_limited(test: &str, command: impl FnOnce(&std::path::Path) -> Command) -> bool {
    if env::var_os(SCARCE).is_some() {
        return true;
    }
    let program = env::current_exe().expect("a test knows where it is");
    let output = command(&program)
        .args(["--exact", test, "--test-threads=1", "--nocapture"])
        .env(SCARCE, "1")
        .output()
        .expect("this program can be started");
    let text = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}\n{complaint}"
    );
    false
}

/// A request that is refused: no event, nothing kept, and nobody is told.
#[track_caller]
fn is_refused(rig: &Rig) {
    let callback = rig.callback();
    let run = rig.store.synchronize(
        &SyncRequest::default()
            .session(&rig.host)
            .callback(&callback),
    );
    assert_eq!(run.status, Status(MAPI_E_NOT_ENOUGH_RESOURCES));
    assert!(run.event().is_none(), "SYNC-03");
    assert_eq!(
        (rig.host.session_count(), callback_count(&callback)),
        (1, 1)
    );
    assert_eq!(callback.calls(), [], "no Done");
}

#[test]
fn sync_17_without_a_thread_a_request_is_refused() {
    // No stack is as large as this, so no thread can be made. The test harness then runs the test on the
    // thread that it has.
    let huge = |program: &std::path::Path| {
        let mut command = Command::new(program);
        command.env("RUST_MIN_STACK", (1_u64 << 46).to_string());
        command
    };
    if !is_limited("sync_17_without_a_thread_a_request_is_refused", huge) {
        return;
    }
    assert!(
        std::thread::Builder::new().spawn(|| ()).is_err(),
        "there is a thread to be had"
    );
    for rig in [
        Script::new(|_| Ok(())).rig(),
        Backend::Linked.rig(Orders::steps(1)),
    ] {
        let before = support::handles::open_handles();
        // None of the requests is left in the queue: the 65th would be refused for that.
        for _ in 0..70 {
            is_refused(&rig);
        }
        assert_eq!(support::handles::open_handles(), before);
        rig.finish();
    }
}

#[test]
fn sync_17_without_an_event_a_request_is_refused() {
    let few = |program: &std::path::Path| {
        let mut command = Command::new("sh");
        command
            .args(["-c", "ulimit -n 64; exec \"$0\" \"$@\""])
            .arg(program);
        command
    };
    if !is_limited("sync_17_without_an_event_a_request_is_refused", few) {
        return;
    }
    let rig = Script::new(|_| Ok(())).rig();
    assert_eq!(rig.run(), Status(S_OK));
    // The worker keeps some files open for a moment longer: what it closes would be available for the
    // event.
    support::handles::open_handles();
    let program = env::current_exe().expect("a test knows where it is");
    let mut files: Vec<File> = std::iter::from_fn(|| File::open(&program).ok()).collect();
    assert!(files.len() < 64);
    is_refused(&rig);
    // Enough for the event, not for the duplicate (SYNC-08).
    drop(files.pop());
    is_refused(&rig);
    is_refused(&rig);
    drop((files.pop(), files.pop()));
    assert_eq!(rig.run(), Status(S_OK));
    drop(files);
    rig.finish();
}
