//! The macros in crates of every shape: editions, names, lints, other build systems. What is one file is tried in
//! `macros/tests/ui`; here is what needs a crate, a command or a compiler's option.
//!
//! The crates lie in `cases`; they are made into one workspace, which is checked once, on what the tests themselves are
//! built of.

mod rig;

use std::process::Command;

use rig::{Member, Shape, cargo, checked, folder, rustc, text, written};

/// Nothing is said about these.
fn assert_silent(name: &str) {
    let said = checked().said(name);
    assert!(said.is_empty(), "{name}: {said}");
}

#[test]
fn every_edition_will_do() {
    for edition in ["2015", "2018", "2021", "2024"] {
        assert_silent(&format!("edition_{edition}"));
    }
}

#[test]
fn the_runtime_may_have_another_name() {
    assert_silent("renamed");
    assert_silent("inherited");
}

#[test]
fn no_name_and_no_lint_is_in_the_way() {
    assert_silent("hostile");
}

#[test]
fn prose_is_never_run() {
    let mut cargo = cargo();
    let output = cargo
        .args(["test", "--doc", "--package", "hostile"])
        .output();
    let output = output.expect("cargo starts");
    assert!(
        output.status.success(),
        "{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    assert!(
        text(&output.stdout).contains("running 0 tests"),
        "{}",
        text(&output.stdout)
    );
}

#[test]
fn two_providers_are_in_one_program() {
    let mut cargo = cargo();
    let output = cargo
        .args(["test", "--package", "both", "--test", "both"])
        .output();
    let output = output.expect("cargo starts");
    assert!(
        output.status.success(),
        "{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    assert!(
        text(&output.stdout).contains("1 passed"),
        "{}",
        text(&output.stdout)
    );
}

#[test]
fn com_04_an_object_is_no_part_of_a_build_that_aborts() {
    for case in ["object", "provider", "wrapped"] {
        let unwinds = rustc(case).output().expect("rustc starts");
        assert!(
            unwinds.status.success(),
            "{case}: {}",
            text(&unwinds.stderr)
        );
        let aborts = rustc(case).args(["-C", "panic=abort"]).output();
        let aborts = aborts.expect("rustc starts");
        let said = text(&aborts.stderr);
        assert!(!aborts.status.success(), "{case}");
        assert!(
            said.contains("`panic = \"unwind\"` (COM-04)"),
            "{case}: {said}"
        );
    }
}

#[test]
fn other_build_systems_say_where_the_crate_is_as_they_like() {
    let relative = rustc("provider").env("CARGO_MANIFEST_DIR", ".").output();
    let relative = relative.expect("rustc starts");
    assert!(relative.status.success(), "{}", text(&relative.stderr));

    let unsaid = rustc("provider").env_remove("CARGO_MANIFEST_DIR").output();
    let said = text(&unsaid.expect("rustc starts").stderr);
    assert!(said.contains("CARGO_MANIFEST_DIR is not set"), "{said}");
    assert_eq!(
        said.matches("error: ").count(),
        1 + said.matches("aborting").count(),
        "{said}"
    );
}

#[test]
fn a_wrapped_store_needs_no_family_of_interfaces() {
    let member = Member {
        case: "wrapped",
        shape: Shape::Bare,
    };
    let workspace = folder("without-store", &[member]);
    let mut command = cargo();
    let output = command.current_dir(workspace).arg("check").output();
    let output = output.expect("cargo starts");
    assert!(output.status.success(), "{}", text(&output.stderr));
}

#[test]
fn an_interface_of_a_family_that_is_off_is_told_of_the_feature() {
    let member = Member {
        case: "family",
        shape: Shape::Edition("2024"),
    };
    let workspace = folder("family-off", &[member]);
    let mut command = cargo();
    let output = command.current_dir(workspace).arg("check").output();
    let said = text(&output.expect("cargo starts").stderr);
    let first = said.find("error").map(|place| &said[place..]);
    let wanted = "error: `IExchangeManageStore` needs the feature `exchange` of mapi-provider";
    assert!(
        first.is_some_and(|first| first.starts_with(wanted)),
        "{said}"
    );
}

#[test]
fn a_crate_that_has_it_in_files_needs_no_macros() {
    let member = Member {
        case: "written",
        shape: Shape::NoMacros,
    };
    let workspace = folder("no-macros", &[member]);
    let member = workspace.join("written");
    for (source, target) in [
        ("provider.toml", "provider.rs"),
        ("object.rs", "object.mapi.rs"),
    ] {
        for check in [&[][..], &["--check"]] {
            let mut mapi = Command::new(env!("CARGO_BIN_EXE_cargo-mapi"));
            mapi.args(["expand", source, "--write", target]).args(check);
            let output = mapi.current_dir(&member).output().expect("it runs");
            assert!(output.status.success(), "{}", text(&output.stderr));
        }
    }
    let mut command = cargo();
    let output = command.current_dir(&workspace).arg("check").output();
    let output = output.expect("cargo starts");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let mut command = cargo();
    command.args(["tree", "--package", "written", "--prefix", "none"]);
    let output = command.current_dir(&workspace).output();
    let tree = text(&output.expect("cargo starts").stdout);
    assert!(tree.contains("mapi-provider v"), "{tree}");
    for unwanted in ["mapi-provider-macros", "mapi-provider-codegen", "toml"] {
        let found = tree.lines().find(|line| line.starts_with(unwanted));
        assert_eq!(found, None, "{tree}");
    }
}

#[test]
fn what_is_written_to_a_file_is_documented_without_a_warning() {
    let file = written("hostile");
    let mut rustdoc = Command::new("rustdoc");
    rig::with_runtime(&mut rustdoc, &file);
    let output = rustdoc
        .args(["-D", "warnings", "-W", "missing_docs"])
        // Every link of ours leads somewhere, also out of the module.
        .args(["--force-warn", "rustdoc::broken_intra_doc_links"])
        .arg("--out-dir")
        .arg(file.with_extension("doc"))
        .output();
    let output = output.expect("rustdoc starts");
    let said = text(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}");
}
