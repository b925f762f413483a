//! `rundll32`, where there is one: the real calling convention, and the whole way from an installation to a profile and
//! back. The MAPI behind it is the stand-in, which lies beside a copy of `rundll32.exe` as `mapi32.dll`.

#![cfg(windows)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use mapi_provider_host::{Profiles, SectionUid, Value};
use tempfile::TempDir;

/// The setting of the probe.
const LABEL: u16 = 0x6601;

struct Machine {
    folder: TempDir,
    probe: PathBuf,
}

impl Machine {
    /// With `rundll32.exe`, the stand-in beside it, the profile "Outlook", and a `mapisvc.inf`.
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let place = |name: &str| folder.path().join(name);
        let windows = PathBuf::from(std::env::var_os("WINDIR").expect("every Windows has it"));
        let rundll32 = windows.join("system32").join("rundll32.exe");
        fs::copy(rundll32, place("rundll32.exe")).expect("copied");
        let program = std::env::current_exe().expect("a test knows where it is");
        let stand_in = program.with_file_name("mapi_stand_in.dll");
        fs::copy(stand_in, place("mapi32.dll")).expect("built beside this program");
        fs::write(place("mapisvc.inf"), "[Services]\r\n").expect("writable");
        let user = Profiles::open(folder.path()).expect("readable");
        user.create("Outlook").expect("made");
        let probe = program.with_file_name("probe32.dll");
        Machine { folder, probe }
    }

    /// Runs an export; answers what is in the log.
    fn run(&self, export: &str, arguments: &[&str]) -> String {
        let log = self.folder.path().join("log");
        let _ = fs::remove_file(&log);
        let status = Command::new(self.folder.path().join("rundll32.exe"))
            .arg(format!("{},{export}", self.probe.display()))
            .args(arguments)
            .env("MAPI_PROVIDER_LOG", &log)
            .env("MAPI_STAND_IN", self.folder.path())
            .env("LABEL_OF_THE_TEST", "from the environment")
            .status()
            .expect("started");
        assert!(status.success(), "{status}");
        fs::read_to_string(&log).unwrap_or_default()
    }

    fn install(&self) {
        let inf = self.folder.path().join("mapisvc.inf");
        self.run("MergeWithMAPISVC", &[&inf.display().to_string()]);
        let text = fs::read(&inf).expect("readable");
        assert!(String::from_utf8_lossy(&text).contains("[probe]"));
    }

    /// The labels that the services of a profile have.
    fn labels(&self, profile: &str) -> Vec<Value> {
        labels(self.folder.path(), profile)
    }
}

fn labels(folder: &Path, profile: &str) -> Vec<Value> {
    let user = Profiles::open(folder).expect("readable");
    let profile = user.profile(profile).expect("there");
    let sections = profile.sections().into_iter();
    sections
        .filter_map(|uid: SectionUid| profile.get(uid, LABEL))
        .collect()
}

#[test]
fn rundll32_adds_configures_and_removes_a_service() {
    let machine = Machine::new();
    machine.install();
    let log = machine.run("AddToProfile", &["Outlook", "label=a \"b\"", "/quiet"]);
    assert_eq!(machine.labels("Outlook"), [Value::from("a \"b\"")], "{log}");
    let log = machine.run(
        "AddToProfile",
        &["Outlook", "/env:label=LABEL_OF_THE_TEST", "/quiet"],
    );
    let expected = [Value::from("from the environment")];
    assert_eq!(machine.labels("Outlook"), expected, "{log}");
    let log = machine.run("AddToProfile", &["My Own", "label=c", "/create", "/quiet"]);
    assert_eq!(machine.labels("My Own"), [Value::from("c")], "{log}");
    let log = machine.run("RemoveFromProfile", &["Outlook", "/quiet"]);
    assert_eq!(machine.labels("Outlook"), [], "{log}");
    assert!(log.contains("is removed"), "{log}");
}

#[test]
fn rundll32_leaves_a_reason_in_the_log_and_the_profile_as_it_was() {
    let machine = Machine::new();
    let log = machine.run("AddToProfile", &["Outlook", "label=a", "/quiet"]);
    assert!(log.contains("MAPI knows no service `probe`"), "{log}");
    machine.install();
    for (arguments, expected) in [
        (
            &["Nobody's", "label=a", "/quiet"][..],
            "there is no profile `Nobody's`",
        ),
        (
            &["Outlook", "label=a", "label=b", "/quiet"],
            "the setting `label` is set twice",
        ),
        (
            &["Outlook", "lable=a", "/quiet"],
            "names a setting that the provider doesn't have",
        ),
        (
            &["Outlook", "/env:label=NO_SUCH_VARIABLE", "/quiet"],
            "there is no environment variable of the name",
        ),
        (&["/quiet"], "there is no profile's name"),
    ] {
        let log = machine.run("AddToProfile", arguments);
        assert!(log.contains(expected), "{arguments:?}: {log}");
    }
    let log = machine.run("RemoveFromProfile", &["Outlook", "/quiet"]);
    assert!(
        log.contains("the profile `Outlook` has no service `probe`"),
        "{log}"
    );
    assert_eq!(machine.labels("Outlook"), []);
}
