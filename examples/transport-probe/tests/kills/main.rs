//! The process that sends is killed: at every step, and at moments by chance. Nobody is sent to again whose acceptance was
//! written down, and nobody is lost.
//!
//! What the server has heard, and what was written down, stands in one file, in its order. The Outbox is a file too.

#[path = "../xp/rig.rs"]
#[allow(
    dead_code,
    unused_imports,
    reason = "the other program uses the rest of it"
)]
mod rig;
#[path = "../../../transport-probe-wait/tests/xp/rows.rs"]
#[allow(dead_code, reason = "as above")]
mod rows;

use std::env;
use std::fs::{self, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use mapi_provider::abi::S_OK;
use mapi_provider::transport::{Delivery, Mail, SendError};
use mapi_provider_host::Profile;

use crate::rig::{Rig, patient, responsible};

/// Tells the program that it is the process to be killed, and where its files are.
const PLACE: &str = "XP_TEST_KILLED_AT";
/// At which step it ends itself.
const STEP: &str = "XP_TEST_KILL_STEP";
/// How many moments by chance; a long form has a hundred.
const MOMENTS: &str = "MAPI_TEST_KILLS";
/// Repeats a test: the seed that it printed.
const SEED: &str = "MAPI_TEST_KILL_SEED";

/// Who is sent to; the last one is refused.
const TO: [&str; 3] = ["a@x", "b@x", "no@x"];

/// The files.
#[derive(Clone)]
struct Place(PathBuf);

impl Place {
    fn log(&self, line: &str) {
        let file = self.0.join("log");
        let file = OpenOptions::new().create(true).append(true).open(file);
        let mut file = file.expect("a log");
        file.write_all(format!("{line}\n").as_bytes())
            .expect("written");
    }

    fn lines(&self) -> Vec<String> {
        let text = fs::read_to_string(self.0.join("log")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    fn has(&self, line: &str) -> bool {
        self.lines().iter().any(|known| known == line)
    }

    /// Whether the message in the Outbox is done with: somebody is responsible for each recipient.
    fn is_sent(&self) -> bool {
        self.0.join("outbox").exists()
    }

    fn save_outbox(&self) {
        let new = self.0.join("outbox.new");
        fs::write(&new, "sent").expect("written");
        fs::rename(new, self.0.join("outbox")).expect("renamed");
    }
}

/// The process ends here, if this is the step.
fn step() {
    static STEPS: AtomicUsize = AtomicUsize::new(0);
    let number = STEPS.fetch_add(1, Ordering::SeqCst);
    let at = env::var(STEP).ok().and_then(|at| at.parse().ok());
    if at == Some(number) {
        std::process::abort();
    }
}

/// The first try accepts one recipient. Later ones accept all but the last, whom they refuse once he is the queue's alone.
fn send(place: &Place, mail: &Mail, delivery: &Delivery<'_>) -> Result<(), SendError> {
    step();
    let is_first = mail.envelope().len() == TO.len();
    let mut is_left = false;
    for to in mail.envelope() {
        delivery.check()?;
        let address = &to.person.address.value;
        step();
        if address == "no@x" {
            match place.is_sent() {
                true => delivery.refused(to, "no such user"),
                false => is_left = true,
            }
        } else {
            place.log(&format!("server {address}"));
            step();
            delivery.accepted(to);
            place.log(&format!("recorded {address}"));
        }
        step();
        if is_first {
            return Err(SendError::later("busy"));
        }
    }
    match is_left {
        true => Err(SendError::later("busy")),
        false => Ok(()),
    }
}

/// Not a test of its own: the process that is killed, or that ends when all are seen to.
#[test]
fn the_process_to_be_killed() {
    let Some(root) = env::var_os(PLACE) else {
        return;
    };
    let place = Place(PathBuf::from(root));
    let profile = Profile::open(place.0.join("profile")).expect("a profile");
    let sends = place.clone();
    let rig = Rig::new(&patient::PROVIDER, &profile, move |mail, delivery| {
        send(&sends, mail, delivery)
    });
    if !place.is_sent() {
        submit(&place, &rig);
    }
    let is_over = || {
        let mut sent = TO[..2].iter().map(|to| format!("server {to}"));
        sent.all(|line| place.has(&line)) && place.has("told")
    };
    while !is_over() {
        rig.flush();
        if rig.spooler.poll().expect("Poll") > 0 {
            come_in(&place, &rig);
        }
        step();
    }
    rig.finish();
}

/// The spooler sends what is in the Outbox.
fn submit(place: &Place, rig: &Rig) {
    let message = rig.message(&TO);
    let saves = place.clone();
    message.on_call(move |method, _| {
        step();
        if method == "SaveChanges" {
            saves.save_outbox();
            step();
        }
        None
    });
    let status = rig.spooler.submit(&message).status;
    step();
    assert_eq!(status, S_OK);
    assert_eq!(responsible(&message), [true; TO.len()]);
    message.let_be();
}

/// The spooler has a report saved.
fn come_in(place: &Place, rig: &Rig) {
    let message = rig.spooler.empty_message();
    let saves = place.clone();
    message.on_call(move |method, _| {
        step();
        if method == "SaveChanges" {
            saves.log("told");
            step();
        }
        None
    });
    assert_eq!(rig.spooler.start(&message).status, S_OK);
    step();
    message.let_be();
}

fn command(place: &Path) -> Command {
    let mut command = Command::new(env::current_exe().expect("a test knows where it is"));
    command
        .args(["--exact", "the_process_to_be_killed", "--test-threads=1"])
        .env(PLACE, place)
        .env("XP_TEST_DIR", place)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

fn run(place: &Path, step: Option<usize>) -> ExitStatus {
    let mut command = command(place);
    if let Some(step) = step {
        command.env(STEP, step.to_string());
    }
    command.status().expect("this program can be started")
}

/// Runs it to the end, and looks at what the server has heard.
fn check(place: &Path, what: &str) {
    assert!(run(place, None).success(), "{what}");
    let lines = Place(place.to_owned()).lines();
    for to in &TO[..2] {
        let at = |line: String| lines.iter().position(|known| *known == line);
        let server = format!("server {to}");
        assert!(
            at(server.clone()).is_some(),
            "{what}: {to} is lost: {lines:?}"
        );
        if let Some(recorded) = at(format!("recorded {to}")) {
            let again = lines[recorded..].contains(&server);
            assert!(!again, "{what}: {to} is sent to twice: {lines:?}");
        }
    }
}

#[test]
fn xp_19_killed_at_any_step_nobody_is_sent_to_twice_or_lost() {
    for step in 0.. {
        let place = tempfile::tempdir().expect("a folder");
        let ended = run(place.path(), Some(step));
        check(place.path(), &format!("step {step}"));
        if ended.success() {
            assert!(step > 15, "there are steps: {step}");
            return;
        }
    }
}

#[test]
fn xp_19_killed_at_moments_by_chance_nobody_is_sent_to_twice_or_lost() {
    let moments = env::var(MOMENTS).ok().and_then(|text| text.parse().ok());
    let seed = env::var(SEED).ok().and_then(|text| text.parse().ok());
    let mut seed: u64 = seed.unwrap_or_else(|| RandomState::new().hash_one(0) | 1);
    println!("{SEED}={seed}");
    for moment in 0..moments.unwrap_or(10) {
        let place = tempfile::tempdir().expect("a folder");
        // Once or twice before it may go on to the end.
        for _ in 0..=moment % 2 {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            let mut child = command(place.path()).spawn().expect("it starts");
            std::thread::sleep(Duration::from_micros(seed % 60_000));
            // It may have ended already.
            let _ = child.kill();
            child.wait().expect("it has ended");
        }
        check(place.path(), &format!("moment {moment}"));
    }
}
