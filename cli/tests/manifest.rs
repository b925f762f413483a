//! `cargo mapi check`, `expand` and `inf`, from the outside.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use tempfile::TempDir;

const GOOD: &str = r#"[provider]
kind  = "store"
name  = "Contoso Büro"
id    = "contoso"
uid   = "7b3f0d5c41e84c0a9d2b6a1f0c5e7d91"
flags = ["no-primary-identity"]

[sync]
logic = "crate::Contoso"

[[service.setting]]
name = "server"
tag  = 0x6601
type = "string"
required = true
"#;

/// A folder with a manifest in it.
fn folder(manifest: impl AsRef<[u8]>) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("provider.toml"), manifest).expect("writable");
    folder
}

fn mapi(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_cargo-mapi"))
        .current_dir(folder)
        .args(args)
        .output()
        .expect("it runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn files(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).expect("readable");
    files
        .map(|file| {
            file.expect("readable")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect()
}

#[test]
fn check_says_what_it_found() {
    let folder = folder(GOOD);
    let out = mapi(folder.path(), &["check", "provider.toml"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    assert_eq!(
        text(&out.stdout),
        "provider.toml: Contoso Büro, a store provider with 1 setting, in contoso32.dll\n"
    );
}

#[test]
fn check_knows_what_cargo_calls_the_library() {
    let folder = folder(GOOD);
    let write = |lib: &str| {
        let text = format!("[package]\nname = \"contoso-mail\"\n\n[lib]\n{lib}");
        fs::write(folder.path().join("Cargo.toml"), text).expect("writable");
    };
    write("crate-type = [\"cdylib\"]\n");
    let out = mapi(folder.path(), &["check", "provider.toml"]);
    let shown = text(&out.stderr);
    assert_eq!(out.status.code(), Some(1), "{shown}");
    for part in [
        "error[library-name]",
        "`contoso_mail`",
        "name = \"contoso32\"",
    ] {
        assert!(shown.contains(part), "{shown}");
    }
    write("crate-type = [\"cdylib\"]\nname = \"contoso32\"\n");
    let out = mapi(folder.path(), &["check", "provider.toml"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
}

#[test]
fn cargo_may_name_the_command() {
    let folder = folder(GOOD);
    assert_eq!(
        mapi(folder.path(), &["mapi", "check", "provider.toml"])
            .status
            .code(),
        Some(0)
    );
}

#[test]
fn mistakes_are_shown_all_at_once_without_colours_in_a_pipe() {
    let folder = folder(
        GOOD.replace("\"store\"", "\"stoer\"")
            .replace("crate::Contoso", "crate::"),
    );
    for command in ["check", "expand", "inf"] {
        let out = mapi(folder.path(), &[command, "provider.toml"]);
        let shown = text(&out.stderr);
        assert_eq!(out.status.code(), Some(1), "{command}");
        assert!(out.stdout.is_empty(), "{command}: {}", text(&out.stdout));
        for part in [
            "error[unknown-kind]",
            "provider.toml:2:9",
            "^^^^^^^",
            "did you mean `store`?",
            "error[bad-logic-path]",
            "error: 2 mistakes in provider.toml",
        ] {
            assert!(shown.contains(part), "{command} lacks {part:?}: {shown}");
        }
        assert!(!shown.contains('\x1b'), "{shown:?}");
    }
}

#[test]
fn expand_shows_formatted_code_that_parses() {
    let folder = folder(GOOD);
    let out = mapi(folder.path(), &["expand", "provider.toml"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    let code = text(&out.stdout);
    syn::parse_file(&code).expect("it is Rust");
    assert!(
        code.contains("    pub server: ::std::string::String,\n"),
        "{code}"
    );
    let absolute = folder.path().join("provider.toml");
    assert!(
        code.contains(&format!("{:?}", absolute.to_string_lossy())),
        "{code}"
    );
}

#[test]
fn inf_is_for_windows_to_read() {
    let folder = folder(GOOD);
    let out = mapi(folder.path(), &["inf", "provider.toml"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    let line = b"PR_DISPLAY_NAME=Contoso B\xFCro\r\n";
    assert!(
        out.stdout.windows(line.len()).any(|window| window == line),
        "{}",
        text(&out.stdout)
    );
}

#[test]
fn inf_writes_the_same_into_a_file() {
    let folder = folder(GOOD);
    let printed = mapi(folder.path(), &["inf", "provider.toml"]).stdout;
    let out = mapi(
        folder.path(),
        &["inf", "provider.toml", "-o", "mapisvc.inf"],
    );
    assert_eq!(
        (out.status.code(), out.stdout.len()),
        (Some(0), 0),
        "{}",
        text(&out.stderr)
    );
    assert_eq!(
        fs::read(folder.path().join("mapisvc.inf")).expect("written"),
        printed
    );
    assert_eq!(files(folder.path()).len(), 2);
}

/// A link to a pipe's end, as `/dev/stdout` is one, can't be replaced by a file. Only where there is such
/// a thing.
#[test]
fn a_link_to_a_pipe_is_written_through_and_stays() {
    const PIPE: &str = "/proc/self/fd/1";
    if fs::symlink_metadata(PIPE).is_err() {
        return;
    }
    let folder = folder(GOOD);
    let link = folder.path().join("stdout");
    let linked = Command::new("ln")
        .args(["-s", PIPE])
        .arg(&link)
        .status()
        .expect("ln runs");
    assert!(linked.success());
    let printed = mapi(folder.path(), &["inf", "provider.toml"]).stdout;
    let out = mapi(folder.path(), &["inf", "provider.toml", "-o", "stdout"]);
    assert_eq!(
        (out.status.code(), out.stdout),
        (Some(0), printed),
        "{}",
        text(&out.stderr)
    );
    assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
}

#[test]
fn nothing_is_written_where_the_manifest_is_wrong() {
    let folder = folder(GOOD.replace("0x6601", "0x6700"));
    let out = mapi(
        folder.path(),
        &["inf", "provider.toml", "-o", "mapisvc.inf"],
    );
    assert_eq!(out.status.code(), Some(1));
    assert_eq!(files(folder.path()), ["provider.toml"]);

    fs::write(folder.path().join("mapisvc.inf"), "old").expect("writable");
    mapi(
        folder.path(),
        &["inf", "provider.toml", "-o", "mapisvc.inf"],
    );
    assert_eq!(
        fs::read_to_string(folder.path().join("mapisvc.inf")).expect("there"),
        "old"
    );
}

#[test]
fn a_place_that_can_not_be_written_is_a_sentence() {
    let folder = folder(GOOD);
    let out = mapi(
        folder.path(),
        &["inf", "provider.toml", "-o", "gone/mapisvc.inf"],
    );
    assert_eq!(out.status.code(), Some(1));
    assert!(
        text(&out.stderr).starts_with("error: can't write gone/mapisvc.inf: "),
        "{}",
        text(&out.stderr)
    );
    assert_eq!(files(folder.path()), ["provider.toml"]);
}

#[test]
fn files_that_can_not_be_read_are_a_sentence_or_a_caret() {
    let folder = folder(b"[provider]\nname = '\xFF'\n");
    let wrong = mapi(folder.path(), &["check", "provider.toml"]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(
        text(&wrong.stderr).contains("provider.toml:2:9"),
        "{}",
        text(&wrong.stderr)
    );
    for path in ["gone.toml", "."] {
        let out = mapi(folder.path(), &["check", path]);
        assert_eq!(out.status.code(), Some(1), "{path}");
        assert!(
            text(&out.stderr).starts_with(&format!("error: can't read {path}: ")),
            "{}",
            text(&out.stderr)
        );
    }
}

#[test]
fn a_command_line_that_makes_no_sense_is_told_apart() {
    let folder = folder(GOOD);
    for args in [
        &["check"][..],
        &["chekc", "provider.toml"],
        &["inf", "provider.toml", "--colour"],
        &[],
    ] {
        let out = mapi(folder.path(), args);
        assert_eq!(
            out.status.code(),
            Some(2),
            "{args:?}: {}",
            text(&out.stderr)
        );
    }
    let help = mapi(folder.path(), &["--help"]);
    assert_eq!(help.status.code(), Some(0));
    for word in ["cargo mapi", "check", "expand", "inf"] {
        assert!(text(&help.stdout).contains(word), "{}", text(&help.stdout));
    }
}

#[test]
fn check_names_all_kinds_that_a_service_has() {
    let several = include_str!("../../codegen/tests/manifests/several.toml");
    let folder = folder(several);
    let out = mapi(folder.path(), &["check", "provider.toml"]);
    assert_eq!(
        text(&out.stdout),
        "provider.toml: Contoso Mail, a store and a transport with 1 setting, in contoso32.dll\n"
    );
    let out = mapi(folder.path(), &["check", "provider.toml", "--json"]);
    let found: serde_json::Value = serde_json::from_slice(&out.stdout).expect("an object");
    let kinds = serde_json::json!(["store", "transport"]);
    assert_eq!(found["provider"]["kind"], kinds);

    let three = include_str!("../../codegen/tests/manifests/several-three.toml");
    let folder = self::folder(three);
    let out = mapi(folder.path(), &["check", "provider.toml"]);
    let said = "a store and a transport and an address book with 1 setting";
    assert!(text(&out.stdout).contains(said), "{}", text(&out.stdout));
}

#[test]
fn programs_get_what_check_found_as_an_object() {
    let folder = folder(GOOD);
    let out = mapi(folder.path(), &["check", "provider.toml", "--json"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    let found: serde_json::Value = serde_json::from_slice(&out.stdout).expect("an object");
    assert_eq!(found["ok"], true);
    assert_eq!(found["provider"]["library"], "contoso32.dll");
    assert_eq!(found["provider"]["kind"], "store");
    assert_eq!(found["provider"]["settings"][0], "server");
    assert_eq!(found["more"], 0);
}

#[test]
fn programs_get_mistakes_with_their_places() {
    let folder = folder(
        GOOD.replace("Contoso Büro", "é[")
            .replace("crate::Contoso", "crate::"),
    );
    let out = mapi(folder.path(), &["check", "provider.toml", "--json"]);
    assert_eq!(out.status.code(), Some(1));
    assert_eq!(text(&out.stderr), "error: 2 mistakes in provider.toml\n");
    let found: serde_json::Value = serde_json::from_slice(&out.stdout).expect("an object");
    assert_eq!(
        (&found["ok"], &found["provider"]),
        (&false.into(), &serde_json::Value::Null)
    );
    let first = &found["diagnostics"][0];
    assert_eq!(first["code"], "bad-name");
    assert!(first["help"].is_string(), "{first}");
    let place = &first["places"][0];
    assert_eq!(
        (&place["line"], &place["column"]),
        (&3.into(), &9.into()),
        "{place}"
    );
    assert_eq!(
        (&place["end_line"], &place["end_column"]),
        (&3.into(), &13.into()),
        "{place}"
    );
    assert_eq!(found["diagnostics"][1]["code"], "bad-logic-path");
    assert_eq!(found["more"], 0);
}

#[test]
fn programs_get_the_first_of_very_many_mistakes_and_the_number_of_the_rest() {
    let flags = "\"a\",".repeat(200_000);
    let folder = folder(GOOD.replace("\"no-primary-identity\"", &flags));
    let out = mapi(folder.path(), &["check", "provider.toml", "--json"]);
    assert_eq!(out.status.code(), Some(1));
    assert_eq!(
        text(&out.stderr),
        "error: 200001 mistakes in provider.toml\n"
    );
    assert!(out.stdout.len() < 1 << 20, "{} bytes", out.stdout.len());
    let found: serde_json::Value = serde_json::from_slice(&out.stdout).expect("an object");
    let first = found["diagnostics"].as_array().expect("the first ones");
    assert_eq!((first.len(), &found["more"]), (1_000, &199_001.into()));
}

#[test]
fn a_mistake_says_where_its_code_is_explained() {
    let folder = folder(GOOD.replace("\"store\"", "\"stoer\""));
    let out = mapi(folder.path(), &["check", "provider.toml"]);
    let shown = text(&out.stderr);
    assert!(
        shown.ends_with("`cargo mapi explain unknown-kind` says more\n"),
        "{shown}"
    );
}
