//! SYNC-15 and SYNC-16 between processes that have the same store.
//!
//! The other process is this program again: it runs the test [`another_process`] alone.

mod support;

use std::env;
use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use mapi_provider::abi::{MAPI_E_USER_CANCEL, S_OK};
use mapi_provider_host::{Profile, Status};

use support::script::{Script, Variant};
use support::{Rig, SOON};

/// Tells the program that it is the other process, and where the profile is.
const PROFILE: &str = "MAPI_TEST_PROFILE";

/// What the other process prints when its run is under way.
const BEGUN: &str = "the run has begun";

/// Long enough for a run that waits for nobody.
const A_WHILE: Duration = Duration::from_millis(400);

/// The body of the other process: a run that goes on until standard input ends.
#[test]
fn another_process() {
    let Some(profile) = env::var_os(PROFILE) else {
        return;
    };
    let script = Script::new(|_| {
        println!("\n{BEGUN}");
        io::stdin().read_to_end(&mut Vec::new()).expect("a pipe");
        Ok(())
    });
    let rig = rig(script, Path::new(&profile));
    assert_eq!(rig.run(), Status(S_OK));
    rig.finish();
}

fn rig(script: Script, profile: &Path) -> Rig {
    let profile = Profile::open(profile).expect("a profile");
    let registered = script.register();
    registered.configure(&profile);
    Rig::open(Variant::Merge.library(), profile)
}

/// Another process, with a run under way.
struct Other {
    process: Child,
    output: BufReader<ChildStdout>,
}

impl Other {
    fn begin(profile: &Path) -> Self {
        let program = env::current_exe().expect("a test knows where it is");
        let mut process = Command::new(program)
            .args(["--exact", "another_process", "--nocapture"])
            .env(PROFILE, OsString::from(profile))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program can be started");
        let mut output = BufReader::new(process.stdout.take().expect("piped"));
        let mut lines = output.by_ref().lines().map(|line| line.expect("text"));
        assert!(lines.any(|line| line == BEGUN), "no run began");
        Self { process, output }
    }

    fn kill(mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it has ended");
    }

    /// Ends its run, and waits until it is gone.
    fn end(mut self) {
        drop(self.process.stdin.take());
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).expect("text");
        let status = self.process.wait().expect("it has ended");
        assert!(status.success(), "{rest}");
    }
}

/// A folder with a profile in it.
fn place() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let profile = folder.path().join("profile");
    (folder, profile)
}

#[test]
fn sync_15_a_run_waits_for_that_of_another_process_until_it_is_killed() {
    let (_folder, profile) = place();
    let other = Other::begin(&profile);
    let rig = rig(Script::new(|_| Ok(())), &profile);
    let callback = rig.callback();
    let run = rig.ask(&callback);
    assert!(!run.started().expect("accepted").wait(A_WHILE));
    assert_eq!(callback.calls(), [], "two runs of one store");
    other.kill();
    assert!(run.wait(SOON), "the lock outlives its owner");
    assert_eq!(run.result(), Some(Status(S_OK)));
    drop((run, callback));
    rig.finish();
}

#[test]
fn sync_15_a_run_follows_that_of_another_process() {
    let (_folder, profile) = place();
    let other = Other::begin(&profile);
    let rig = rig(Script::new(|_| Ok(())), &profile);
    let callback = rig.callback();
    let run = rig.ask(&callback);
    assert!(!run.started().expect("accepted").wait(A_WHILE));
    other.end();
    assert!(run.wait(SOON), "the lock is held beyond the run");
    assert_eq!(run.result(), Some(Status(S_OK)));
    drop((run, callback));
    rig.finish();
}

#[test]
fn sync_16_a_run_that_waits_for_another_process_is_cancelled_by_logoff() {
    let (_folder, profile) = place();
    let other = Other::begin(&profile);
    let rig = rig(Script::new(|_| panic!("it was cancelled")), &profile);
    let callback = rig.callback();
    let run = rig.ask(&callback);
    let Rig {
        store,
        provider,
        host,
        ..
    } = rig;
    store.logoff();
    assert!(run.started().expect("accepted").wait(SOON));
    assert_eq!(run.result(), Some(Status(MAPI_E_USER_CANCEL)));
    provider.shutdown().expect("Shutdown");
    drop((run, callback, provider));
    other.end();
    host.finish().assert_clean();
}

#[test]
fn sync_15_stores_of_other_sections_do_not_wait() {
    let (_folder, profile) = place();
    let other = Other::begin(&profile);
    let rig = Script::new(|_| Ok(())).rig();
    assert_eq!(rig.run(), Status(S_OK));
    rig.finish();
    other.end();
}
