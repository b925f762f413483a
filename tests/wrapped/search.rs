//! Where the inner provider is looked for (WRAP-07): each case in a separate process, which is a copy of this program
//! in its own folder.

use std::env;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use mapi_provider::abi::MSG_SERVICE_CREATE;
use mapi_provider_host::{Host, Property, SectionUid};

use crate::inner::{PATH, built_library, file_name};
use crate::support::script::{Script, Variant};

/// Names the libraries that the child loads first, one a line; and tells it that it is a child.
const LOAD_FIRST: &str = "WRAPPED_SEARCH_LOAD_FIRST";

/// Tells the child to configure the service instead of logging on.
const CONFIGURE: &str = "WRAPPED_SEARCH_CONFIGURE";

/// What the child's answer begins with.
const ANSWER: &str = "answer: ";

/// The child: logs on, and tells how that went. Without its variable it is not one.
#[test]
fn child() {
    let Ok(first) = env::var(LOAD_FIRST) else {
        return;
    };
    // SAFETY: the libraries are ours; they stay.
    let loaded = first
        .lines()
        .map(|path| unsafe { libloading::Library::new(path) });
    let loaded: Vec<_> = loaded.map(|library| library.expect("a library")).collect();
    let script = Script::new(|_| Ok(())).register();
    let profile = script.profile();
    profile
        .set(SectionUid::PROVIDER, Property::with_id(PATH, "/mail/a.nst"))
        .expect("set");
    let host = Host::new(Variant::Wrapped.library(), profile).expect("a set of allocators");
    if env::var_os(CONFIGURE).is_some() {
        match host.service(MSG_SERVICE_CREATE, &[]) {
            Ok(()) => println!("{ANSWER}configured"),
            Err(failure) => println!("{ANSWER}{failure}"),
        }
        return host.finish().assert_clean();
    }
    let provider = host.init().expect("MSProviderInit");
    match provider.logon() {
        Ok(_) => println!("{ANSWER}logged on"),
        Err(failure) => println!("{ANSWER}{failure}"),
    }
    drop(provider);
    host.finish().assert_clean();
    for library in &loaded {
        type Record = unsafe extern "system" fn(*mut u8, usize) -> usize;
        let mut byte = 0;
        // SAFETY: the type is the function's; room for one byte.
        let length =
            unsafe { library.get::<Record>(b"InnerRecord\0").expect("exported")(&raw mut byte, 1) };
        println!("{ANSWER}{}", if length > 0 { "asked" } else { "not asked" });
    }
}

/// A folder with a copy of this program, and others for libraries.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["program", "elsewhere"] {
            fs::create_dir(folder.path().join(name)).expect("a folder");
        }
        let place = Self { folder };
        let program = env::current_exe().expect("a test knows where it is");
        // Not a link: the program's folder would be that of what it leads to.
        fs::copy(&program, place.program()).expect("copied");
        place
    }

    fn path(&self, folder: &str) -> PathBuf {
        self.folder.path().join(folder)
    }

    fn program(&self) -> PathBuf {
        self.path("program")
            .join(format!("wrapped{}", env::consts::EXE_SUFFIX))
    }

    /// Puts the inner provider there under this name.
    fn put(&self, folder: &str, name: &str) -> PathBuf {
        let path = self.path(folder).join(file_name(name));
        fs::copy(built_library(), &path).expect("cargo has built it");
        path
    }

    /// Puts a provider there under this name that is not a PST provider: it has a MSProviderInit, but no
    /// NSTServiceEntry.
    fn put_another(&self, folder: &str, name: &str) -> PathBuf {
        let path = self.path(folder).join(file_name(name));
        let built = built_library().with_file_name(file_name("lingering32"));
        fs::copy(built, &path).expect("cargo has built it");
        path
    }

    /// Runs the child, in the folder `elsewhere`, which is on the system's search path too.
    fn run(&self, load_first: &[&Path]) -> Vec<String> {
        self.run_with(load_first, &[])
    }

    /// Runs the child, which configures the service.
    fn configure(&self, load_first: &[&Path]) -> Vec<String> {
        self.run_with(load_first, &[(CONFIGURE, "1")])
    }

    fn run_with(&self, load_first: &[&Path], variables: &[(&str, &str)]) -> Vec<String> {
        let elsewhere = self.path("elsewhere");
        let first: Vec<&str> = load_first.iter().filter_map(|path| path.to_str()).collect();
        let mut child = Command::new(self.program());
        child
            .args(["--exact", "search::child", "--nocapture"])
            .env(LOAD_FIRST, first.join("\n"))
            .envs(variables.iter().copied())
            .env("PATH", search_path(&elsewhere))
            .env("LD_LIBRARY_PATH", &elsewhere)
            .current_dir(&elsewhere);
        let output = loop {
            match child.output() {
                // Another test's child was made while the copy was being written, and has it open until it is a
                // program of its own.
                Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => thread::yield_now(),
                output => break output.expect("the child runs"),
            }
        };
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{text}{errors}");
        let answers = text.lines().filter_map(|line| line.split_once(ANSWER));
        answers.map(|(_, answer)| answer.to_owned()).collect()
    }
}

/// The search path with a folder in front of it.
fn search_path(folder: &Path) -> std::ffi::OsString {
    let others = env::var_os("PATH").unwrap_or_default();
    let folders = [folder.to_owned()]
        .into_iter()
        .chain(env::split_paths(&others));
    env::join_paths(folders).expect("a path")
}

#[test]
fn wrap_07_it_is_found_beside_the_program() {
    let place = Place::new();
    place.put("program", "mspst32");
    assert_eq!(place.run(&[]), ["logged on"]);
}

#[test]
fn wrap_07_msmapi32_is_the_second_choice() {
    let place = Place::new();
    place.put("program", "msmapi32");
    assert_eq!(place.run(&[]), ["logged on"]);
}

#[test]
fn wrap_07_it_is_found_beside_the_mapi_that_is_loaded() {
    let place = Place::new();
    let mapi = place.path("mapi");
    fs::create_dir(&mapi).expect("a folder");
    place.put("mapi", "mspst32");
    let mapi = place.put("mapi", "olmapi32");
    assert_eq!(place.run(&[&mapi]), ["logged on", "not asked"]);
}

#[test]
fn wrap_07_one_that_is_loaded_is_taken() {
    let place = Place::new();
    place.put("program", "mspst32");
    let loaded = place.put("elsewhere", "mspst32");
    assert_eq!(place.run(&[&loaded]), ["logged on", "asked"]);
}

#[test]
fn wrap_07_one_that_is_loaded_comes_before_a_better_name() {
    let place = Place::new();
    place.put("program", "mspst32");
    let loaded = place.put("elsewhere", "msmapi32");
    assert_eq!(place.run(&[&loaded]), ["logged on", "asked"]);
}

#[test]
fn wrap_07_both_entry_points_come_from_one_installation() {
    for other in ["mspst32", "msmapi32"] {
        let place = Place::new();
        let loaded = place.put_another("elsewhere", "mspst32");
        place.put("program", other);
        let answers = place.configure(&[&loaded]);
        let answer = &answers[0];
        assert!(answer.contains("has no NSTServiceEntry"), "{answer}");
        assert!(!answer.contains("program"), "{answer}");
        // Where it lies beside the one that is loaded it is of the same installation.
        if other != "mspst32" {
            place.put("elsewhere", other);
            assert_eq!(place.configure(&[&loaded]), ["configured"]);
        }
    }
}

#[test]
fn wrap_07_neither_the_search_path_nor_the_current_folder_is_asked() {
    let place = Place::new();
    place.put("elsewhere", "mspst32");
    place.put("elsewhere", "msmapi32");
    let answers = place.run(&[]);
    assert_eq!(answers.len(), 1, "{answers:?}");
    let answer = &answers[0];
    assert!(answer.contains("MAPI_E_FAILONEPROVIDER"), "{answer}");
    assert!(answer.contains("PST provider was not found"), "{answer}");
    for name in ["mspst32", "msmapi32"] {
        let place = place.path("program").join(file_name(name));
        let place = place.canonicalize().unwrap_or(place);
        let name = place
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a name");
        assert!(answer.contains(&format!("{name} is not there")), "{answer}");
    }
    assert!(!answer.contains("elsewhere"), "{answer}");
}

#[test]
fn wrap_07_what_is_no_library_is_told() {
    let place = Place::new();
    fs::write(
        place.path("program").join(file_name("mspst32")),
        "no library",
    )
    .expect("written");
    let answers = place.run(&[]);
    assert!(answers[0].contains("can't be loaded"), "{answers:?}");
}
