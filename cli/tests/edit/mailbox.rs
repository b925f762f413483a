//! A mailbox, changed as its user would.

use std::fs;

use serde_json::Value as Json;

use crate::stage::Stage;

#[test]
fn every_action_is_done_in_one_call_in_order() {
    let stage = Stage::of("store_probe32", Vec::new());
    for name in ["One", "Two"] {
        let mail = format!("From: ada@example.com\nSubject: {name}\n\nHello\n");
        fs::write(stage.folder.path().join(name), mail).expect("written");
    }
    let draft = "X-UNSENT: 1\nSubject: Draft\nTo: bo@example.org\n\nHello\n";
    fs::write(stage.folder.path().join("draft.eml"), draft).expect("written");
    stage.well(&[
        "--new", "One", "--folder", "Inbox", "--new", "Two", "--folder", "Inbox",
    ]);

    let said = stage.well(&[
        "--new-folder",
        "Archive",
        "--message",
        "One",
        "--flag",
        "--unflag",
        "--unread",
        "--read",
        "--move",
        "Archive",
        "--rename-folder",
        "Archive",
        "Kept",
        "--message",
        "Two",
        "--delete",
        "--new-folder",
        "Gone",
        "--delete-folder",
        "Gone",
        "--new",
        "draft.eml",
        "--folder",
        "Inbox",
        "--send",
        "--json",
    ]);
    let json: Json = serde_json::from_str(&said).expect("JSON");
    let actions = json["actions"].as_array().expect("a list");
    let names: Vec<&str> = actions
        .iter()
        .filter_map(|one| one["action"].as_str())
        .collect();
    assert_eq!(
        names,
        [
            "new-folder",
            "flag",
            "unflag",
            "unread",
            "read",
            "move",
            "rename-folder",
            "delete",
            "new-folder",
            "delete-folder",
            "new",
            "send",
        ]
    );
    assert!(actions.iter().all(|one| one["state"] == "done"), "{said}");
    assert_eq!(json["error"], Json::Null);

    let kept = stage.messages("Kept");
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(kept[0]["subject"], "One");
    assert_eq!(kept[0]["unread"], false);
    assert_eq!(kept[0]["flagged"], false);
    assert_eq!(stage.subjects("Deleted Items"), ["Two"]);
    assert_eq!(stage.subjects("Outbox"), ["Draft"]);
    assert_eq!(stage.subjects("Inbox"), [""; 0]);
    assert!(!stage.folders().contains(&"Archive".to_owned()));
}
