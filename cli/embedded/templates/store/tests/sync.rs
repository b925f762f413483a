//! Runs the provider as Outlook does. The host plays Outlook's part, on any system, and notices memory that nobody
//! frees, objects that nobody releases, and rules of MAPI's that are broken.

use std::fs;
use std::path::{Path, PathBuf};

use mapi_provider_host::abi::{MAPI_E_NOT_FOUND, MAPI_E_UNCONFIGURED, MAPI_E_USER_CANCEL, S_OK};
use mapi_provider_host::conformance::Conformance;
use mapi_provider_host::outlook::{Cancellation, Event, Options, Stop, send_receive};
use mapi_provider_host::{Host, Profile, Property, ProviderLibrary, Status};
use tempfile::TempDir;

use {{id}}32::PROVIDER;

/// A server, a folder for messages, and a profile, which outlives a run as Outlook's does.
struct World {
    folder: TempDir,
    profile: Profile,
}

/// How a run went: its result, and what the user saw.
struct Run {
    result: Result<Status, Stop>,
    seen: Vec<String>,
}

impl World {
    fn new(messages: &str) -> Self {
        let world = Self {
            folder: tempfile::tempdir().expect("a folder"),
            profile: Profile::in_memory(),
        };
        fs::write(world.server(), messages).expect("writable");
        world
    }

    fn server(&self) -> PathBuf {
        self.folder.path().join("server.txt")
    }

    fn local(&self) -> PathBuf {
        self.folder.path().join("local")
    }

    /// Starts Outlook, synchronises, and ends Outlook.
    fn run(&self) -> Run {
        self.run_until(&Cancellation::default())
    }

    fn run_until(&self, cancellation: &Cancellation) -> Run {
        self.run_with(&[self.server(), self.local()], cancellation)
    }

    fn run_with(&self, settings: &[PathBuf; 2], cancellation: &Cancellation) -> Run {
        let provider = ProviderLibrary::linked(&PROVIDER);
        let host = Host::new(provider, self.profile.clone()).expect("a host");
        let [server, local] = settings
            .each_ref()
            .map(|path| path.to_str().expect("UTF-8"));
        let options = Options {
            // By the tags that they have in provider.toml.
            settings: vec![
                Property::with_id(0x6601, server),
                Property::with_id(0x6602, local),
            ],
            ..Options::default()
        };
        let mut seen = Vec::new();
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

    /// The messages that have arrived, with the names of their files.
    fn arrived(&self) -> Vec<(String, String)> {
        let Ok(files) = fs::read_dir(self.local()) else {
            return Vec::new();
        };
        let mut arrived: Vec<_> = files
            .map(|file| {
                let file = file.expect("readable");
                let text = fs::read_to_string(file.path()).expect("text");
                (file.file_name().to_string_lossy().into_owned(), text)
            })
            .collect();
        arrived.sort();
        arrived
    }
}

fn message(name: &str, text: &str) -> (String, String) {
    (name.to_owned(), text.to_owned())
}

#[test]
fn the_first_run_fetches_everything() {
    let world = World::new("Lunch?\nInvoice\n");
    let run = world.run();
    assert_eq!(run.result, Ok(Status(S_OK)));
    assert_eq!(
        world.arrived(),
        [
            message("000001.txt", "Lunch?"),
            message("000002.txt", "Invoice")
        ]
    );
    // How often the display is told depends on the time; the last position always is.
    assert_eq!(run.seen.last().map(String::as_str), Some("Finished"));
}

#[test]
fn a_later_run_fetches_what_is_new() {
    let world = World::new("Lunch?\n");
    assert_eq!(world.run().result, Ok(Status(S_OK)));
    fs::remove_dir_all(world.local()).expect("there");
    fs::write(world.server(), "Lunch?\nInvoice\n").expect("writable");
    assert_eq!(world.run().result, Ok(Status(S_OK)));
    assert_eq!(world.arrived(), [message("000002.txt", "Invoice")]);
}

#[test]
fn a_cancelled_run_ends_and_the_next_one_goes_on() {
    let world = World::new("Lunch?\n");
    let cancellation = Cancellation::default();
    cancellation.cancel();
    let run = world.run_until(&cancellation);
    assert_eq!(run.result, Ok(Status(MAPI_E_USER_CANCEL)));
    assert_eq!(world.arrived(), []);

    assert_eq!(world.run().result, Ok(Status(S_OK)));
    assert_eq!(world.arrived(), [message("000001.txt", "Lunch?")]);
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
    let settings = [PathBuf::from("server.txt"), world.local()];
    let run = world.run_with(&settings, &Cancellation::default());
    let Err(Stop::Failed(failure)) = run.result else {
        panic!("the logon went well: {:?}", run.result);
    };
    assert_eq!(failure.status, Status(MAPI_E_UNCONFIGURED));
}

/// Everything that MAPI and Outlook may do, well-behaved or not: each scenario in a process of its own, which is this
/// test again. `cargo mapi host check .` shows the same rule by rule.
#[test]
fn the_contract_is_kept() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("contract");
    fs::create_dir_all(&folder).expect("a folder");
    let path = |name: &str| folder.join(name).to_str().expect("UTF-8").to_owned();
    fs::write(path("server.txt"), "Lunch?\nInvoice\n").expect("writable");
    let results = Conformance::linked(&PROVIDER)
        .settings(vec![
            Property::with_id(0x6601, path("server.txt").as_str()),
            Property::with_id(0x6602, path("local").as_str()),
        ])
        // A server that is gone: what does the user hear?
        .failing(vec![Property::with_id(0x6601, path("gone.txt").as_str())])
        .check_in_test("the_contract_is_kept");
    results.assert_kept();
}
