//! What is done to messages.

use std::fs;

use mapi_provider::abi::{PR_FLAG_STATUS, PSETID_Common, PT_LONG, PT_SYSTIME, PT_UNICODE, PropTag};
use mapi_provider::mime::Content;
use mapi_provider::store::Store;
use mapi_provider::view::{NameId, PropName, PropValue};
use serde_json::Value as Json;

use crate::stage::Stage;

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

/// Mail as it also comes: charsets without a name and with an old one, a name in pieces, a message in a message.
const AWKWARD: &[u8] = b"\
From: =?iso-2022-jp?B?GyRCO0U7dhsoQg==?= <shiiba@example.jp>\r\n\
To: undisclosed-recipients:;, \"Bo, B.\" <bo@example.org>\r\n\
Subject: \xf0\xf2\xe9\xf7\xe5\xf4 =?utf-8?q?=F0=9F=8D=B5?=\r\n\
Date: Fri, 06 Mar 26 09:12:44 EST\r\n\
Content-Type: multipart/mixed; charset=koi8-r; boundary=\"a b\"\r\n\
\r\n\
--a b\r\n\
Content-Type: text/plain; charset=iso-2022-jp\r\n\
\r\n\
\x1b$B$3$s$K$A$O\x1b(B\r\n\
--a b\r\n\
Content-Type: application/octet-stream\r\n\
Content-Disposition: attachment; filename*0*=utf-8''Stra%C3%9Fe%20; filename*1=\"1.bin\"\r\n\
Content-Transfer-Encoding: base64\r\n\
\r\n\
AAEC\r\n\
--a b\r\n\
Content-Type: message/rfc822\r\n\
\r\n\
Subject: Inner\r\n\
Content-Type: multipart/mixed; boundary=c\r\n\
\r\n\
--c\r\n\
Content-Type: text/html; charset=windows-1252\r\n\
\r\n\
<p>caf\xe9</p>\r\n\
--c\r\n\
Content-Type: image/png; name=dot.png\r\n\
Content-Transfer-Encoding: base64\r\n\
\r\n\
iVBORw==\r\n\
--c--\r\n\
--a b--\r\n";

#[test]
fn awkward_mail_becomes_what_its_sender_meant() {
    let stage = Stage::filled(&[]);
    fs::write(stage.folder.path().join("awkward.eml"), AWKWARD).expect("written");
    stage.well(&["--new", "awkward.eml", "--folder", "Mail"]);
    let (said, _) = stage.ended(0, "show", &["ПРИВЕТ 🍵", "--json"]);
    let message: Json = serde_json::from_str(&said).expect("JSON");
    assert_eq!(message["from"], "仕事");
    assert_eq!(message["from_address"], "shiiba@example.jp");
    assert_eq!(message["to"][0]["name"], "Bo, B.");
    assert_eq!(message["to"].as_array().map(Vec::len), Some(1), "{message}");
    assert_eq!(message["sent"], "2026-03-06T14:12:44Z");
    assert_eq!(message["body"].as_str().map(str::trim), Some("こんにちは"));
    let attached = message["attached"].as_array().expect("a list");
    assert_eq!(attached.len(), 2, "{message}");
    assert_eq!(attached[0]["name"], "Straße 1.bin");
    assert_eq!(attached[0]["message"], false);
    assert_eq!(attached[1]["name"], "Inner");
    assert_eq!(attached[1]["message"], true);

    // What is within is a message too, and the whole is still the octets that it was.
    stage.look(|store| {
        let mail = store.ipm_subtree().expect("there").folder("Mail");
        let mail = mail.expect("read").expect("there");
        let row = mail
            .messages()
            .columns(&[mapi_provider::abi::PR_ENTRYID])
            .first();
        let id = row.expect("read").and_then(|row| row.entry_id());
        let message = store.open_message(&id.expect("an ID")).expect("opened");
        let read = message.to_mail().expect("read");
        let Content::Mail(inner) = &read.attachments[1].content else {
            panic!("it is no message: {read:?}");
        };
        assert_eq!(inner.html.as_deref().map(str::trim), Some("<p>café</p>"));
        assert_eq!(inner.attachments[0].name, "dot.png");
        assert_eq!(message.to_mime().expect("read"), AWKWARD);
    });
}

#[test]
fn mail_that_says_so_is_a_draft() {
    let stage = Stage::filled(&[]);
    let draft = "X-UNSENT: 1\r\nSubject: Draft\r\nTo: bo@example.org\r\n\r\nHello\r\n";
    fs::write(stage.folder.path().join("draft.eml"), draft).expect("written");
    stage.well(&["--new", "draft.eml", "--folder", "Mail"]);
    let said = stage.well(&["--message", "Draft", "--send"]);
    assert_eq!(said, "done       send `Draft` (Mail)\n");
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
