//! `cargo mapi build`, from the outside, on machines that the tests make: their cargo and their compiler are a program of
//! ours, which says what a test wants.

use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use serde_json::{Value as Json, json};
use tempfile::TempDir;

/// The program that stands in for cargo and the compiler, built once.
static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("fake_machine{EXE_SUFFIX}"));
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fake_cargo/main.rs");
    let mut rustc = Command::new("rustc");
    rustc
        .arg("--edition=2024")
        .arg("-o")
        .arg(&program)
        .arg(source);
    assert!(rustc.status().expect("rustc runs").success());
    program
});

/// A machine that can build for 64 bits, with a workspace of one provider and a library that is none.
struct Machine {
    folder: TempDir,
    /// What cargo says of a build; none where it fails.
    messages: Option<String>,
}

impl Machine {
    fn new() -> Self {
        let mut machine = Self {
            folder: tempfile::tempdir().expect("a folder"),
            messages: None,
        };
        for name in ["cargo", "rustc", "x86_64-w64-mingw32-gcc"] {
            let program = machine.path(&format!("bin/{name}{EXE_SUFFIX}"));
            fs::create_dir_all(machine.path("bin")).expect("made");
            fs::copy(&*PROGRAM, program).expect("copied");
        }
        machine.write(
            "bin/lib/rustlib/x86_64-pc-windows-gnu/lib/libstd-1.rlib",
            b"",
        );
        machine.write("Cargo.toml", b"[workspace]\n");
        machine.write("contoso/Cargo.toml", b"[package]\n");
        machine.write("contoso/provider.toml", b"");
        machine.write("tool/Cargo.toml", b"[package]\n");
        machine.writes_dll(&dll(&["MSProviderInit", "ServiceEntry"]));
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, bytes).expect("written");
    }

    /// What cargo builds here.
    fn writes_dll(&mut self, bytes: &[u8]) {
        self.write("contoso32.dll", bytes);
        let message = json!({
            "reason": "compiler-artifact",
            "manifest_path": self.path("contoso/Cargo.toml"),
            "target": {"crate_types": ["cdylib"]},
            "filenames": [self.path("contoso32.dll")],
        });
        self.messages = Some(message.to_string());
    }

    fn metadata(&self) -> Json {
        let package = |name: &str, dependency: &str| {
            json!({
                "name": name,
                "manifest_path": self.path(name).join("Cargo.toml"),
                "targets": [{"kind": ["cdylib", "rlib"], "crate_types": ["cdylib", "rlib"]}],
                "dependencies": [{"name": dependency, "kind": null}],
            })
        };
        json!({
            "packages": [package("contoso", "mapi-provider"), package("tool", "clap")],
            "workspace_root": self.folder.path(),
            "target_directory": self.path("target"),
        })
    }

    fn build(&self, args: &[&str]) -> Output {
        let mut mapi = Command::new(env!("CARGO_BIN_EXE_cargo-mapi"));
        mapi.current_dir(self.folder.path())
            .arg("build")
            .args(args)
            .env("PATH", self.path("bin"))
            .env("CARGO", self.path(&format!("bin/cargo{EXE_SUFFIX}")))
            .env("FAKE_CARGO_LOG", self.path("log"))
            .env("FAKE_CARGO_METADATA", self.metadata().to_string());
        if let Some(messages) = &self.messages {
            mapi.env("FAKE_CARGO_BUILD", messages);
        }
        mapi.output().expect("it runs")
    }

    /// What cargo was asked to build.
    fn asked(&self) -> Vec<String> {
        let log = fs::read_to_string(self.path("log")).unwrap_or_default();
        let builds = log.lines().filter(|line| line.starts_with("rustc "));
        builds.map(str::to_owned).collect()
    }
}

/// A DLL for 64 bits with these exports, good enough to be read.
fn dll(exports: &[&str]) -> Vec<u8> {
    const MEMORY: u32 = 0x1000;
    let mut section = vec![0; 40 + exports.len() * 4];
    let word = |value: usize| u32::try_from(value).expect("small").to_le_bytes();
    section[24..28].copy_from_slice(&word(exports.len()));
    section[32..36].copy_from_slice(&(MEMORY + 40).to_le_bytes());
    for (index, name) in exports.iter().enumerate() {
        let address = word(MEMORY as usize + section.len());
        section[40 + index * 4..44 + index * 4].copy_from_slice(&address);
        section.extend(name.bytes().chain([0]));
    }
    let mut bytes = vec![0; 0x400];
    let mut put = |at: usize, value: &[u8]| bytes[at..at + value.len()].copy_from_slice(value);
    put(0, b"MZ");
    put(0x3C, &[0x80]);
    put(0x80, b"PE\0\0\x64\x86\x01");
    put(0x94, &[0xF0, 0x00, 0x00, 0x20, 0x0B, 0x02]);
    put(0x98 + 108, &[16, 0, 0, 0, 0x00, 0x10]);
    let header = 0x98 + 0xF0;
    put(header + 12, &MEMORY.to_le_bytes());
    put(header + 16, &word(section.len()));
    put(header + 20, &word(0x400));
    bytes.extend(section);
    bytes
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What is said of a build that is refused.
fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
    text(&output.stderr)
}

#[test]
fn a_dll_is_built_alone_and_its_exports_are_told() {
    let machine = Machine::new();
    let output = machine.build(&["--release", "--arch", "x64"]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let path = machine.path("contoso32.dll");
    let expected = format!(
        "{}\n  Windows on 64-bit x86, x86_64-pc-windows-gnu, 2 kB\n  exports: MSProviderInit, ServiceEntry\n",
        path.display()
    );
    assert!(said.starts_with(&expected), "{said}");
    assert!(said.contains(
        "note: contoso32.dll for x64 is built for x86_64-pc-windows-gnu, which is for tests"
    ));
    let [asked] = machine.asked().try_into().expect("one build");
    for part in [
        "rustc --lib --crate-type cdylib ",
        "--target x86_64-pc-windows-gnu ",
        " --release",
    ] {
        assert!(asked.contains(part), "{asked}");
    }
}

#[test]
fn programs_read_what_was_built() {
    let machine = Machine::new();
    let output = machine.build(&["--arch", "x64,x64", "--package", "contoso", "--json"]);
    let said: Json = serde_json::from_slice(&output.stdout).expect("an object");
    assert_eq!(said["ok"], true, "{said}");
    assert_eq!(
        (&said["package"], &said["release"]),
        (&json!("contoso"), &json!(false))
    );
    assert_eq!(said["dlls"].as_array().map(Vec::len), Some(1));
    let dll = &said["dlls"][0];
    assert_eq!(dll["arch"], "x64");
    assert_eq!(dll["target"], "x86_64-pc-windows-gnu");
    assert_eq!(dll["exports"], json!(["MSProviderInit", "ServiceEntry"]));
    assert_eq!(dll["needs"], json!([]));
    let size = fs::metadata(machine.path("contoso32.dll"))
        .expect("there")
        .len();
    assert_eq!(dll["size"], size);
    assert_eq!(said["notes"].as_array().map(Vec::len), Some(1));
}

#[test]
fn what_the_machine_lacks_is_what_doctor_says_and_nothing_is_built() {
    let machine = Machine::new();
    let said = refused(&machine.build(&["--release"]));
    assert!(said.contains("says what is missing: x86\n"), "{said}");
    for part in [
        "A DLL for 32-bit Outlook\n",
        "i686-pc-windows-gnu\n",
        "std is missing. To get it:",
        "linker is missing. To get it:",
    ] {
        assert!(said.contains(part), "{said}");
    }
    assert!(!said.contains("64-bit"), "{said}");
    let output = machine.build(&["--arch", "arm64", "--json"]);
    assert!(refused(&output).contains("A DLL for Outlook on ARM\n"));
    let said: Json = serde_json::from_slice(&output.stdout).expect("an object");
    assert_eq!(said["ok"], false);
    assert_eq!(said["missing"][0]["name"], "arm64");
    assert!(machine.asked().is_empty());
}

#[test]
fn what_is_no_provider_is_not_built() {
    let machine = Machine::new();
    let said = refused(&machine.build(&["--package", "tool"]));
    assert!(said.starts_with("error: tool is not a provider"), "{said}");
    assert!(
        said.contains("`--package` must name one of contoso"),
        "{said}"
    );
    let said = refused(&machine.build(&["--package", "gone"]));
    assert!(said.contains("there is no package gone"), "{said}");
    assert!(machine.asked().is_empty());
}

#[test]
fn a_dll_that_mapi_would_not_take_is_a_mistake() {
    let mut machine = Machine::new();
    let build = |machine: &Machine| refused(&machine.build(&["--arch", "x64"]));
    machine.writes_dll(&dll(&["ServiceEntry"]));
    assert!(build(&machine).contains("it doesn't export MSProviderInit"));
    machine.writes_dll(b"MZ and nothing else");
    assert!(build(&machine).contains("is not a library"));
    let mut other = dll(&["MSProviderInit"]);
    other[0x84..0x86].copy_from_slice(&0xAA64_u16.to_le_bytes());
    machine.writes_dll(&other);
    assert!(build(&machine).contains("is built for Windows on 64-bit ARM, but x64 was asked for"));
    machine.messages = Some(String::new());
    assert!(build(&machine).contains("cargo built no DLL from contoso for x64"));
}

#[test]
fn a_build_that_fails_is_said_to_have_failed() {
    let mut machine = Machine::new();
    machine.messages = None;
    let said = refused(&machine.build(&["--arch", "x64"]));
    assert!(
        said.ends_with("error: contoso could not be built for x64\n"),
        "{said}"
    );
}

#[test]
fn what_the_workspaces_root_ignores_is_told() {
    let machine = Machine::new();
    machine.write("contoso/Cargo.toml", b"[profile.release]\nlto = 'fat'\n");
    machine.write(
        "contoso/.cargo/config.toml",
        b"[build]\nrustflags = ['-Ctarget-feature=+crt-static']\n",
    );
    let output = machine.build(&["--arch", "x64"]);
    let said = text(&output.stdout);
    let root = machine.folder.path().display();
    for part in [
        format!("move them to {root}/Cargo.toml\n   [profile.release]\n   lto = \"fat\"\n"),
        format!("Put the same lines into {root}/.cargo/config.toml\n"),
    ] {
        assert!(said.contains(&part), "{said}");
    }
}

#[test]
fn an_unknown_architecture_makes_no_sense() {
    let output = Machine::new().build(&["--arch", "x64,mips"]);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    assert!(
        said.contains("'mips'") && said.contains("x64, x86, arm64"),
        "{said}"
    );
}

#[test]
fn where_there_is_no_cargo_it_is_said() {
    let output = Command::new(env!("CARGO_BIN_EXE_cargo-mapi"))
        .arg("build")
        .env("PATH", Path::new("/nowhere"))
        .env_remove("CARGO")
        .output()
        .expect("it runs");
    assert!(refused(&output).starts_with("error: can't start cargo: "));
}
