//! What happens when Outlook synchronises.

use std::fs;
use std::path::Path;
{% if kind != "store-object" %}
use mapi_provider_host::Status;
{%- endif %}
use mapi_provider_host::abi::{MAPI_E_NOT_FOUND, MAPI_E_UNCONFIGURED, MAPI_E_USER_CANCEL, S_OK};
use mapi_provider_host::conformance::Conformance;
use mapi_provider_host::outlook::{Cancellation, Stop};
{%- if kind != "store-object" %}

use {{id}}32::PROVIDER;
use {{id}}32::server::Server;

mod outlook;

use outlook::{World, settings};
{%- else %}
use mapi_provider_host::{Property, SectionUid, Status, Value};

use {{id}}32::PROVIDER;

mod outlook;

use outlook::{World, settings};
{%- endif %}

{%- if kind != "store-object" %}

const THREE: &str = "\
# Ours.
[ ] Inbox: Lunch?
[x] Inbox/Projects: Invoice

[ ] Inbox/Projects/Office: Chairs
";

/// Two folders and three messages.
const LAST: &str = "5 of 5 items";

#[test]
fn the_first_run_fetches_everything_into_its_folders() {
    let world = World::new(THREE);
    let run = world.run();
    assert_eq!(run.result, Ok(Status(S_OK)));
    let expected = [
        "[ ] Inbox/Projects/Office: Chairs",
        "[ ] Inbox: Lunch?",
        "[x] Inbox/Projects: Invoice",
    ];
    assert_eq!(world.shown(), expected);
    // How often the display is updated depends on the time; the last position always arrives.
    assert_eq!(run.seen.last().map(String::as_str), Some(LAST));
    // Fetching changes nothing at the server.
    assert_eq!(world.text(), THREE);
}

#[test]
fn a_later_run_fetches_what_is_different() {
    let world = World::new("[ ] Inbox: Lunch?\n[ ] Inbox: Invoice\n[ ] Inbox: Spam\n");
    assert_eq!(world.run().result, Ok(Status(S_OK)));
    let text = "[x] Inbox: Lunch?\n[ ] Inbox/Paid: Invoice\n[ ] Inbox: Chairs\n[ ] Inbox: Chairs\n";
    fs::write(world.server(), text).expect("writable");
    assert_eq!(world.run().result, Ok(Status(S_OK)));
    let expected = [
        "[ ] Inbox/Paid: Invoice",
        "[ ] Inbox: Chairs",
        "[ ] Inbox: Chairs",
        "[x] Inbox: Lunch?",
    ];
    assert_eq!(world.shown(), expected);
}

#[test]
fn what_the_user_reads_is_read_at_the_server_and_nothing_else_is_touched() {
    let before = "\u{FEFF}[ ] Inbox: Lunch?\r\n\r\n# Ours: [ ] \r\nno message\r\n[x]  Inbox : Invoice \n[ ] Inbox: Lunch?";
    let world = World::new(before);
    assert_eq!(world.run().result, Ok(Status(S_OK)));
    world.mark("Invoice", false);
    assert_eq!(world.run().result, Ok(Status(S_OK)));
    assert_eq!(world.text(), before.replace("[x]", "[ ]"));
    // What was sent does not come back as news.
    assert_eq!(world.run().seen, ["Line 4 is no message and was left out"]);

    world.mark("Invoice", true);
    // Somebody else has written meanwhile.
    fs::write(world.server(), format!("{before}\n[ ] Inbox: New")).expect("writable");
    assert_eq!(world.run().result, Ok(Status(S_OK)));
    assert_eq!(world.text(), format!("{before}\n[ ] Inbox: New"));
    let expected = [
        "[ ] Inbox: Lunch?",
        "[ ] Inbox: Lunch?",
        "[ ] Inbox: New",
        "[x] Inbox: Invoice",
    ];
    assert_eq!(world.shown(), expected);
}

#[test]
fn what_somebody_writes_while_marks_are_written_is_not_overwritten() {
    let world = World::new("[ ] Inbox: Lunch?\n");
    let server = Server::new(world.server());
    let read = server.text().expect("readable");
    fs::write(world.server(), "[ ] Inbox: Lunch?\n[ ] Inbox: New\n").expect("writable");
    let replaced = server.replace(&read, "[x] Inbox: Lunch?\n");
    assert_eq!(replaced.ok(), Some(false));
    assert_eq!(world.text(), "[ ] Inbox: Lunch?\n[ ] Inbox: New\n");

    let marks = [("1 Lunch?".to_owned(), true)].into();
    server.mark(&marks).expect("writable");
    assert_eq!(world.text(), "[x] Inbox: Lunch?\n[ ] Inbox: New\n");
    // Nothing is left beside it but the mailbox.
    let beside = world.server().with_file_name(".");
    let names = fs::read_dir(beside).expect("readable").map(|file| {
        let name = file.expect("readable").file_name();
        name.to_string_lossy().into_owned()
    });
    let others: Vec<_> = names.filter(|name| !name.starts_with("store.")).collect();
    assert_eq!(others, ["server.txt"]);
}

#[test]
fn a_mark_that_can_not_be_written_is_told_and_written_later() {
    let world = World::new("[ ] Inbox: Lunch?\n");
    assert_eq!(world.run().result, Ok(Status(S_OK)));
    world.mark("Lunch?", true);
    let permissions = fs::metadata(world.server()).expect("there").permissions();
    let mut read_only = permissions.clone();
    read_only.set_readonly(true);
    fs::set_permissions(world.server(), read_only).expect("ours");
    let run = world.run();
    assert_eq!(run.result, Ok(Status(S_OK)));
    let written = format!("can't write {}", world.server().display());
    run.assert_told(&format!("Inbox: \"Lunch?\": change: {written}"));

    fs::set_permissions(world.server(), permissions).expect("ours");
    // It is tried again less and less often.
    for _ in 0..3 {
        assert_eq!(world.run().result, Ok(Status(S_OK)));
    }
    assert_eq!(world.text(), "[x] Inbox: Lunch?\n");
}

#[test]
fn a_cancelled_run_ends_and_the_next_one_goes_on() {
    let world = World::new("[ ] Inbox: Lunch?\n");
    let cancellation = Cancellation::default();
    cancellation.cancel();
    let run = world.run_until(&cancellation);
    assert_eq!(run.result, Ok(Status(MAPI_E_USER_CANCEL)));
    assert_eq!(world.shown(), [""; 0]);

    assert_eq!(world.run().result, Ok(Status(S_OK)));
    assert_eq!(world.shown(), ["[ ] Inbox: Lunch?"]);
}

#[test]
fn a_line_that_is_no_message_is_told_and_left_alone() {
    let text = "[ ] Inbox: Lunch?\n[?] Inbox: Invoice\n[ ] a//b: c\n";
    let world = World::new(text);
    let run = world.run();
    assert_eq!(run.result, Ok(Status(S_OK)));
    run.assert_told("Line 2 is no message and was left out");
    run.assert_told("Line 3 is no message and was left out");
    assert_eq!(world.shown(), ["[ ] Inbox: Lunch?"]);
    assert_eq!(world.text(), text);
}
{%- else %}

#[test]
fn the_first_run_fetches_everything() {
    let world = World::new("Lunch?\nInvoice\n");
    let run = world.run();
    assert_eq!(run.result, Ok(Status(S_OK)));
    assert_eq!(world.arrived(), ["Invoice", "Lunch?"]);
    // How often the display is updated depends on the time; the last position always arrives.
    assert_eq!(run.seen.last().map(String::as_str), Some("Finished"));
}

#[test]
fn a_later_run_fetches_what_is_new() {
    let world = World::new("Lunch?\n");
    assert_eq!(world.run().result, Ok(Status(S_OK)));
    fs::write(world.server(), "Changed\nInvoice\n").expect("writable");
    assert_eq!(world.run().result, Ok(Status(S_OK)));
    assert_eq!(world.arrived(), ["Invoice", "Lunch?"]);
}

#[test]
fn a_run_that_was_killed_before_it_saved_its_cursor_doubles_nothing() {
    let world = World::new("Lunch?\n");
    assert_eq!(world.run().result, Ok(Status(S_OK)));
    // The cursor is kept in the provider's section; provider.toml may name another tag.
    let old = Property::with_id(0x67E0, Value::Binary(b"0".to_vec()));
    let set = world.profile.set(SectionUid::PROVIDER, old);
    set.expect("a profile in memory can be changed");
    assert_eq!(world.run().result, Ok(Status(S_OK)));
    assert_eq!(world.arrived(), ["Lunch?"]);
}

#[test]
fn a_cancelled_run_ends_and_the_next_one_goes_on() {
    let world = World::new("Lunch?\n");
    let cancellation = Cancellation::default();
    cancellation.cancel();
    let run = world.run_until(&cancellation);
    assert_eq!(run.result, Ok(Status(MAPI_E_USER_CANCEL)));
    assert_eq!(world.arrived(), [""; 0]);

    assert_eq!(world.run().result, Ok(Status(S_OK)));
    assert_eq!(world.arrived(), ["Lunch?"]);
}

#[test]
fn a_message_that_is_left_out_is_told() {
    let world = World::new("Lunch?\n\nInvoice\n");
    let run = world.run();
    assert_eq!(run.result, Ok(Status(S_OK)));
    run.assert_told("Message 2 is empty and was left out");
    assert_eq!(world.arrived().len(), 2);
}
{%- endif %}

#[test]
fn a_server_that_is_gone_fails_the_run_with_a_text() {
    let world = World::new("");
    fs::remove_file(world.server()).expect("there");
    let run = world.run();
    assert_eq!(run.result, Ok(Status(MAPI_E_NOT_FOUND)));
    run.assert_told(&format!("can't read {}", world.server().display()));
}

#[test]
fn settings_that_make_no_sense_are_refused_at_logon() {
    let world = World::new("");
    let no_whole_paths = settings(Path::new(""), "server.txt");
    let run = world.run_with(no_whole_paths, &Cancellation::default());
    let Err(Stop::Failed(failure)) = run.result else {
        panic!("the logon went well: {:?}", run.result);
    };
    assert_eq!(failure.status, Status(MAPI_E_UNCONFIGURED));
}

/// Everything that MAPI and Outlook may do, well-behaved or not: each scenario runs in its own process, which is this
/// test again. `cargo mapi host check .` shows the same rule by rule.
#[test]
fn the_contract_is_kept() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("contract");
    fs::create_dir_all(&folder).expect("a folder");
{%- if kind != "store-object" %}
    fs::write(folder.join("server.txt"), THREE).expect("writable");
{%- else %}
    fs::write(folder.join("server.txt"), "Lunch?\nInvoice\n").expect("writable");
{%- endif %}
    let results = Conformance::linked(&PROVIDER)
        .settings(settings(&folder, "server.txt"))
        // A server that is gone: what is the user told?
        .failing(settings(&folder, "gone.txt"))
{%- if kind == "store" %}
        .mailboxes(&folder)
{%- elsif kind == "wrapped-store" %}
        .wrapped(&folder)
{%- endif %}
        .check_in_test("the_contract_is_kept");
    results.assert_kept();
}
