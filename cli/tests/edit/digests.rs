//! What `host show --json` tells of contents, by which two sides can be compared.

use mapi_provider::abi::{
    ATTACH_BY_REF_ONLY, PR_ATTACH_METHOD, PR_ATTACH_PATHNAME_W, PR_ENTRYID, PR_HTML,
    PS_PUBLIC_STRINGS, PT_MV_UNICODE,
};
use mapi_provider::store::{FileAttachment, Message, Store, StoreError};
use mapi_provider::view::{NameId, PropName, PropValue};
use serde_json::{Value as Json, json};

use crate::stage::Stage;

/// SHA-256 of `At noon.`, `<p>At <b>noon</b>.</p>` and `a,b`, which `LUNCH` has.
const OF_BODY: &str = "a4b3b2f36713f2ef72685106509d6613c1f1080cc82324efdad1ec1e8c11eaa1";
const OF_HTML: &str = "daf68447e220267c3507c88075ff4f1661dc9584a585b84a17d5c31c7563e8fe";
const OF_LIST: &str = "1eb7c54d52831bbfe8942af0b1c56b7409523a59ed6ca99c1174fef7eb32c1b5";

/// A text of 800,000 units that is no text of one octet a character, and SHA-256 of it as UTF-8.
const LONG_LINE: (&str, usize) = ("Käse 🦀\n", 100_000);
const OF_LONG_TEXT: &str = "1901ed0fcb354443793589af124689a2f847469e8e91d0f84385c4ded1477a88";
/// The same of 4000 times the octets 0 to 250.
const OF_LONG_FILE: &str = "04f0fb1fe490f7315fa76881081092237a25559f2f56e2f3cccfc336fa9fe699";

fn keywords() -> PropName<'static> {
    PropName {
        set: PS_PUBLIC_STRINGS,
        id: NameId::from("Keywords"),
    }
}

/// A mailbox, or a wrapped store, with `LUNCH`.
fn with_lunch(provider: &str) -> Stage {
    let stage = Stage::of(provider, Vec::new());
    stage.well(&[
        "--new-folder",
        "Mail",
        "--new",
        "lunch.eml",
        "--folder",
        "Mail",
    ]);
    stage
}

/// The only message that the list has, and the same alone.
#[track_caller]
fn listed_and_alone(stage: &Stage) -> [Json; 2] {
    let listed = stage.messages("Mail").swap_remove(0);
    let (said, _) = stage.ended(0, "show", &["Lunch?", "--json"]);
    [listed, serde_json::from_str(&said).expect("JSON")]
}

fn change(store: &Store, change: impl FnOnce(&Message) -> Result<(), StoreError>) {
    let subtree = store.ipm_subtree().expect("there");
    let folder = subtree.folder("Mail").expect("read").expect("there");
    let row = folder.messages().columns(&[PR_ENTRYID]).first();
    let id = row.expect("read").expect("one").entry_id().expect("an ID");
    let message = folder.open_message(&id).expect("opened");
    change(&message).expect("changed");
    message.save().expect("saved");
}

#[test]
fn contents_are_compared_from_outside() {
    for provider in ["store_probe32", "wrapped_probe32"] {
        let stage = with_lunch(provider);
        for message in listed_and_alone(&stage) {
            assert_eq!(message["keywords"], json!([]), "{provider}");
            assert_eq!(message["body_sha256"], OF_BODY, "{provider}");
            assert_eq!(message["html_sha256"], OF_HTML, "{provider}");
            let attached = json!([{"name": "list.csv", "mime_type": "text/csv", "size": 3,
                                   "message": false, "sha256": OF_LIST}]);
            assert_eq!(message["attached"], attached, "{provider}");
        }
        // Whoever looks changes nothing: the store does not know the name yet.
        stage.look(|store| {
            let tag = store.find_named_property(&keywords(), PT_MV_UNICODE);
            assert_eq!(tag.expect("asked"), None, "{provider}");
        });
    }
}

#[test]
fn keywords_links_messages_and_what_is_long_are_told() {
    for provider in ["store_probe32", "wrapped_probe32"] {
        let stage = with_lunch(provider);
        stage.look(|store| change(store, add_much));
        for message in listed_and_alone(&stage) {
            assert_eq!(message["keywords"], json!(["Grün", "🦀"]), "{provider}");
            assert_eq!(message["body_sha256"], OF_LONG_TEXT, "{provider}");
            assert_eq!(message["html_sha256"], Json::Null, "{provider}");
            let attached = message["attached"].as_array().expect("a list").iter();
            let digests: Vec<(&str, &Json)> = attached
                .map(|one| (one["name"].as_str().expect("a name"), &one["sha256"]))
                .collect();
            let expected = [
                ("list.csv", &json!(OF_LIST)),
                ("long.bin", &json!(OF_LONG_FILE)),
                ("Before", &Json::Null),
                ("link.txt", &Json::Null),
            ];
            assert_eq!(digests, expected, "{provider}");
        }
        let (said, _) = stage.ended(0, "show", &["Lunch?"]);
        assert!(said.contains("\nKeywords:     Grün, 🦀\n"), "{said}");
    }
}

/// Keywords, a long text and no HTML; a long file, a message and a link.
fn add_much(message: &Message) -> Result<(), StoreError> {
    let tag = message.named_property(&keywords(), PT_MV_UNICODE)?;
    let utf16 = |text: &str| text.encode_utf16().collect::<Vec<u16>>().into();
    message.set(tag, PropValue::MvUnicode(vec![utf16("Grün"), utf16("🦀")]))?;
    let (line, count) = LONG_LINE;
    message.delete(&[PR_HTML])?;
    message.set_body(&line.repeat(count))?;
    let octets: Vec<u8> = (0..=250).collect();
    message.attach(&FileAttachment::new(
        "long.bin",
        "application/octet-stream",
        &octets.repeat(4000),
    ))?;
    message.attach_message("Before", |inner| inner.set_body("At noon."))?;
    let link = message.attach(&FileAttachment::new("link.txt", "text/plain", b""))?;
    link.set(PR_ATTACH_METHOD, ATTACH_BY_REF_ONLY as i32)?;
    link.set(PR_ATTACH_PATHNAME_W, "/link.txt")?;
    link.save()
}

#[test]
fn what_can_not_be_read_stops_no_list() {
    let stage = with_lunch("store_probe32");
    stage.look(|store| change(store, add_much));
    let id = stage.messages("Mail").swap_remove(0);
    let id = id["entry_id"].as_str().expect("an ID").to_owned();
    stage.well(&["--new", "lunch.eml", "--folder", "Inbox"]);
    let damage = |sql: &str| {
        let file = stage.folder.path().join("profile.db");
        let store = rusqlite::Connection::open(file).expect("opened");
        assert_eq!(store.execute(sql, []).expect("damaged"), 1);
    };
    let unread = |message: &Json| {
        for key in ["keywords", "body_sha256", "html_sha256"] {
            assert_eq!(message.get(key), Some(&Json::Null), "{message}");
        }
    };

    // The octets of the long file are gone: of the rest of the message is told what is there.
    damage("DELETE FROM blob WHERE size = 1004000");
    let (said, _) = stage.ended(0, "show", &[&id, "--json"]);
    let alone: Json = serde_json::from_str(&said).expect("JSON");
    unread(&alone);
    let attached = alone["attached"].as_array().expect("a list");
    assert_eq!(attached.len(), 4);
    assert!(attached.iter().all(|one| one["sha256"] == Json::Null));
    assert_eq!(alone["subject"], "Lunch?");
    // The list goes on, and has the other message whole.
    let check = || {
        let mut listed = stage.messages("Mail");
        assert_eq!(listed.len(), 1);
        let listed = listed.swap_remove(0);
        unread(&listed);
        assert_eq!(listed.get("attached"), Some(&Json::Null));
        assert_eq!(listed["subject"], "Lunch?");
        let other = stage.messages("Inbox").swap_remove(0);
        assert_eq!(other["body_sha256"], OF_BODY);
        assert_eq!(other["attached"][0]["sha256"], OF_LIST);
    };
    check();
    // Nor can its attachments be listed.
    damage("UPDATE attachment SET props = x'ff' WHERE id = (SELECT min (id) FROM attachment)");
    check();
}
