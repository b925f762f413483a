//! The process that synchronises is killed, at fifty moments by chance. The next one finds a store that
//! opens, synchronises to the end, and no message is lost or doubled.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use mapi_provider_host::CallKind;
use wrapped_maildir32::maildir::{Maildir, Messages};

use crate::both_ways::mail;
use crate::rig::{FULL, Place, Session};

/// Tells the program that it is the process to be killed, and where the two sides are.
const PLACE: &str = "MAPI_TEST_KILLED_AT";
/// Repeats a test: the seed that it printed.
const SEED: &str = "MAPI_TEST_KILL_SEED";

/// Says how often it is killed, where fifty times take too long.
const KILLS: &str = "MAPI_TEST_KILLS";

fn kills() -> usize {
    let given = env::var(KILLS).ok().and_then(|text| text.parse().ok());
    given.unwrap_or(50)
}

/// A store keeps all that ever was in it, and takes longer to open each time: so it is another one after so many.
const KILLS_OF_A_STORE: usize = 5;

/// What the process to be killed prints at each step.
const STEP: &str = "step: ";

/// Numbers by chance, the same ones for the same seed (xorshift).
struct Chance(u64);

impl Chance {
    fn new() -> Self {
        let given = env::var(SEED).ok().and_then(|text| text.parse().ok());
        let seed = given.unwrap_or_else(|| RandomState::new().hash_one(0) | 1);
        println!("{SEED}={seed}");
        Self(seed)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

/// What both sides must have in the end: subjects.
type Expected = BTreeMap<String, ()>;

fn messages(place: &Place) -> Messages {
    Maildir::new(place.server())
        .messages(|_| {})
        .expect("readable")
}

/// One of several, if there are any.
fn choose<T>(chance: &mut Chance, mut of: Vec<T>) -> Option<T> {
    (!of.is_empty()).then(|| of.swap_remove(chance.below(of.len())))
}

/// New messages, and such as are deleted, on both sides.
fn change(
    place: &Place,
    session: &Session,
    round: usize,
    chance: &mut Chance,
    expected: &mut Expected,
) {
    for number in 0..2 + chance.below(6) {
        let subject = format!("r{round:02} there {number}");
        let large = "x".repeat(if chance.below(8) == 0 { 40_000 } else { 0 });
        place.deliver(
            &format!("{round}.M{number}"),
            format!("{}{large}\r\n", mail(&subject)),
        );
        expected.insert(subject, ());
    }
    for number in 0..1 + chance.below(4) {
        let subject = format!("r{round:02} here {number}");
        let message = session.inbox().create_message().expect("made");
        message.set_subject(&subject).expect("set");
        message.set_body("Written here.").expect("set");
        message.save().expect("saved");
        expected.insert(subject, ());
    }
    let mut marked = Vec::new();
    for _ in 0..chance.below(4) {
        let subjects = session.subjects();
        // Those that the server has: nobody deletes there what is new here.
        let there = |subject: &String| !subject.starts_with(&format!("r{round:02}"));
        if let Some(subject) = choose(chance, subjects.into_iter().filter(there).collect()) {
            let id = session.id_of(&subject);
            match chance.below(3) {
                0 => session.inbox().delete_messages(&[id]).expect("deleted"),
                1 => {
                    let trash = session.seen().wastebasket().expect("there");
                    session.inbox().move_messages(&[id], &trash).expect("moved");
                }
                _ => {
                    session.message(&subject).set_read(true).expect("set");
                    marked.push(subject);
                    continue;
                }
            }
            expected.remove(&subject);
        }
    }
    for _ in 0..chance.below(3) {
        let there = messages(place).into_values().collect();
        if let Some(message) = choose(chance, there) {
            let subject = subject_of(message.path());
            // Not what is gone on the other side already, or marked and so kept, nor what is new.
            let is_new = subject.starts_with(&format!("r{round:02}"));
            if expected.contains_key(&subject) && !marked.contains(&subject) && !is_new {
                message.remove().expect("there");
                expected.remove(&subject);
            }
        }
    }
}

fn subject_of(path: &Path) -> String {
    let text = String::from_utf8_lossy(&fs::read(path).expect("readable")).into_owned();
    let line = text.lines().find_map(|line| line.strip_prefix("Subject: "));
    line.unwrap_or_default().to_owned()
}

/// Starts a process that synchronises, and kills it: after so many steps, and a moment by chance.
fn kill_at(place: &Place, steps: usize, moment: usize) {
    let mut child = Command::new(env::current_exe().expect("a test knows where it is"))
        .args([
            "--exact",
            "kill::the_process_to_be_killed",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(PLACE, place.root())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program can be started");
    let output = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut lines = output.lines().map_while(Result::ok);
    // Where it ends before, it has ended at a moment, too.
    let mut told = lines.by_ref().filter(|line| line.contains(STEP));
    for _ in 0..steps {
        told.next();
    }
    for _ in 0..moment {
        std::hint::spin_loop();
    }
    // It may have ended already.
    let _ = child.kill();
    child.wait().expect("it has ended");
    // Until then somebody had to listen: whoever prints to nobody fails, and was not killed.
    drop(lines);
}

/// Not a test of its own: what [`kill_at`] starts and kills.
#[test]
fn the_process_to_be_killed() {
    let Some(root) = env::var_os(PLACE) else {
        return;
    };
    let place = Place::at(Path::new(&root));
    let session = place.open();
    session.synchronise_hearing(FULL, |call| {
        if let CallKind::Progress { text, .. } = call {
            let mut stdout = std::io::stdout();
            // Whoever listened may have heard enough.
            let _ = writeln!(stdout, "{STEP}{text}").and_then(|()| stdout.flush());
        }
    });
    session.close();
}

/// Both sides have the messages that are expected, each once.
fn compare(place: &Place, session: &Session, expected: &Expected) {
    let messages = messages(place).into_values();
    let mut there: Vec<String> = messages.map(|one| subject_of(one.path())).collect();
    there.sort();
    let expected: Vec<String> = expected.keys().cloned().collect();
    assert_eq!(there, expected, "on the server");
    assert_eq!(session.subjects(), expected, "here");
}

#[test]
fn killed_at_many_moments_nothing_is_lost_or_doubled() {
    let mut chance = Chance::new();
    let (mut place, mut expected) = (Place::new(), Expected::new());
    let mut cut_short = 0;
    for round in 0..kills() {
        if round % KILLS_OF_A_STORE == 0 {
            (place, expected) = (Place::new(), Expected::new());
        }
        let session = place.open();
        change(&place, &session, round, &mut chance, &mut expected);
        session.close();
        let (steps, moment) = (chance.below(14), chance.below(200_000));
        kill_at(&place, steps, moment);
        let session = place.open();
        let told = session.ok(FULL);
        cut_short += usize::from(!told.steps.is_empty());
        compare(&place, &session, &expected);
        assert_eq!(session.ok(FULL).steps, [""; 0], "round {round}");
        session.close();
    }
    assert!(
        cut_short > kills() / 12,
        "only {cut_short} runs were cut short"
    );
}
