//! The exports, called in the process. Without MAPI they say so in the log, and the process lives.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::ffi::{c_char, c_void};
use std::fs;
use std::process::Command;

use mapi_provider::profile::{ProfileError, Profiles};

type Plain = unsafe extern "system" fn(*mut c_void, *mut c_void, *const c_char, i32);
type Wide = unsafe extern "system" fn(*mut c_void, *mut c_void, *const u16, i32);

/// The variable by which this program is told to be the one that calls.
const CALLER: &str = "MAPI_TEST_EXPORTS_CALLER";

fn probe() -> libloading::Library {
    let program = std::env::current_exe().expect("a test knows where it is");
    let library = program.with_file_name(format!("{DLL_PREFIX}probe32{DLL_SUFFIX}"));
    // SAFETY: the library is ours.
    unsafe { libloading::Library::new(library) }.expect("built beside this program")
}

/// Calls all four, each with a line that is wrong and one that is right.
fn call_all() {
    let library = probe();
    let null = std::ptr::null_mut();
    for name in ["AddToProfile", "RemoveFromProfile"] {
        for line in ["Outlook label=x /quiet", "/quiet", "Outlook hunter2 /quiet"] {
            let plain = format!("{line}\0");
            let wide: Vec<u16> = plain.encode_utf16().collect();
            // SAFETY: the types are the exports', and the lines have their NUL.
            unsafe {
                let export = library.get::<Plain>(name.as_bytes()).expect("exported");
                export(null, null, plain.as_ptr().cast(), 10);
                let export = library
                    .get::<Wide>(format!("{name}W").as_bytes())
                    .expect("exported");
                export(null, null, wide.as_ptr(), 10);
            }
        }
    }
    // It stays until the process ends: the log is the library's for good, and of what an unloaded library has kept a leak
    // checker can't tell whose it is.
    std::mem::forget(library);
}

/// In a process of its own, whose log is known.
#[test]
fn the_exports_survive_whatever_they_are_given_and_leave_a_reason_in_the_log() {
    if std::env::var_os(CALLER).is_some() {
        return call_all();
    }
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    let name = "exports::the_exports_survive_whatever_they_are_given_and_leave_a_reason_in_the_log";
    let status = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", name])
        .env(CALLER, "1")
        .env("MAPI_PROVIDER_LOG", &log)
        .env_remove("MAPI_STAND_IN")
        .status();
    assert!(status.expect("started").success());
    let log = fs::read_to_string(log).expect("written");
    let count = |text: &str| log.lines().filter(|line| line.contains(text)).count();
    assert_eq!(count("this was not done"), 12, "{log}");
    assert_eq!(count("there is no profile's name"), 4, "{log}");
    assert_eq!(count("a setting is written NAME=VALUE"), 4, "{log}");
    assert!(!log.contains("hunter2"), "{log}");
}

/// There is no MAPI here: on Linux never, and Windows' own stub on a machine for tests.
#[test]
fn without_a_mapi_there_are_no_profiles() {
    let error = Profiles::open().expect_err("no MAPI");
    crate::told(&error);
    let expected = match error {
        ProfileError::NotHere => !cfg!(windows),
        ProfileError::OnlyStub(_) => cfg!(windows),
        _ => false,
    };
    assert!(expected, "{error}");
}
