//! `cargo mapi mailbox`, from outside, with files that the mailbox's own crate makes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;

use mail_parser::{Address, MessageParser, MimeHeaders};
use mapi_provider::abi::{
    MessageFlags, PR_ATTACH_DATA_BIN, PR_ATTACH_LONG_FILENAME_W, PR_BODY_W, PR_DISPLAY_NAME_W,
    PR_EMAIL_ADDRESS_W, PR_HTML, PR_INTERNET_MESSAGE_ID_W, PR_MESSAGE_DELIVERY_TIME,
    PR_MESSAGE_FLAGS, PR_RECIPIENT_TYPE, PR_RTF_COMPRESSED, PR_SENT_REPRESENTING_EMAIL_ADDRESS_W,
    PR_SENT_REPRESENTING_NAME_W, PR_SENT_REPRESENTING_SMTP_ADDRESS_W, PR_SMTP_ADDRESS_W,
    PR_SUBJECT_W,
};
use mapi_provider::mime::Mail;
use mapi_provider::view::{FileTime, PropValue};
use mapi_provider_mailbox::database::{
    Attachment, FolderId, FolderKind, MessageData, NewFolder, Property, PropertySet, Recipient,
    Save, Special, Store,
};
use mapi_provider_mailbox::logic::{Draft, Mailbox};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace("\r\n", "\n")
}

/// A mailbox in a folder of its own.
struct Stage {
    folder: TempDir,
}

impl Stage {
    /// With some messages in the inbox.
    fn filled(count: usize) -> Self {
        let stage = Self::empty();
        let store = stage.open();
        let inbox = special(&store, Special::Inbox);
        for number in 0..count {
            save(&store, inbox, &message(&format!("Message {number}")));
        }
        stage
    }

    fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let stage = Self { folder };
        drop(stage.open());
        stage
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("mail.db")
    }

    fn open(&self) -> Store {
        Store::open(&self.path()).expect("opened")
    }

    fn tamper(&self, sql: &str) {
        let other = rusqlite::Connection::open(self.path()).expect("opened");
        let sql = format!("PRAGMA foreign_keys = OFF; {sql}");
        other.execute_batch(&sql).expect("changed");
    }

    fn command(&self, what: &str, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-mapi"));
        command
            .args(["mailbox", what])
            .args(args)
            .current_dir(self.folder.path())
            .env_remove("RUST_BACKTRACE");
        command
    }

    #[track_caller]
    fn ended(&self, code: i32, what: &str, args: &[&str]) -> (String, String) {
        let output = self.command(what, args).output().expect("starts");
        let (said, complained) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{said}\n{complained}");
        (said, complained)
    }

    #[track_caller]
    fn json(&self, code: i32, what: &str, args: &[&str]) -> Json {
        let args = [args, &["--json"]].concat();
        let (said, _) = self.ended(code, what, &args);
        serde_json::from_str(&said).expect("JSON")
    }

    /// Every file below a folder, by its path.
    fn files(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let top = self.folder.path().join(folder);
        let mut found = BTreeMap::new();
        let mut waiting = vec![top.clone()];
        while let Some(folder) = waiting.pop() {
            for entry in fs::read_dir(folder).expect("there") {
                let path = entry.expect("readable").path();
                if path.is_dir() {
                    waiting.push(path);
                    continue;
                }
                let name = path
                    .strip_prefix(&top)
                    .expect("below")
                    .display()
                    .to_string();
                found.insert(name.replace('\\', "/"), fs::read(&path).expect("readable"));
            }
        }
        found
    }
}

fn special(store: &Store, special: Special) -> FolderId {
    store.read(|reader| reader.special(special)).expect("there")
}

fn message(subject: &str) -> MessageData {
    let mut data = MessageData::default();
    data.props.set_tag(PR_SUBJECT_W, subject);
    data.props.set_tag(PR_BODY_W, "Hello");
    // 6 March 2026, 08:12:44.
    let time = FileTime::from_ticks(134_172_583_640_000_000);
    data.props.set_tag(PR_MESSAGE_DELIVERY_TIME, time);
    data
}

fn save(store: &Store, folder: FolderId, data: &MessageData) {
    let save = Save {
        id: store.reserve_message().expect("an ID"),
        folder,
        associated: false,
        base: None,
        force: false,
        read: false,
        keep_time: false,
        data,
    };
    store.write(|tx| tx.save_message(&save)).expect("saved");
}

#[test]
fn a_sound_mailbox_is_told_to_be_sound() {
    let stage = Stage::filled(3);
    let before = stage.files(".");
    let (said, complained) = stage.ended(0, "check", &["mail.db"]);
    assert!(
        said.starts_with("File:      mail.db\nFormat:    1\nFolders:   9\nMessages:  3\n"),
        "{said}"
    );
    assert!(
        said.ends_with("Open:      by no program\nNothing is wrong with it.\n"),
        "{said}"
    );
    assert_eq!(complained, "");
    let found = stage.json(0, "check", &["mail.db"]);
    assert_eq!(found["messages"], 3);
    assert_eq!(found["format"], found["newest_format"]);
    assert_eq!(found["problems"], json!([]));
    assert_eq!(
        found["size"]["file"],
        fs::metadata(stage.path()).expect("there").len()
    );
    assert!(stage.files(".") == before, "a check changes nothing");
}

#[test]
fn who_has_it_open_is_counted() {
    let stage = Stage::filled(1);
    let store = stage.open();
    let (said, _) = stage.ended(0, "check", &["mail.db"]);
    assert!(said.contains("Open:      by 1 program\n"), "{said}");
    drop(store);
}

#[test]
fn what_is_wrong_is_told_with_an_exit_code() {
    let stage = Stage::filled(3);
    stage.tamper("UPDATE folder SET unread = 77 WHERE role = 2");
    let (said, complained) = stage.ended(1, "check", &["mail.db"]);
    assert!(
        said.contains("\nwrong: 1 folders have wrong counts\n"),
        "{said}"
    );
    assert!(
        complained.starts_with("error: mail.db: 1 problem\n  = help: "),
        "{complained}"
    );
    stage.tamper("DELETE FROM folder WHERE role = 2");
    let found = stage.json(1, "check", &["mail.db"]);
    let problems = found["problems"].as_array().expect("a list");
    let dangling = "3 rows of `message` refer to a `folder` that is not there";
    assert!(problems.iter().any(|one| one == dangling), "{problems:?}");
}

/// All commands, with what they need besides.
const COMMANDS: [(&str, &[&str]); 3] = [
    ("check", &["mail.db"]),
    ("compact", &["mail.db"]),
    ("export", &["mail.db", "saved"]),
];

/// None of the commands takes the file, or changes or makes anything.
#[track_caller]
fn refused(stage: &Stage, says: &[&str]) {
    let before = stage.files(".");
    for (what, args) in COMMANDS {
        let (said, complained) = stage.ended(1, what, args);
        assert_eq!(said, "", "{what}");
        for says in says {
            assert!(complained.contains(says), "{what}: {complained}");
        }
        assert!(stage.files(".") == before, "{what} changes nothing");
        assert!(!stage.folder.path().join("saved").exists(), "{what}");
    }
}

#[test]
fn what_is_no_mailbox_is_refused() {
    let stage = Stage::empty();
    let path = stage.path();
    fs::remove_file(&path).expect("there");
    refused(&stage, &["error: mail.db: ", "can't be opened"]);
    fs::write(&path, "").expect("written");
    refused(
        &stage,
        &[
            "the file is no store: it is shorter than any database",
            "= help: ",
        ],
    );
    fs::write(&path, "From: ada@example.com\nSubject: Hello\n\nHello\n").expect("written");
    refused(
        &stage,
        &[
            "the file is no store: it is no SQLite database",
            "`[store] path`",
        ],
    );
    fs::remove_file(&path).expect("there");
    stage.tamper("CREATE TABLE x (y)");
    refused(&stage, &["another program's database"]);
    fs::remove_file(&path).expect("there");
    fs::create_dir(&path).expect("made");
    refused(&stage, &["it is no file"]);
}

#[test]
fn a_newer_mailbox_is_refused() {
    let stage = Stage::filled(1);
    stage.tamper("PRAGMA user_version = 99");
    refused(&stage, &["newer version (format 99"]);
}

#[test]
fn damage_is_told() {
    let stage = Stage::filled(300);
    drop(stage.open().compact());
    let mut bytes = fs::read(stage.path()).expect("read");
    let half = bytes.len() / 2;
    for byte in &mut bytes[half..] {
        *byte ^= 0xA5;
    }
    fs::write(stage.path(), &bytes).expect("written");
    let (_, complained) = stage.ended(1, "check", &["mail.db"]);
    assert!(
        complained.contains("problem") || complained.contains("damaged"),
        "{complained}"
    );
    let (_, complained) = stage.ended(1, "compact", &["mail.db"]);
    assert!(complained.contains("damaged"), "{complained}");
    assert!(
        fs::read(stage.path()).expect("read").len() >= bytes.len(),
        "nothing is thrown away"
    );
}

/// A store from which most was deleted.
fn holey() -> Stage {
    let stage = Stage::filled(0);
    let store = stage.open();
    let inbox = special(&store, Special::Inbox);
    for number in 0..200 {
        let mut data = message(&format!("Message {number}"));
        data.props.set_tag(PR_BODY_W, "x".repeat(3_000).as_str());
        save(&store, inbox, &data);
    }
    let ids = store
        .read(|reader| reader.message_ids(inbox))
        .expect("read");
    store
        .write(|tx| tx.delete_messages(&ids[2..]))
        .expect("deleted");
    drop(store);
    stage
}

#[test]
fn a_mailbox_is_made_smaller() {
    let stage = holey();
    let size = || fs::metadata(stage.path()).expect("there").len();
    let before = size();
    let (said, _) = stage.ended(0, "compact", &["mail.db"]);
    assert!(
        said.starts_with("mail.db: ") && said.contains(" before, "),
        "{said}"
    );
    assert!(size() < before / 2, "{before} {}", size());
    let again = stage.json(0, "compact", &["mail.db"]);
    assert_eq!(again["after"], size());
    assert_eq!(stage.json(0, "check", &["mail.db"])["messages"], 2);
}

#[test]
fn a_mailbox_that_is_in_use_is_not_compacted_before_it_is_free() {
    let stage = holey();
    let size = || fs::metadata(stage.path()).expect("there").len();
    let store = stage.open();
    let before = size();
    let (_, complained) = stage.ended(1, "compact", &["mail.db"]);
    assert!(
        complained.starts_with("error: mail.db: a program has it open\n  = help: "),
        "{complained}"
    );
    assert_eq!(size(), before);

    let mut waiting = stage.command("compact", &["mail.db", "--wait", "600"]);
    let waiting = waiting
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut waiting = waiting.expect("starts");
    let mut complaints = std::io::BufReader::new(waiting.stderr.take().expect("piped"));
    let mut line = String::new();
    std::io::BufRead::read_line(&mut complaints, &mut line).expect("readable");
    assert_eq!(line.trim_end(), "a program has it open; waiting");
    drop(store);
    let output = waiting.wait_with_output().expect("ends");
    assert!(output.status.success());
    assert!(size() < before / 2);
}

#[test]
fn a_mailbox_that_another_program_holds_is_told() {
    let stage = holey();
    let other = rusqlite::Connection::open(stage.path()).expect("opened");
    other.execute_batch("BEGIN IMMEDIATE").expect("begun");
    // It waits for five seconds first.
    let (_, complained) = stage.ended(1, "compact", &["mail.db"]);
    assert!(
        complained.contains("another program has held the store's file"),
        "{complained}"
    );
    other.execute_batch("ROLLBACK").expect("ended");
    // Who only reads is no hindrance to a check.
    other
        .execute_batch("BEGIN; SELECT count(*) FROM message")
        .expect("begun");
    stage.ended(0, "check", &["mail.db"]);
}

fn recipient(kind: i32, name: &str, address: &str) -> Recipient {
    let mut props = PropertySet::default();
    props.set_tag(PR_DISPLAY_NAME_W, name);
    props.set_tag(PR_EMAIL_ADDRESS_W, address);
    props.set_tag(PR_RECIPIENT_TYPE, PropValue::Long(kind));
    Recipient {
        row: kind.cast_unsigned(),
        props: Arc::new(props),
    }
}

/// A message with all that one may have, large values among it.
fn letter(store: &Store) -> MessageData {
    let mut data = message("Grüße: 1/2?");
    data.props
        .set_tag(PR_SENT_REPRESENTING_NAME_W, "Ada Example");
    data.props
        .set_tag(PR_SENT_REPRESENTING_EMAIL_ADDRESS_W, "ada@example.com");
    data.props
        .set_tag(PR_INTERNET_MESSAGE_ID_W, "<1@example.com>");
    data.props.set_tag(PR_BODY_W, "Tea & cake");
    data.props
        .set_tag(PR_HTML, "<p>Tea &amp; cake</p>".as_bytes().to_vec());
    data.recipients = vec![
        recipient(1, "Bo\r\nBcc: all@example.org", "bo@example.org"),
        recipient(2, "", "cy@example.org"),
    ];
    let mut blob = store.new_blob().expect("made");
    blob.write_at(0, &[7; 100_000]).expect("written");
    let large = blob.property(0x0102).expect("flushed");
    assert!(matches!(large, Property::Large(_)));
    let mut file = PropertySet::default();
    file.set_tag(PR_ATTACH_LONG_FILENAME_W, "list.bin");
    file.put(PR_ATTACH_DATA_BIN.id(), large);
    let attachment = |props: PropertySet, embedded: Option<MessageData>| {
        Arc::new(Attachment {
            id: store.reserve_attachment().expect("an ID"),
            props,
            embedded: embedded.map(Arc::new),
        })
    };
    data.attachments.insert(0, attachment(file, None));
    let inner = attachment(PropertySet::default(), Some(message("Inner")));
    data.attachments.insert(1, inner);
    data
}

#[test]
fn a_message_becomes_mail_with_all_that_is_in_it() {
    let stage = Stage::empty();
    let store = stage.open();
    save(&store, special(&store, Special::Inbox), &letter(&store));
    let mut draft = message("Draft");
    let unsent = MessageFlags::UNSENT.bits().cast_signed();
    draft.props.set_tag(PR_MESSAGE_FLAGS, unsent);
    draft.props.remove(PR_BODY_W.id());
    draft
        .props
        .set_tag(PR_RTF_COMPRESSED, b"compressed".to_vec());
    save(&store, special(&store, Special::Outbox), &draft);
    drop(store);
    let (said, _) = stage.ended(0, "export", &["mail.db", "saved"]);
    assert_eq!(said, "saved: 2 messages in 4 folders\n");
    let files = stage.files("saved");
    let letter = &files["Inbox/2026-03-06 Grüße_ 1_2_.eml"];
    let mail = MessageParser::default().parse(letter).expect("mail");
    assert_eq!(mail.subject(), Some("Grüße: 1/2?"));
    assert_eq!(mail.message_id(), Some("1@example.com"));
    let from = mail.from().and_then(|from| from.first()).expect("a sender");
    assert_eq!(
        (from.name(), from.address()),
        (Some("Ada Example"), Some("ada@example.com"))
    );
    assert!(mail.bcc().is_none(), "nobody gets in by a name");
    assert_eq!(
        mail.cc()
            .and_then(|cc| cc.first())
            .and_then(|cc| cc.address()),
        Some("cy@example.org")
    );
    assert_eq!(
        mail.date().map(|date| date.to_rfc3339()),
        Some("2026-03-06T08:12:44Z".to_owned())
    );
    assert_eq!(
        mail.body_text(0).as_deref().map(str::trim),
        Some("Tea & cake")
    );
    assert_eq!(
        mail.body_html(0).as_deref().map(str::trim),
        Some("<p>Tea &amp; cake</p>")
    );
    let attached: Vec<_> = mail.attachments().collect();
    assert_eq!(attached.len(), 2);
    assert_eq!(attached[0].attachment_name(), Some("list.bin"));
    assert_eq!(attached[0].contents(), [7; 100_000]);
    assert_eq!(
        attached[1].message().and_then(|inner| inner.subject()),
        Some("Inner")
    );
    let draft = MessageParser::default()
        .parse(&files["Outbox/2026-03-06 Draft.eml"])
        .expect("mail");
    assert_eq!(draft.header_raw("X-Unsent").map(str::trim), Some("1"));
    let rtf = draft.attachments().next().expect("attached");
    assert_eq!(rtf.contents(), b"compressed");
}

/// Mail with old charsets and without any, a name in pieces, and a message in a message that is a draft.
const AWKWARD: &[u8] = b"\
From: \xd1\xe5\xf0\xe3\xe5\xe9 <s@example.com>\n\
Subject: =?koi8-r?B?8PLp9+X0?=\n\
Content-Type: multipart/mixed; charset=windows-1251; boundary=x\n\
\n\
--x\n\
Content-Type: text/plain; charset=big5\n\
\n\
\xa7A\xa6n\n\
--x\n\
Content-Type: application/octet-stream\n\
Content-Disposition: attachment; filename*0*=utf-8''Stra%C3%9Fe; filename*1=\".bin\"\n\
Content-Transfer-Encoding: quoted-printable\n\
\n\
=00=01\n\
--x\n\
Content-Type: message/rfc822\n\
\n\
Subject: Inner\n\
X-Unsent: 1\n\
\n\
--x--\n";

#[test]
fn mail_goes_out_as_it_came_and_once_it_is_edited_as_its_sender_meant_it() {
    let stage = Stage::empty();
    let store = stage.open();
    let mailbox = Mailbox::new(store.clone());
    let inbox = mailbox.inbox().expect("there");
    let parsed = Mail::parse(AWKWARD).expect("mail");
    for subject in [None, Some("Другой")] {
        let mut batch = mailbox.batch();
        let server_id = subject.unwrap_or_default();
        let fill = |draft: &mut Draft<'_>| {
            draft.mail(&parsed)?;
            if let Some(subject) = subject {
                draft.subject(subject);
            }
            Ok(())
        };
        batch.try_upsert(inbox, server_id, fill).expect("filled");
        batch.commit().expect("kept");
    }
    drop((mailbox, store));
    stage.ended(0, "export", &["mail.db", "saved"]);
    let files = stage.files("saved");
    let file = |subject: &str| {
        let mut found = files.iter().filter(|(name, _)| name.contains(subject));
        found
            .next()
            .unwrap_or_else(|| panic!("{subject}: {files:?}"))
            .1
    };
    assert_eq!(file("ПРИВЕТ"), AWKWARD);

    // Another reader than ours.
    let edited = MessageParser::default()
        .parse(file("Другой"))
        .expect("mail");
    assert_eq!(edited.subject(), Some("Другой"));
    let from = edited.from().and_then(|from| from.first());
    assert_eq!(from.and_then(|from| from.name()), Some("Сергей"));
    assert_eq!(edited.body_text(0).as_deref().map(str::trim), Some("你好"));
    assert_eq!(edited.header_raw("X-Unsent"), None);
    let attached: Vec<_> = edited.attachments().collect();
    assert_eq!(attached.len(), 2);
    assert_eq!(attached[0].attachment_name(), Some("Straße.bin"));
    assert_eq!(attached[0].contents(), [0, 1]);
    let inner = attached[1].message().expect("a message");
    assert_eq!(inner.subject(), Some("Inner"));
    // Only what is unsent says so.
    assert_eq!(inner.header_raw("X-Unsent"), None);
}

/// What Exchange's clients leave: addresses that are none of the Internet beside those that are, and flags in the type.
#[test]
fn people_have_their_internet_addresses() {
    let stage = Stage::empty();
    let store = stage.open();
    let mut data = message("Lunch");
    let ada = "/o=Example/cn=ada";
    data.props.set_tag(PR_SENT_REPRESENTING_NAME_W, "Ada");
    data.props
        .set_tag(PR_SENT_REPRESENTING_EMAIL_ADDRESS_W, ada);
    data.props
        .set_tag(PR_SENT_REPRESENTING_SMTP_ADDRESS_W, "ada@example.com");
    // MAPI_SUBMITTED | MAPI_CC
    let mut bo = recipient(0x8000_0002_u32.cast_signed(), "Bo", "/o=Example/cn=bo");
    Arc::make_mut(&mut bo.props).set_tag(PR_SMTP_ADDRESS_W, "bo@example.com");
    data.recipients = vec![bo];
    save(&store, special(&store, Special::Inbox), &data);
    drop(store);
    stage.ended(0, "export", &["mail.db", "saved"]);
    let files = stage.files("saved");
    let mail = MessageParser::default().parse(&files["Inbox/2026-03-06 Lunch.eml"]);
    let mail = mail.expect("mail");
    let address = |people: Option<&Address<'_>>| {
        let first = people.and_then(|people| people.first());
        first.and_then(|one| one.address()).map(str::to_owned)
    };
    assert_eq!(address(mail.from()).as_deref(), Some("ada@example.com"));
    assert_eq!(address(mail.cc()).as_deref(), Some("bo@example.com"));
}

#[test]
fn names_are_safe_and_none_is_taken_twice() {
    let stage = Stage::empty();
    let store = stage.open();
    let inbox = special(&store, Special::Inbox);
    let new_folder = |parent: FolderId, name: &str| {
        let mut props = PropertySet::default();
        props.set_tag(PR_DISPLAY_NAME_W, name);
        let (props, kind) = (&props, FolderKind::Generic);
        let new = NewFolder {
            parent,
            kind,
            props,
            open_existing: false,
        };
        store.write(|tx| tx.create_folder(&new)).expect("made").0
    };
    let odd = new_folder(inbox, "a/b: c");
    let other = new_folder(inbox, "a_b_ c");
    new_folder(inbox, "NUL");
    for subject in ["../../x", "Tea?", "tea*", ""] {
        save(&store, odd, &message(subject));
    }
    save(&store, other, &message(&"long ".repeat(100)));
    drop(store);
    let saved = stage.json(0, "export", &["mail.db", "saved"]);
    assert_eq!(saved["messages"], 5);
    assert_eq!(saved["left_out"], json!([]));
    let files = stage.files("saved");
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        names[1..],
        [
            "Inbox/a_b_ c/2026-03-06 .._.._x.eml",
            "Inbox/a_b_ c/2026-03-06 Tea_.eml",
            "Inbox/a_b_ c/2026-03-06 no subject.eml",
            "Inbox/a_b_ c/2026-03-06 tea_ (2).eml",
        ]
    );
    assert!(names[0].starts_with("Inbox/a_b_ c (2)/2026-03-06 long long") && names[0].len() < 90);
    assert!(
        stage.folder.path().join("saved/Inbox/_NUL").is_dir(),
        "an empty one is there too"
    );
}

#[test]
fn nothing_is_overwritten() {
    let stage = Stage::filled(1);
    let saved = stage.folder.path().join("saved");
    fs::create_dir(&saved).expect("made");
    fs::write(saved.join("mine"), "mine").expect("written");
    let (_, complained) = stage.ended(1, "export", &["mail.db", "saved"]);
    assert!(complained.contains("saved is not empty"), "{complained}");
    assert_eq!(stage.files("saved").len(), 1);
    fs::remove_file(saved.join("mine")).expect("there");
    stage.ended(0, "export", &["mail.db", "saved"]);
    assert_eq!(stage.files("saved").len(), 1);
    let (_, complained) = stage.ended(1, "export", &["mail.db", "mail.db"]);
    assert!(
        complained.starts_with("error: can't write mail.db: "),
        "{complained}"
    );
}

#[test]
fn what_can_not_be_read_is_left_out_and_told() {
    let stage = Stage::filled(4);
    stage.tamper("UPDATE rest SET props = x'FFFFFFFF' WHERE id = (SELECT min(id) FROM message)");
    let (said, complained) = stage.ended(1, "export", &["mail.db", "saved"]);
    assert!(said.starts_with("left out: message "), "{said}");
    assert!(
        said.contains(" of Top of Outlook data file / Inbox: "),
        "{said}"
    );
    assert!(
        said.ends_with("\nsaved: 3 messages in 4 folders\n"),
        "{said}"
    );
    assert_eq!(
        complained,
        "error: 1 message or folder could not be exported\n"
    );
    let told = stage.json(1, "export", &["mail.db", "again"]);
    assert_eq!(told["messages"], 3);
    assert!(told["left_out"][0]["message"].is_u64());
}

#[test]
fn others_may_write_while_it_is_exported() {
    let stage = Stage::filled(50);
    let store = stage.open();
    let inbox = special(&store, Special::Inbox);
    thread::scope(|scope| {
        let exported = scope.spawn(|| stage.json(0, "export", &["mail.db", "saved"]));
        while !exported.is_finished() {
            save(&store, inbox, &message("More"));
        }
        let exported = exported.join().expect("it ends");
        assert!(
            exported["messages"].as_u64().expect("a number") >= 50,
            "{exported}"
        );
    });
    assert!(Path::new(&stage.path()).is_file());
}
