//! `cargo mapi host edit`, from outside, with wrapped stores.

mod support;

use std::fs;
use std::mem;
use std::path::{Path, PathBuf};
use std::process::Command;

use mapi_provider::abi::{PR_FLAG_STATUS, PSETID_Common, PT_LONG, PT_SYSTIME, PT_UNICODE, PropTag};
use mapi_provider::store::Store;
use mapi_provider::view::{NameId, PropName, PropValue};
use mapi_provider_host::{Host, InnerLibrary, Profile, ProviderLibrary};
use serde_json::Value as Json;
use support::library as library_of;
use tempfile::TempDir;

const LUNCH: &str = "\
From: Ada Example <ada@example.com>
To: Bo <bo@example.org>, cy@example.org
Cc: =?utf-8?q?J=C3=BCrgen?= <juergen@example.org>
Subject: Lunch?
Date: Fri, 6 Mar 2026 08:12:44 +0000
Message-ID: <1@example.com>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: multipart/alternative; boundary=y

--y
Content-Type: text/plain; charset=utf-8

At noon.
--y
Content-Type: text/html; charset=utf-8

<p>At <b>noon</b>.</p>
--y--
--x
Content-Type: text/csv
Content-Disposition: attachment; filename=\"../list.csv\"

a,b
--x--
";

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace("\r\n", "\n")
}

/// A store of the wrapped probe's, with a file of mail beside it.
struct Stage {
    folder: TempDir,
    provider: PathBuf,
    settings: Vec<String>,
}

impl Stage {
    fn new() -> Self {
        Self::of("wrapped_probe32", Vec::new())
    }

    fn of(provider: &str, settings: Vec<String>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("lunch.eml"), LUNCH).expect("written");
        Self {
            folder,
            provider: library_of(provider),
            settings,
        }
    }

    fn command(&self, what: &str, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mapi"));
        command
            .args(["host", what])
            .arg(&self.provider)
            .args(["--profile", "profile"])
            .args(self.settings.iter().flat_map(|set| ["--set", set]))
            .args(args)
            .current_dir(self.folder.path())
            .env("SYNC_TEST_STEP_MS", "0")
            .env_remove("RUST_BACKTRACE");
        command
    }

    /// What is said on standard output, and on standard error, after this exit code.
    #[track_caller]
    fn ended(&self, code: i32, what: &str, args: &[&str]) -> (String, String) {
        let output = self.command(what, args).output().expect("starts");
        let (said, complained) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{said}\n{complained}");
        (said, complained)
    }

    #[track_caller]
    fn well(&self, args: &[&str]) -> String {
        self.ended(0, "edit", args).0
    }

    #[track_caller]
    fn badly(&self, args: &[&str]) -> (String, String) {
        self.ended(1, "edit", args)
    }

    /// Some messages, each with its own subject, in a folder "Mail".
    fn filled(subjects: &[&str]) -> Self {
        let stage = Self::new();
        let mut args = vec!["--new-folder", "Mail"];
        for (number, subject) in subjects.iter().enumerate() {
            let name = format!("{number}.eml");
            let mail = format!("From: ada@example.com\nSubject: {subject}\n\nHello\n");
            fs::write(stage.folder.path().join(&name), mail).expect("written");
            args.extend(["--new", name.leak(), "--folder", "Mail"]);
        }
        stage.well(&args);
        stage
    }

    #[track_caller]
    fn shown(&self) -> Json {
        let (said, _) = self.ended(0, "show", &["--json"]);
        serde_json::from_str(&said).expect("JSON")
    }

    /// The messages of a folder.
    #[track_caller]
    fn messages(&self, folder: &str) -> Vec<Json> {
        let shown = self.shown();
        let mut folders = shown["folders"].as_array().expect("folders").iter();
        let found = folders.find(|one| one["name"] == folder);
        let found = found.unwrap_or_else(|| panic!("no folder {folder}: {shown}"));
        found["messages"].as_array().expect("messages").clone()
    }

    #[track_caller]
    fn subjects(&self, folder: &str) -> Vec<String> {
        let messages = self.messages(folder).into_iter();
        let mut subjects: Vec<String> = messages
            .map(|one| one["subject"].as_str().expect("a subject").to_owned())
            .collect();
        subjects.sort();
        subjects
    }

    /// The names of all folders.
    fn folders(&self) -> Vec<String> {
        let shown = self.shown();
        let folders = shown["folders"].as_array().expect("folders").iter();
        let name = |one: &Json| one["name"].as_str().expect("a name").to_owned();
        folders.map(name).collect()
    }

    /// Looks into the store itself.
    fn look(&self, look: impl FnOnce(&Store)) {
        // They stay: a thread of the test ends after that, and would call what they have registered.
        mem::forget(InnerLibrary::load(library_of("mspst32")).expect("loaded"));
        mem::forget(ProviderLibrary::load(&self.provider).expect("loaded"));
        let library = ProviderLibrary::load(&self.provider).expect("loaded");
        let profile = Profile::open(self.folder.path().join("profile")).expect("opened");
        let host = Host::new(library, profile).expect("a host");
        let provider = host.init().expect("begun");
        let store = provider.logon().expect("logged on");
        look(&store.client());
        store.logoff();
        provider.shutdown().expect("shut down");
        host.finish();
    }
}

#[test]
fn a_file_of_mail_becomes_a_message() {
    let stage = Stage::new();
    let said = stage.well(&[
        "--new-folder",
        "Mail",
        "--new-folder",
        "Mail/2026",
        "--new",
        "lunch.eml",
        "--folder",
        "mail/2026",
    ]);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], "done       new-folder Mail (Mail)");
    assert_eq!(lines[1], "done       new-folder Mail/2026 (Mail / 2026)");
    assert!(
        lines[2].ends_with("lunch.eml in mail/2026 (Mail / 2026)"),
        "{said}"
    );
    let (said, _) = stage.ended(0, "show", &["Lunch?", "--json"]);
    let message: Json = serde_json::from_str(&said).expect("JSON");
    assert_eq!(message["from"], "Ada Example");
    assert_eq!(message["from_address"], "ada@example.com");
    assert_eq!(message["sent"], "2026-03-06T08:12:44Z");
    assert_eq!(message["message_id"], "<1@example.com>");
    assert_eq!(message["to"][1]["address"], "cy@example.org");
    assert_eq!(message["cc"][0]["name"], "Jürgen");
    assert_eq!(message["unread"], true);
    assert_eq!(message["body"].as_str().expect("text").trim(), "At noon.");
    assert_eq!(message["attached"][0]["name"], "list.csv");
    assert_eq!(message["folder"], serde_json::json!(["Mail", "2026"]));
    assert!(
        message["headers"]
            .as_str()
            .expect("text")
            .starts_with("From: Ada")
    );
}

#[test]
fn a_message_is_marked_and_flagged_and_all_of_it_taken_back() {
    let stage = Stage::filled(&["One", "Two"]);
    let said = stage.well(&[
        "--message",
        "One",
        "--read",
        "--flag",
        "--message",
        "Two",
        "--flag",
    ]);
    assert_eq!(
        said,
        "done       read `One` (Mail)\ndone       flag `One` (Mail)\ndone       flag `Two` (Mail)\n"
    );
    let state = |stage: &Stage| {
        let mut messages = stage.messages("Mail");
        messages.sort_by_key(|one| one["subject"].to_string());
        let yes = |one: &Json, key: &str| one[key] == true;
        messages
            .iter()
            .map(|one| (yes(one, "unread"), yes(one, "flagged")))
            .collect::<Vec<_>>()
    };
    assert_eq!(state(&stage), [(false, true), (true, true)]);
    let entry_id = stage.messages("Mail")[0]["entry_id"].clone();
    let named = entry_id.as_str().expect("an entry ID").to_uppercase();
    let subject = stage.messages("Mail")[0]["subject"].clone();
    let said = stage.well(&["--message", &named, "--unread", "--unflag", "--json"]);
    let json: Json = serde_json::from_str(&said).expect("JSON");
    assert_eq!(json["actions"][1]["action"], "unflag");
    assert_eq!(json["actions"][1]["state"], "done");
    assert_eq!(json["actions"][1]["entry_id"], entry_id);
    assert_eq!(json["actions"][1]["subject"], subject);
    assert_eq!(json["actions"][1]["place"], serde_json::json!(["Mail"]));
    assert_eq!(json["error"], Json::Null);
    let flagged = state(&stage).iter().filter(|(_, flagged)| *flagged).count();
    assert_eq!(flagged, 1);
}

#[test]
fn a_flag_has_what_outlook_sets() {
    let stage = Stage::filled(&["One"]);
    stage.well(&["--message", "One", "--flag"]);
    let named = |number: i32| PropName {
        set: PSETID_Common,
        id: NameId::Number(number),
    };
    let open = |store: &Store, look: &dyn Fn(&mapi_provider::store::Message)| {
        let folder = store
            .ipm_subtree()
            .expect("there")
            .folder("Mail")
            .expect("read")
            .expect("there");
        let row = folder
            .messages()
            .columns(&[mapi_provider::abi::PR_ENTRYID])
            .first();
        let id = row.expect("read").expect("one").entry_id().expect("an ID");
        look(&folder.open_message(&id).expect("opened"));
    };
    let tags = [
        (PropTag::new(0x1095, PT_LONG), 6),
        (PropTag::new(0x0E2B, PT_LONG), 1),
        (PR_FLAG_STATUS, 2),
    ];
    stage.look(|store| {
        open(store, &|message| {
            for (tag, value) in tags {
                assert_eq!(message.long(tag).expect("read"), Some(value), "{tag:?}");
            }
            for (number, value) in [(0x8530, "Follow up"), (0x85A4, "One")] {
                let tag = message.find_named_property(&named(number), PT_UNICODE);
                let tag = tag.expect("read").expect("it has a name");
                assert_eq!(message.text(tag).expect("read").as_deref(), Some(value));
            }
            let tag = message.find_named_property(&named(0x85A0), PT_SYSTIME);
            let date = message.get(tag.expect("read").expect("it has a name"));
            assert!(matches!(date.expect("read"), Some(PropValue::SysTime(_))));
        });
    });
    stage.well(&["--message", "One", "--unflag"]);
    stage.look(|store| {
        open(store, &|message| {
            for (tag, _) in tags {
                assert_eq!(message.long(tag).expect("read"), None, "{tag:?}");
            }
            let tag = message.find_named_property(&named(0x8530), PT_UNICODE);
            let tag = tag.expect("read").expect("it has a name");
            assert_eq!(message.text(tag).expect("read"), None);
        });
    });
}

#[test]
fn what_is_deleted_goes_to_the_deleted_items_and_from_there_for_good() {
    let stage = Stage::filled(&["One", "Two"]);
    let said = stage.well(&["--message", "One", "--delete"]);
    assert_eq!(
        said,
        "done       delete `One` (Mail): moved to Deleted Items\n"
    );
    assert_eq!(stage.subjects("Deleted Items"), ["One"]);
    let said = stage.well(&["--message", "One", "--delete"]);
    assert_eq!(
        said,
        "done       delete `One` (Deleted Items): deleted for good\n"
    );
    assert_eq!(stage.subjects("Deleted Items"), Vec::<String>::new());
    assert_eq!(stage.subjects("Mail"), ["Two"]);
}

#[test]
fn a_message_is_moved() {
    let stage = Stage::filled(&["One"]);
    stage.well(&[
        "--new-folder",
        "Mail/Old",
        "--message",
        "One",
        "--move",
        "Mail/Old",
    ]);
    assert_eq!(stage.subjects("Old"), ["One"]);
    assert_eq!(stage.subjects("Mail"), Vec::<String>::new());
    let (_, complained) = stage.badly(&["--message", "One", "--move", "mail/old"]);
    assert_eq!(
        complained,
        "error: move `One` to mail/old: it is in that folder already\n"
    );
}

#[test]
fn of_several_messages_none_is_meant_and_all_are_listed() {
    let stage = Stage::filled(&["Tea?", "Other", "Tea?"]);
    let args = [
        "--message",
        "Other",
        "--delete",
        "--message",
        "Tea?",
        "--read",
    ];
    let (said, complained) = stage.badly(&args);
    assert_eq!(
        complained,
        "error: 2 messages have the subject `Tea?`: name one by its entry ID\n"
    );
    let ids: Vec<String> = stage
        .messages("Mail")
        .into_iter()
        .filter(|one| one["subject"] == "Tea?")
        .map(|one| one["entry_id"].as_str().expect("an ID").to_owned())
        .collect();
    assert!(
        said.starts_with(
            "not begun  delete `Other`\nnot begun  read `Tea?`\nNothing was changed.\n"
        ),
        "{said}"
    );
    for id in &ids {
        assert!(
            said.contains(&format!("\n  {id}  Mail  ada@example.com")),
            "{said}"
        );
    }
    assert_eq!(stage.subjects("Mail").len(), 3);

    let args = ["--message", "Tea?", "--read", "--json"];
    let (said, _) = stage.badly(&args);
    let json: Json = serde_json::from_str(&said).expect("JSON");
    assert_eq!(json["candidates"].as_array().expect("a list").len(), 2);
    assert_eq!(json["candidates"][0]["place"], serde_json::json!(["Mail"]));
    assert_eq!(json["actions"][0]["state"], "not begun");
    stage.well(&["--message", &ids[1], "--read"]);
}

#[test]
fn after_a_failure_nothing_more_is_begun() {
    let stage = Stage::filled(&["One", "Two"]);
    // The second folder is there only after the first action, so this is not known before.
    let args = [
        "--new-folder",
        "Mail/Old",
        "--message",
        "One",
        "--move",
        "Mail/Odl",
        "--message",
        "Two",
        "--delete",
    ];
    let (said, complained) = stage.badly(&args);
    assert_eq!(
        said,
        "done       new-folder Mail/Old (Mail / Old)\nfailed     move `One` to Mail/Odl\nnot begun  delete `Two`\n"
    );
    assert_eq!(
        complained,
        "error: move `One` to Mail/Odl: `Mail/Odl`: `Mail` has no folder `Odl`; there are Old. `--new-folder` makes one\n"
    );
    assert_eq!(stage.subjects("Mail"), ["One", "Two"]);
    let args = [
        "--new-folder",
        "Mail/Old",
        "--message",
        "Two",
        "--delete",
        "--json",
    ];
    let json: Json = serde_json::from_str(&stage.badly(&args).0).expect("JSON");
    assert_eq!(json["actions"][0]["state"], "failed");
    let error = json["actions"][0]["error"].as_str().expect("an error");
    assert!(error.contains("there is a folder `Old` already"), "{error}");
    assert_eq!(json["actions"][1]["state"], "not begun");
}

#[test]
fn what_is_wrong_with_names_and_files_is_known_before_anything_is_changed() {
    let stage = Stage::filled(&["One"]);
    fs::write(stage.folder.path().join("no.eml"), "\n\nHello").expect("written");
    for (args, says) in [
        (
            &["--message", "What?", "--read"][..],
            "there is no message `What?`",
        ),
        (
            &["--message", "One", "--move", "Nowhere/Else"],
            "has no folder `Nowhere`",
        ),
        (
            &["--message", "One", "--move", "Mail/"],
            "is not the path of a folder",
        ),
        (&["--new", "gone.eml", "--folder", "Mail"], "gone.eml: "),
        (
            &["--new", "no.eml", "--folder", "Mail"],
            "no Internet message",
        ),
    ] {
        let first = ["--message", "One", "--delete"];
        let args = first.iter().chain(args).copied().collect::<Vec<_>>();
        let (said, complained) = stage.badly(&args);
        assert!(complained.contains(says), "{args:?}: {complained}");
        assert!(said.ends_with("Nothing was changed.\n"), "{said}");
    }
    assert_eq!(stage.subjects("Mail"), ["One"]);
}

#[test]
fn folders_are_renamed_and_deleted_as_messages_are() {
    let stage = Stage::filled(&["One"]);
    let said = stage.well(&["--rename-folder", "Mail", "In/out"]);
    assert_eq!(said, "done       rename-folder Mail to `In/out` (Mail)\n");
    stage.well(&[
        "--new-folder",
        "In\\/out/A",
        "--delete-folder",
        "In\\/out/A",
        "--new-folder",
        "In\\/out/A",
    ]);
    // There is one of that name already.
    let said = stage.well(&["--delete-folder", "In\\/out/A"]);
    assert_eq!(
        said,
        "done       delete-folder In\\/out/A (In/out / A): moved to Deleted Items as A1\n"
    );
    let said = stage.well(&["--delete-folder", "Deleted Items/A"]);
    assert!(said.ends_with(": deleted for good\n"), "{said}");
    let folders = stage.folders();
    assert!(
        folders.contains(&"A1".to_owned()) && !folders.contains(&"A".to_owned()),
        "{folders:?}"
    );
    for (args, says) in [
        (
            &["--delete-folder", "Deleted Items"][..],
            "every store has Deleted Items, so it can't be deleted",
        ),
        (
            &["--rename-folder", "In\\/out", ""],
            "a folder needs a name",
        ),
    ] {
        let (_, complained) = stage.badly(args);
        assert!(complained.contains(says), "{complained}");
    }
}

#[test]
fn only_a_draft_is_sent() {
    let stage = Stage::filled(&["One"]);
    let (said, complained) = stage.badly(&["--message", "One", "--send"]);
    assert_eq!(said, "failed     send `One`\n");
    assert!(complained.contains("it is no draft"), "{complained}");
    let nobody = "From: ada@example.com\nX-Unsent: 1\nSubject: Nobody\n\nHello\n";
    fs::write(stage.folder.path().join("nobody.eml"), nobody).expect("written");
    let (said, complained) = stage.badly(&[
        "--new",
        "nobody.eml",
        "--folder",
        "Mail",
        "--send",
        "--new-folder",
        "X",
    ]);
    assert!(
        said.contains("\nfailed     send the new message\nnot begun  new-folder X\n"),
        "{said}"
    );
    assert!(complained.contains("it has no recipients"), "{complained}");
    // The simulated PST takes it, and keeps it in its Outbox until a spooler comes.
    let said = stage.well(&["--new", "lunch.eml", "--folder", "Mail", "--send"]);
    assert!(
        said.ends_with("\ndone       send the new message (Mail)\n"),
        "{said}"
    );
    assert_eq!(stage.subjects("Outbox"), ["Lunch?"]);
    assert_eq!(stage.subjects("Mail"), ["Nobody", "One"]);
    let waiting = ["--message", "Lunch?", "--flag"];
    let (_, complained) = stage.badly(&waiting);
    assert!(
        complained.contains("the message is open for reading only"),
        "{complained}"
    );
    let (_, complained) = stage.badly(&["--rename-folder", "Outbox", "X"]);
    assert!(
        complained.contains("every store has Outbox, so it can't be renamed"),
        "{complained}"
    );
}

#[test]
fn a_command_line_that_makes_no_sense_has_its_own_exit_code() {
    let stage = Stage::new();
    for (args, says) in [
        (&[][..], "there is nothing to do"),
        (&["--read"], "name it by `--message`"),
        (
            &["--message", "A", "--delete", "--read"],
            "after `--delete`",
        ),
        (
            &["--new", "lunch.eml"],
            "`--new FILE` needs `--folder PATH`",
        ),
        (&["--message"], "a value is required"),
    ] {
        let (_, complained) = stage.ended(2, "edit", args);
        assert!(complained.contains(says), "{complained}");
    }
}

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
