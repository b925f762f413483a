//! `cargo mapi host edit`, and what `host show` tells of contents, from outside, with wrapped stores and a mailbox.

mod digests;
mod mailbox;
mod messages;
mod refusals;
mod stage;
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use stage::{LUNCH, Stage};

/// The files of a Maildir's folder.
fn files(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).expect("there");
    let name = |file: std::io::Result<fs::DirEntry>| file.expect("readable").file_name();
    let mut names: Vec<String> = files
        .map(|file| name(file).to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_plan_says_what_a_run_would_do_and_nothing_is_done() {
    let server = tempfile::tempdir().expect("a folder");
    for folder in ["cur", "new", "tmp"] {
        fs::create_dir(server.path().join(folder)).expect("made");
    }
    let mail = LUNCH.replace("Lunch?", "=?utf-8?q?Gr=C3=BC=C3=9Fe?=");
    let file = server.path().join("new/1.a.host");
    fs::write(&file, mail).expect("written");
    // The second plan doesn't open what had arrived before the first one.
    let an_hour_ago = SystemTime::now() - Duration::from_secs(3600);
    let file = fs::File::options().write(true).open(file);
    file.and_then(|file| file.set_modified(an_hour_ago))
        .expect("set");
    let setting = format!("server={}", server.path().display());
    let stage = Stage::of("wrapped_maildir32", vec![setting]);
    for _ in 0..2 {
        let (said, _) = stage.ended(0, "sync", &["--plan"]);
        assert!(said.contains("1 × download"), "{said}");
        assert!(said.contains("download: Inbox: \"Grüße\""), "{said}");
        assert!(stage.messages("Inbox").is_empty());
    }
    let (said, _) = stage.ended(0, "sync", &["--plan", "--json"]);
    assert!(said.contains("\"event\":\"plan\""), "{said}");
    stage.ended(0, "sync", &[]);
    assert_eq!(stage.subjects("Inbox"), ["Grüße"]);
    let (said, _) = stage.ended(0, "sync", &["--plan"]);
    assert!(said.contains("nothing to do"), "{said}");
}

#[test]
fn what_the_user_did_is_what_the_next_run_sends() {
    let server = tempfile::tempdir().expect("a folder");
    for folder in ["cur", "new", "tmp"] {
        fs::create_dir(server.path().join(folder)).expect("made");
    }
    for name in ["1.a.host", "2.b.host"] {
        let mail = LUNCH
            .replace("Lunch?", &name[..1])
            .replace("<1@", &format!("<{name}@"));
        fs::write(server.path().join("new").join(name), mail).expect("written");
    }
    let setting = format!("server={}", server.path().display());
    let stage = Stage::of("wrapped_maildir32", vec![setting]);
    stage.ended(0, "sync", &[]);
    let mut subjects = stage.subjects("Inbox");
    subjects.sort();
    assert_eq!(subjects, ["1", "2"]);
    stage.well(&[
        "--message",
        "1",
        "--read",
        "--flag",
        "--message",
        "2",
        "--delete",
        "--new",
        "lunch.eml",
        "--folder",
        "Inbox",
    ]);
    stage.ended(0, "sync", &[]);
    let [cur, new] = ["cur", "new"].map(|folder| files(&server.path().join(folder)));
    let all: Vec<&String> = cur.iter().chain(&new).collect();
    assert_eq!(all.len(), 2, "{all:?}");
    assert!(
        cur.iter()
            .any(|name| name.starts_with("1.a.host") && name.ends_with("2,FS")),
        "{cur:?}"
    );
    assert!(
        !all.iter().any(|name| name.starts_with("2.b.host")),
        "{all:?}"
    );
}
