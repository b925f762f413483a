//! The chapter on testing: the provider runs as in Outlook, with nothing of Windows there.

use contoso32::server::{self, Client, World};
use contoso32::{PROVIDER, Settings, sync};
use mapi_provider::{Secret, SyncJob};
use mapi_provider_host::abi::{
    HRESULT, MAPI_E_LOGON_FAILED, MAPI_E_NETWORK_ERROR, MAPI_E_NO_ACCESS, MAPI_E_USER_CANCEL, S_OK,
};
use mapi_provider_host::conformance::Conformance;
use mapi_provider_host::outlook::{Cancellation, Event, Options, Outcome, Stop, send_receive};
use mapi_provider_host::{Host, Operation, Profile, Property, ProviderLibrary, Status};

/// A run from the start of Outlook to its end, and what the user saw of it.
fn run(server: &str, token: &str, profile: &Profile) -> (Outcome, Vec<String>) {
    let host = Host::new(ProviderLibrary::linked(&PROVIDER), profile.clone()).expect("a host");
    let options = Options {
        settings: vec![
            Property::with_id(0x6601, server),
            Property::with_id(0x67F0, token),
        ],
        ..Options::default()
    };
    let mut seen = Vec::new();
    let mut see = |event| match event {
        Event::Progress { text, .. } | Event::Error { text, .. } => seen.push(text),
        _ => {}
    };
    let outcome = send_receive(host, &options, &Cancellation::default(), &mut see);
    (outcome, seen)
}

/// What `Done` was told, with nothing left behind.
fn result(outcome: &Outcome) -> HRESULT {
    let report = outcome.report.as_ref().expect("the run ended");
    report.assert_clean();
    match &outcome.result {
        Ok(Status(code)) => *code,
        Err(Stop::Failed(failure)) => failure.status.0,
        Err(stop) => panic!("{stop}"),
    }
}

fn world(messages: &[&str]) -> World {
    World {
        messages: messages.iter().map(|text| (*text).to_owned()).collect(),
        ..World::default()
    }
}

#[test]
fn a_run_that_is_cancelled_goes_on_where_it_was() {
    let names: Vec<String> = (1..=60).map(|number| format!("Message {number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    server::set("unit.example", world(&names));
    let client = Client::new("unit.example", 993, Secret::new("sesame".to_owned()));

    let test = SyncJob::for_test().cancel_at(55);
    let stopped = sync::run(&client, &test.job());
    assert!(stopped.is_err_and(|error| error.is_cancelled()));
    assert_eq!(test.next_cursor().as_deref(), Some(&b"50"[..]));

    let next = SyncJob::for_test().cursor("50");
    sync::run(&client, &next.job()).expect("nobody cancels it");
    assert_eq!(next.progress()[0], ("Downloading".to_owned(), 0, 10));
    assert_eq!(next.next_cursor().as_deref(), Some(&b"60"[..]));
}

#[test]
fn a_run_fetches_what_is_new_and_the_next_one_the_rest() {
    server::set("new.example", world(&["Lunch?", "Invoice"]));
    let profile = Profile::in_memory();
    let (outcome, _) = run("new.example", "sesame", &profile);
    assert_eq!(result(&outcome), S_OK);

    server::change("new.example", |world| {
        world.messages.push("Newsletter".to_owned());
        world.arrived.clear();
    });
    let (outcome, seen) = run("new.example", "sesame", &profile);
    assert_eq!(result(&outcome), S_OK);
    assert_eq!(seen.last().map(String::as_str), Some("Finished"));
    let arrived = server::change("new.example", |world| world.arrived.clone());
    assert_eq!(arrived, ["Newsletter"]);
}

#[test]
fn without_a_network_the_user_gets_a_sentence() {
    let offline = World {
        offline: true,
        ..World::default()
    };
    server::set("offline.example", offline);
    let (outcome, seen) = run("offline.example", "sesame", &Profile::in_memory());
    assert_eq!(result(&outcome), MAPI_E_NETWORK_ERROR);
    assert_eq!(
        seen,
        ["The mail server can't be reached. Is there a network?"]
    );
}

#[test]
fn a_renewed_token_is_the_next_logons() {
    server::set("renew.example", world(&["Lunch?"]));
    server::change("renew.example", |world| {
        world.renewed = Some("sesame 2".to_owned())
    });
    let client = Client::new("renew.example", 993, Secret::new("sesame".to_owned()));
    let test = SyncJob::for_test();
    sync::run(&client, &test.job()).expect("it runs");
    let token = test.next_setting(Settings::TOKEN).expect("it was kept");
    assert_eq!(token.expose(), "sesame 2");
}

#[test]
fn a_wrong_token_fails_the_logon() {
    let (outcome, _) = run("token.example", "wrong", &Profile::in_memory());
    assert_eq!(result(&outcome), MAPI_E_LOGON_FAILED);
    let Err(Stop::Failed(failure)) = outcome.result else {
        panic!("{:?}", outcome.result);
    };
    assert!(failure.to_string().contains("Make a new one"), "{failure}");
}

#[test]
fn a_message_that_can_not_be_read_is_left_out_and_told() {
    server::set("broken.example", world(&["Lunch?", "", "Invoice"]));
    let (outcome, seen) = run("broken.example", "sesame", &Profile::in_memory());
    assert_eq!(result(&outcome), S_OK);
    assert!(
        seen.contains(&"Message 2 can't be read and was left out.".to_owned()),
        "{seen:?}"
    );
    let arrived = server::change("broken.example", |world| world.arrived.clone());
    assert_eq!(arrived, ["Lunch?", "Invoice"]);
}

#[test]
fn a_server_that_has_forgotten_the_revision_is_asked_for_everything() {
    server::set("old.example", world(&["Lunch?"]));
    let profile = Profile::in_memory();
    assert_eq!(result(&run("old.example", "sesame", &profile).0), S_OK);
    server::change("old.example", |world| {
        world.oldest = 9;
        world.arrived.clear();
    });
    let (outcome, seen) = run("old.example", "sesame", &profile);
    assert_eq!(result(&outcome), S_OK);
    assert!(
        seen.iter().any(|text| text.contains("fetched anew")),
        "{seen:?}"
    );
    let arrived = server::change("old.example", |world| world.arrived.clone());
    assert_eq!(arrived, ["Lunch?"]);
}

#[test]
fn a_cancelled_run_says_so_and_keeps_nothing_back() {
    server::set("cancel.example", world(&["Lunch?"]));
    let host = Host::new(ProviderLibrary::linked(&PROVIDER), Profile::in_memory()).expect("a host");
    let options = Options {
        settings: vec![
            Property::with_id(0x6601, "cancel.example"),
            Property::with_id(0x67F0, "sesame"),
        ],
        ..Options::default()
    };
    let cancellation = Cancellation::default();
    cancellation.cancel();
    let outcome = send_receive(host, &options, &cancellation, &mut |_| {});
    assert_eq!(result(&outcome), MAPI_E_USER_CANCEL);
}

#[test]
fn a_profile_that_keeps_no_cursor_fails_the_run_and_the_next_one_begins_again() {
    server::set("profile.example", world(&["Lunch?"]));
    let profile = Profile::in_memory();
    assert_eq!(result(&run("profile.example", "sesame", &profile).0), S_OK);
    // From now on nothing can be saved, not even the settings.
    profile.fail(Operation::SaveChanges, MAPI_E_NO_ACCESS);
    let (outcome, _) = run("profile.example", "sesame", &profile);
    assert_eq!(result(&outcome), MAPI_E_NO_ACCESS);
    profile.heal();
    assert_eq!(result(&run("profile.example", "sesame", &profile).0), S_OK);
}

#[test]
fn the_contract_is_kept() {
    server::set("contract.example", world(&["Lunch?", "Invoice"]));
    let unreachable = World {
        offline: true,
        ..World::default()
    };
    server::set("unreachable.example", unreachable);
    Conformance::linked(&PROVIDER)
        .settings(vec![
            Property::with_id(0x6601, "contract.example"),
            Property::with_id(0x67F0, "sesame"),
        ])
        .failing(vec![Property::with_id(0x6601, "unreachable.example")])
        .check_in_test("the_contract_is_kept")
        .assert_kept();
}
