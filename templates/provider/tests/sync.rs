//! Runs the provider as Outlook does. The host plays Outlook, on any system, and notices memory that nobody
{%- if kind == "wrapped-store" %}
//! frees, objects that nobody releases, and broken MAPI rules. A simulated PST provider keeps the mail.
{%- else %}
//! frees, objects that nobody releases, and broken MAPI rules.
{%- endif %}

use std::fs;
use std::path::{Path, PathBuf};
{%- if kind == "wrapped-store" %}

use mapi_provider_host::abi::{
    MAPI_E_NOT_FOUND, MAPI_E_UNCONFIGURED, MAPI_E_USER_CANCEL, MSG_SERVICE_CREATE, PR_SUBJECT_W,
    S_OK,
};
{%- else %}

use mapi_provider_host::abi::{MAPI_E_NOT_FOUND, MAPI_E_UNCONFIGURED, MAPI_E_USER_CANCEL, S_OK};
{%- endif %}
use mapi_provider_host::conformance::Conformance;
use mapi_provider_host::outlook::{Cancellation, Event, Options, Stop, send_receive};
use mapi_provider_host::{Host, Profile, Property, ProviderLibrary, SectionUid, Status, Value};
use tempfile::TempDir;

use {{id}}32::PROVIDER;

/// A server, a place for messages, and a profile, which outlive a run as Outlook's do.
struct World {
    folder: TempDir,
    profile: Profile,
}

/// How a run went: its result, and what the user saw.
struct Run {
    result: Result<Status, Stop>,
    seen: Vec<String>,
}

/// The settings, by the tags that they have in provider.toml.
fn settings(folder: &Path, server: &str) -> Vec<Property> {
{%- if kind == "wrapped-store" %}
    vec![setting(0x6601, &folder.join(server))]
{%- else %}
    vec![
        setting(0x6601, &folder.join(server)),
        setting(0x6602, &folder.join("local")),
    ]
{%- endif %}
}

fn setting(id: u16, path: &Path) -> Property {
    Property::with_id(id, path.to_str().expect("UTF-8"))
}

impl World {
    fn new(messages: &str) -> Self {
        let world = Self {
            folder: tempfile::tempdir().expect("a folder"),
            profile: Profile::in_memory(),
        };
        fs::write(world.server(), messages).expect("writable");
{%- if kind == "wrapped-store" %}
        world.create_service();
{%- endif %}
        world
    }
{%- if kind == "wrapped-store" %}

    /// Adds the provider to the profile. The profile says where the store is; the path in provider.toml is for
    /// profiles that don't.
    fn create_service(&self) {
        let path = setting(0x6610, &self.folder.path().join("store.nst"));
        let set = self.profile.set(SectionUid::SERVICE, path);
        set.expect("a profile in memory can be changed");
        let host = self.host();
        let created = host.service(MSG_SERVICE_CREATE, &[]);
        created.expect("the provider can be added");
        host.finish().assert_clean();
    }
{%- endif %}

    fn server(&self) -> PathBuf {
        self.folder.path().join("server.txt")
    }

    fn host(&self) -> Host {
        let provider = ProviderLibrary::linked(&PROVIDER);
        Host::new(provider, self.profile.clone()).expect("a host")
    }

    /// Starts Outlook, synchronises, and ends Outlook.
    fn run(&self) -> Run {
        self.run_until(&Cancellation::default())
    }

    fn run_until(&self, cancellation: &Cancellation) -> Run {
        self.run_with(settings(self.folder.path(), "server.txt"), cancellation)
    }

    fn run_with(&self, settings: Vec<Property>, cancellation: &Cancellation) -> Run {
        let options = Options {
            settings,
            ..Options::default()
        };
        let mut seen = Vec::new();
        let host = self.host();
        let outcome = send_receive(host, &options, cancellation, &mut |event| match event {
            Event::Progress { text, .. } | Event::Error { text, .. } => seen.push(text),
            _ => {}
        });
        // Whatever happens to the run, nothing may be left behind.
        outcome.report.expect("the run ended").assert_clean();
        Run {
            result: outcome.result,
            seen,
        }
    }
{%- if kind == "wrapped-store" %}

    /// The subjects that Outlook would show in the inbox.
    fn arrived(&self) -> Vec<String> {
        let host = self.host();
        let provider = host.init().expect("the provider starts");
        let store = provider.logon().expect("a logon");
        let folders = store.client().ipm_subtree().expect("folders");
        let mut subjects = Vec::new();
        if let Some(inbox) = folders.folder("Inbox").expect("readable") {
            let rows = inbox.messages().columns(&[PR_SUBJECT_W]).rows();
            for row in rows.expect("readable") {
                subjects.extend(row.expect("readable").text(PR_SUBJECT_W));
            }
        }
        drop(folders);
        store.logoff();
        provider.shutdown().expect("the provider ends");
        drop(provider);
        host.finish().assert_clean();
        subjects.sort();
        subjects
    }
{%- else %}

    /// The messages that have arrived.
    fn arrived(&self) -> Vec<String> {
        let Ok(files) = fs::read_dir(self.folder.path().join("local")) else {
            return Vec::new();
        };
        let mut messages: Vec<_> = files
            .map(|file| fs::read_to_string(file.expect("readable").path()).expect("text"))
            .collect();
        messages.sort();
        messages
    }
{%- endif %}
}

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
    assert!(
        run.seen
            .contains(&"Message 2 is empty and was left out".to_owned()),
        "{:?}",
        run.seen
    );
    assert_eq!(world.arrived().len(), 2);
}

#[test]
fn a_server_that_is_gone_fails_the_run_with_a_text() {
    let world = World::new("");
    fs::remove_file(world.server()).expect("there");
    let run = world.run();
    assert_eq!(run.result, Ok(Status(MAPI_E_NOT_FOUND)));
    let expected = format!("can't read {}", world.server().display());
    assert!(
        run.seen.iter().any(|text| text.starts_with(&expected)),
        "{:?}",
        run.seen
    );
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
    fs::write(folder.join("server.txt"), "Lunch?\nInvoice\n").expect("writable");
    let results = Conformance::linked(&PROVIDER)
        .settings(settings(&folder, "server.txt"))
        // A server that is gone: what is the user told?
        .failing(settings(&folder, "gone.txt"))
{%- if kind == "wrapped-store" %}
        .wrapped(&folder)
{%- endif %}
        .check_in_test("the_contract_is_kept");
    results.assert_kept();
}
