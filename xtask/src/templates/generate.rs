//! Makes crates, with the real cargo-generate and with `cargo mapi new`.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::{command, toolchain, workspace};

/// The version of cargo-generate to install if there is none.
const VERSION: &str = "^0.26";

/// The two programs that make crates from the template.
pub(super) struct Makers {
    /// It may be missing in a quick run.
    cargo_generate: Option<PathBuf>,
    cargo_mapi: PathBuf,
}

/// What to make.
pub(super) struct Order<'a> {
    pub(super) name: &'a str,
    pub(super) answers: &'a [(String, String)],
}

impl Makers {
    /// Finds cargo-generate, or installs it into the target folder unless time is short, and builds our own command.
    pub(super) fn ready(quick: bool) -> Result<Self, String> {
        let cargo_generate = match find_cargo_generate() {
            None if quick => {
                command::say("cargo-generate isn't here: crates are made only by `cargo mapi new`");
                None
            }
            None => Some(install_cargo_generate()?),
            found => found,
        };
        Ok(Self {
            cargo_generate,
            cargo_mapi: cargo_mapi()?,
        })
    }

    /// Our own command.
    pub(super) fn cargo_mapi(&self) -> &Path {
        &self.cargo_mapi
    }

    /// Lets cargo-generate, if it is here, make a crate in a folder with the crate's name.
    pub(super) fn generate(
        &self,
        order: &Order<'_>,
        folder: &Path,
    ) -> Result<Option<Output>, String> {
        let Some(program) = &self.cargo_generate else {
            return Ok(None);
        };
        let mut generate = Command::new(program);
        generate.arg("generate").arg("--path");
        generate.arg(workspace::root().join(super::TEMPLATE));
        generate.args([
            "--name",
            order.name,
            "--vcs",
            "none",
            "--silent",
            "--no-workspace",
        ]);
        generate.arg("--destination").arg(folder);
        // It takes the author from the environment, or from git if that doesn't say.
        generate
            .env("CARGO_NAME", "Robin")
            .env("CARGO_EMAIL", "robin@example.org");
        run(&mut generate, order.answers).map(Some)
    }

    /// Lets our own command make a crate in a folder with the crate's name.
    pub(super) fn make(&self, order: &Order<'_>, folder: &Path) -> Result<Output, String> {
        let mut new = Command::new(&self.cargo_mapi);
        new.args(["new", "--silent"]);
        new.arg(folder.join(order.name));
        run(&mut new, order.answers)
    }
}

/// Runs a program that makes a crate, without a terminal.
fn run(maker: &mut Command, answers: &[(String, String)]) -> Result<Output, String> {
    for (name, value) in answers {
        maker.arg("--define").arg(format!("{name}={value}"));
    }
    let output = maker.stdin(Stdio::null()).output();
    output.map_err(|error| {
        format!(
            "can't start {}: {error}",
            maker.get_program().to_string_lossy()
        )
    })
}

/// What a program said, if it failed.
pub(super) fn succeeded(what: &str, output: &Output) -> Result<(), String> {
    if output.status.success() {
        return Ok(());
    }
    let said = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    Err(format!("{what} failed: {}", said.concat().trim()))
}

/// The files below a folder, with their texts.
pub(super) fn files(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>, String> {
    let mut files = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        let failed = |error: std::io::Error| format!("can't read {}: {error}", next.display());
        for entry in next.read_dir().map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let text = fs::read(&path).map_err(failed)?;
                let name = path.strip_prefix(folder).unwrap_or(&path).to_owned();
                files.insert(name, text);
            }
        }
    }
    Ok(files)
}

const PROGRAM: &str = "cargo-generate";

/// Where to install it if there is none.
fn tools() -> PathBuf {
    workspace::target_dir("tools")
}

fn find_cargo_generate() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("MAPI_CARGO_GENERATE") {
        return Some(path.into());
    }
    if command::on_path(PROGRAM) {
        return Some(PROGRAM.into());
    }
    let ours = tools().join("bin").join(PROGRAM);
    ours.is_file().then_some(ours)
}

fn install_cargo_generate() -> Result<PathBuf, String> {
    command::say("installing cargo-generate, which takes some minutes once");
    let mut install = Command::new("cargo");
    // It needs a newer compiler than we do.
    install.args(toolchain::nightly_sysroot().map(|_| "+nightly"));
    install.args([
        "install",
        "--locked",
        // It makes a crate quickly either way, and takes half as long to build.
        "--debug",
        "--no-default-features",
        "--version",
        VERSION,
    ]);
    install.arg(PROGRAM).arg("--root").arg(tools());
    command::run(&mut install)?;
    Ok(tools().join("bin").join(PROGRAM))
}

fn cargo_mapi() -> Result<PathBuf, String> {
    let mut build = Command::new("cargo");
    build.current_dir(workspace::root());
    build.args([
        "build",
        "--package",
        "cargo-mapi",
        "--message-format=json-render-diagnostics",
    ]);
    let messages = command::output(&mut build)?;
    let executable = |line: &str| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        message["executable"].as_str().map(PathBuf::from)
    };
    let built = messages.lines().filter_map(executable).next_back();
    built.ok_or_else(|| "cargo built no cargo-mapi".to_owned())
}
