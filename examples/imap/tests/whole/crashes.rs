//! The process that has the provider ends at each point of a run at which something is half done. Then it starts again.
//!
//! All of it is one life: each run that crashes has changes of its own on both sides. `IMAP_TEST_CUTS=200` is the long form,
//! with all points instead of some.

use std::collections::BTreeSet;
use std::env;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::account::{Server, Session};
use crate::dovecot::{BARE, WHOLE};
use crate::show::{here, of_text, there};

/// What tells the program that it is the process that crashes: the folder of its profile, and the port of its server.
const PLACE: &str = "IMAP_TEST_CRASH_PLACE";
const PORT: &str = "IMAP_TEST_CRASH_PORT";

fn mail(name: &str) -> String {
    format!(
        "From: a@example.org\r\nMessage-ID: <{name}@example.org>\r\nSubject: {name}\r\n\r\nText of {name}\r\n"
    )
}

/// What there must be once on each side: folder, subject, digest of the text.
type Expected = BTreeSet<(String, String, String)>;

/// Both sides are equal, and have what is expected.
fn check(session: &Session, server: &Server, expected: &Expected, what: &str) {
    let shown = here(&session.seen());
    assert_eq!(shown, there(&mut server.client()), "{what}");
    let shown: Vec<_> = shown.into_iter().collect();
    let found: Expected = shown
        .iter()
        .map(|one| (one.folder.clone(), one.subject.clone(), one.text.clone()))
        .collect();
    assert_eq!(&found, expected, "{what}");
    assert_eq!(found.len(), shown.len(), "{what}: something is there twice");
}

/// Changes of each kind on both sides, which no run has seen yet.
fn change(session: &Session, server: &Server, at: u64, expected: &mut Expected) {
    let name = |what: &str| format!("{what}{at}");
    let mut client = server.client();
    for what in ["moved", "edited", "gone-here", "gone-there", "marked"] {
        client.put("INBOX", mail(&name(what)).as_bytes(), "");
    }
    session.synchronise();
    session.move_to("Inbox", &name("moved"), "Work");
    session.edit("Inbox", &name("edited"), &format!("Edited at {at}"));
    session.delete("Inbox", &name("gone-here"));
    session.write(
        "Work",
        &name("new-here"),
        &format!("Text of {}", name("new-here")),
    );
    client.remove("INBOX", &name("gone-there"));
    client.store("INBOX", &name("marked"), "+FLAGS (\\Seen)");
    client.put("Work", mail(&name("new-there")).as_bytes(), "");
    let mut expect = |folder: &str, what: &str, text: &str| {
        expected.insert((folder.to_owned(), name(what), of_text(text)));
    };
    expect("INBOX", "edited", &format!("Edited at {at}"));
    for (folder, what) in [
        ("Work", "moved"),
        ("Work", "new-here"),
        ("INBOX", "marked"),
        ("Work", "new-there"),
    ] {
        expect(folder, what, &format!("Text of {}", name(what)));
    }
}

/// A run in a process of its own, which crashes at a point. Whether it came to its end before.
fn run_until(place: &Path, server: &Server, at: u64) -> bool {
    let output = Command::new(env::current_exe().expect("a test knows where it is"))
        .args(["--exact", "crashes::the_process_that_crashes"])
        .args(["--nocapture", "--test-threads=1"])
        .env(PLACE, place)
        .env(PORT, server.port.to_string())
        .env("TWOWAY_CRASH", at.to_string())
        .stdin(Stdio::null())
        .output()
        .expect("this program can be started");
    match output.status.code() {
        // A signal has ended it.
        None => false,
        Some(0) => true,
        Some(code) => {
            let text = String::from_utf8_lossy(&output.stderr);
            panic!("it fails instead of crashing at {at}: {code}: {text}")
        }
    }
}

/// Not a test of its own: what [`run_until`] starts.
#[test]
fn the_process_that_crashes() {
    let Some(place) = env::var_os(PLACE) else {
        return;
    };
    let port = env::var(PORT).expect("told").parse().expect("a port");
    let session = Session::open(Path::new(&place), port, "alice", "secret");
    session.synchronise();
    session.close();
}

fn live(kind: crate::dovecot::Setting) {
    let Some(server) = Server::own(kind) else {
        return;
    };
    let place = tempfile::tempdir().expect("a folder");
    server.client().say("CREATE Work");
    let session = Session::at(place.path(), &server);
    session.synchronise();
    session.close();
    let mut expected = Expected::new();
    let is_long = env::var_os("IMAP_TEST_CUTS").is_some();
    for at in (1..).step_by(if is_long { 1 } else { 4 }) {
        let session = Session::at(place.path(), &server);
        change(&session, &server, at, &mut expected);
        session.close();
        let has_ended = run_until(place.path(), &server, at);
        let session = Session::at(place.path(), &server);
        session.synchronise();
        session.synchronise();
        check(
            &session,
            &server,
            &expected,
            &format!("{kind:?}, point {at}"),
        );
        session.close();
        if has_ended {
            assert!(at > 20, "{at}");
            break;
        }
    }
}

#[test]
fn twoway_03_a_process_that_ends_at_any_point_loses_and_doubles_nothing() {
    live(WHOLE);
}

#[test]
fn twoway_28_nor_does_it_with_a_server_that_has_no_extensions() {
    live(BARE);
}
