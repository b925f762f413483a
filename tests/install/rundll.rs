//! `rundll32`, where there is one: the real calling convention, from a program that isn't ours. On x86 a wrong one
//! would lose the program its stack.

#![cfg(windows)]

use std::fs;
use std::process::Command;

use crate::{BEFORE, Inf, Work, library_path, merged};

fn rundll32(inf: &Inf, work: Work) -> String {
    let log = inf.folder.path().join("log");
    let status = Command::new("rundll32.exe")
        .arg(format!("{},{}", library_path().display(), work.export()))
        .arg(&inf.file)
        .env("MAPI_PROVIDER_LOG", &log)
        .env_remove("MAPI_PROVIDER_INF")
        .status()
        .expect("every Windows has it");
    assert!(status.success(), "{status}");
    fs::read_to_string(log).unwrap_or_default()
}

#[test]
fn rundll32_installs_and_removes() {
    let inf = Inf::new(BEFORE);
    let log = rundll32(&inf, Work::Merge);
    assert_eq!(inf.text(), merged(BEFORE), "{log}");
    let log = rundll32(&inf, Work::Remove);
    assert_eq!(inf.text(), BEFORE, "{log}");
}

#[test]
fn rundll32_leaves_a_reason_in_the_log() {
    let inf = Inf::new(b"[Services]\r\n[Services]\r\n");
    let log = rundll32(&inf, Work::Merge);
    assert!(log.contains("is here again"), "{log}");
    assert_eq!(inf.text(), b"[Services]\r\n[Services]\r\n");
}
