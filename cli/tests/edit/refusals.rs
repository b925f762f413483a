//! What is not done, and what is said of it; folders.

use std::fs;

use serde_json::Value as Json;

use crate::stage::Stage;

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
