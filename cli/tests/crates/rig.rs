//! Crates made of the cases, and what cargo and rustc say of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::{env, fs};

use serde_json::Value;

/// A crate of a workspace.
pub(crate) struct Member {
    /// The folder of its sources.
    pub(crate) case: &'static str,
    pub(crate) shape: Shape,
}

/// What its Cargo.toml says.
pub(crate) enum Shape {
    /// The edition.
    Edition(&'static str),
    /// The runtime, called `mail`.
    Renamed,
    /// The same, as the workspace says.
    Inherited,
    /// A provider of a name, whose exports are a feature.
    Provider(&'static str),
    /// The runtime without its features, but for the macros.
    Bare,
    /// The runtime without its macros.
    NoMacros,
}

impl Member {
    fn name(&self) -> String {
        match self.shape {
            Shape::Edition("2024") if self.case != "everything" => self.case.to_owned(),
            Shape::Edition(edition) => format!("edition_{edition}"),
            Shape::Renamed => "renamed".to_owned(),
            Shape::Inherited => "inherited".to_owned(),
            Shape::Provider(name) => name.to_owned(),
            Shape::Bare | Shape::NoMacros => self.case.to_owned(),
        }
    }

    fn cargo_toml(&self) -> String {
        let edition = match self.shape {
            Shape::Edition(edition) => edition,
            _ => "2024",
        };
        let runtime = runtime().display();
        let dependency = match self.shape {
            Shape::Edition(_) => format!("mapi-provider = {{ path = '{runtime}' }}"),
            Shape::Renamed => format!("mail = {{ package = 'mapi-provider', path = '{runtime}' }}"),
            Shape::Inherited => "mail.workspace = true".to_owned(),
            Shape::Provider(_) => {
                format!("mapi-provider = {{ path = '{runtime}' }}\n[features]\nexports = []")
            }
            Shape::Bare | Shape::NoMacros => {
                let feature = match self.shape {
                    Shape::Bare => "macros",
                    _ => "store",
                };
                format!(
                    "mapi-provider = {{ path = '{runtime}', default-features = false, features = ['{feature}'] }}"
                )
            }
        };
        format!(
            "[package]\nname = '{}'\nversion = '0.1.0'\nedition = '{edition}'\n[lib]\npath = 'lib.rs'\n\
             [dependencies]\n{dependency}\n",
            self.name()
        )
    }
}

/// What was said of the crates that are right.
pub(crate) struct Checked {
    said: BTreeMap<String, String>,
    /// The runtime as the compiler wants it.
    runtime: PathBuf,
}

impl Checked {
    /// Errors and warnings about a crate.
    pub(crate) fn said(&self, name: &str) -> &str {
        self.said
            .get(name)
            .map_or("it was not checked", String::as_str)
    }
}

/// The workspace of crates that are right, checked once.
pub(crate) fn checked() -> &'static Checked {
    static CHECKED: OnceLock<Checked> = OnceLock::new();
    CHECKED.get_or_init(|| {
        let mut command = cargo();
        command.args([
            "check",
            "--workspace",
            "--keep-going",
            "--message-format=json",
        ]);
        let output = command.output().expect("cargo starts");
        let mut said = BTreeMap::new();
        let mut runtime = None;
        for line in text(&output.stdout).lines() {
            let Ok(message) = serde_json::from_str::<Value>(line) else {
                continue;
            };
            let name = message["target"]["name"].as_str().unwrap_or_default();
            match message["reason"].as_str() {
                Some("compiler-artifact") if name == "mapi_provider" => {
                    runtime = message["filenames"][0].as_str().map(PathBuf::from);
                }
                Some("compiler-artifact") => {
                    said.entry(name.to_owned()).or_default();
                }
                Some("compiler-message") => {
                    let all: &mut String = said.entry(name.to_owned()).or_default();
                    *all += message["message"]["rendered"].as_str().unwrap_or_default();
                }
                _ => {}
            }
        }
        let runtime = runtime.unwrap_or_else(|| panic!("{}", text(&output.stderr)));
        Checked { said, runtime }
    })
}

/// Cargo, in the workspace of crates that are right.
pub(crate) fn cargo() -> Command {
    static WORKSPACE: OnceLock<PathBuf> = OnceLock::new();
    let workspace = WORKSPACE.get_or_init(|| folder("right", &right()));
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(workspace).arg("--offline");
    cargo.env("CARGO_TARGET_DIR", target());
    // Another package's, from cargo that runs this test.
    cargo.env_remove("CARGO_MANIFEST_DIR");
    cargo
}

fn right() -> Vec<Member> {
    let editions = ["2015", "2018", "2021", "2024"].map(Shape::Edition);
    let mut members: Vec<Member> = Vec::new();
    let mut add = |case, shape| members.push(Member { case, shape });
    for edition in editions {
        add("everything", edition);
    }
    add("renamed", Shape::Renamed);
    add("renamed", Shape::Inherited);
    add("hostile", Shape::Edition("2024"));
    add("provider", Shape::Provider("one"));
    add("provider", Shape::Provider("two"));
    members
}

/// A workspace of some crates.
pub(crate) fn folder(name: &str, members: &[Member]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("crates")
        .join(name);
    // What an earlier run has left is of other cases.
    let _ = fs::remove_dir_all(&folder);
    for member in members {
        let to = folder.join(member.name());
        copy(&case(member.case), &to);
        write(&to.join("Cargo.toml"), &member.cargo_toml());
    }
    // Of everything but the renamed ones: manifest and interfaces are the same.
    for renamed in ["renamed", "inherited"] {
        let to = folder.join(renamed);
        if to.exists() {
            copy_toml(&case("everything"), &to);
        }
    }
    let both = folder.join("both");
    if folder.join("one").exists() {
        write(
            &both.join("Cargo.toml"),
            "[package]\nname = 'both'\nversion = '0.1.0'\nedition = '2024'\n[lib]\npath = 'lib.rs'\n\
             [dev-dependencies]\none = { path = '../one' }\ntwo = { path = '../two' }\n",
        );
        write(&both.join("lib.rs"), "");
        let test = "#[test]\nfn both() {\n    let [one, two] = [&one::PROVIDER, &two::PROVIDER];\n    \
                    assert_ne!(one as *const _, two as *const _);\n}\n";
        write(&both.join("tests/both.rs"), test);
    }
    let ours = fs::read_to_string(root().join("Cargo.toml")).expect("it is readable");
    // As the tests themselves are built, so that what they are built of is there.
    let profiles = ours.split_once("[profile.dev]").map(|(_, rest)| rest);
    let profiles = profiles.and_then(|rest| rest.split_once("[workspace.lints"));
    let profiles = profiles.map_or("", |(profiles, _)| profiles);
    let runtime = runtime().display();
    let manifest = format!(
        "[workspace]\nresolver = '3'\nmembers = ['*']\n[workspace.dependencies]\n\
         mail = {{ package = 'mapi-provider', path = '{runtime}' }}\n[profile.dev]{profiles}"
    );
    write(&folder.join("Cargo.toml"), &manifest);
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).expect("it is readable");
    folder
}

/// The compiler on a case, without cargo.
pub(crate) fn rustc(case: &str) -> Command {
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    let folder = self::case(case);
    with_runtime(&mut rustc, &folder.join("lib.rs"));
    rustc
        .current_dir(&folder)
        .env("CARGO_MANIFEST_DIR", &folder);
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("crates");
    rustc.args(["--emit", "metadata", "--out-dir"]).arg(out);
    rustc
}

/// A compiler's arguments: a library and the runtime that it uses.
pub(crate) fn with_runtime(compiler: &mut Command, file: &Path) {
    let runtime = &checked().runtime;
    let mut extern_crate = std::ffi::OsString::from("mapi_provider=");
    extern_crate.push(runtime);
    compiler
        .args(["--edition", "2024", "--crate-type", "lib"])
        .arg(file);
    compiler.arg("--extern").arg(extern_crate);
    let mut dependencies = std::ffi::OsString::from("dependency=");
    dependencies.push(runtime.parent().expect("it is in a folder"));
    compiler.arg("-L").arg(dependencies);
}

/// A library of the module that the command writes of a case's interfaces.
pub(crate) fn written(case: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("crates/written");
    let (library, module) = (folder.join("lib.rs"), folder.join("thing.rs"));
    write(
        &library,
        "//! A crate with a module of interfaces.\n#[rustfmt::skip]\npub mod thing;\n",
    );
    let mut mapi = Command::new(env!("CARGO_BIN_EXE_cargo-mapi"));
    mapi.current_dir(self::case(case))
        .args(["interfaces", "thing.toml", "-o"])
        .arg(&module);
    let output = mapi.output().expect("it runs");
    assert!(output.status.success(), "{}", text(&output.stderr));
    library
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn case(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/crates/cases")
        .join(name)
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

fn runtime() -> &'static Path {
    root()
}

/// Where the tests themselves are built.
fn target() -> &'static Path {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
        .parent()
        .expect("it lies in the target folder")
}

fn write(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().expect("it is in a folder")).expect("writable");
    fs::write(file, text).expect("writable");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("writable");
    for file in fs::read_dir(from).expect("the case is there") {
        let file = file.expect("it is readable");
        fs::copy(file.path(), to.join(file.file_name())).expect("writable");
    }
}

fn copy_toml(from: &Path, to: &Path) {
    for name in ["provider.toml", "thing.toml"] {
        fs::copy(from.join(name), to.join(name)).expect("writable");
    }
}
