//! `cargo xtask mutants`: breaks each rule on purpose and checks that its tests notice.
//!
//! `tests/mutations/NAME.patch` is a diff below a header:
//!
//! ```text
//! What: NULL is answered with S_OK
//! Caught-by: contract sync_01_
//! ```
//!
//! Each is applied to a copy of the tree in the target folder; the test program named, run with the filter
//! named, has to fail there. It is one of the runtime's, unless the folder of another package stands before it:
//! `mailbox/database`, `examples/imap/imap`. The test program `abi` is `cargo xtask windows abi`, on x64; `unit` are the unit tests of the
//! package, of the runtime including the model checks.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::windows::{Arch, Sides};
use crate::{command, workspace};

/// The test program whose other side is C++, which runs under Wine.
const ABI: &str = "abi";

/// The unit tests of a package.
const UNIT: &str = "unit";

/// A hang counts as noticed, for example because a lock is held. No test takes this long.
const PATIENCE: Duration = Duration::from_secs(90);

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only those whose names begin with this: `SYNC-15`.
    names: Vec<String>,
}

/// A rule broken on purpose.
struct Mutation {
    name: String,
    patch: PathBuf,
    what: String,
    /// The test program.
    program: String,
    /// Which of its tests.
    filter: String,
}

/// The result of a mutation.
#[derive(PartialEq)]
enum Fate {
    /// Tests failed, or the program crashed or hung.
    Caught(&'static str),
    /// Nobody noticed.
    Survived,
}

/// Tries all mutations, or those that are named.
pub(crate) fn run(args: &Args) -> Result<(), String> {
    let mutations = chosen(&args.names)?;
    let copy = workspace::target_dir("mutants").join("tree");
    copy_tree(workspace::root(), &copy)?;
    let bench = Bench::set_up(copy, &mutations)?;
    bench.check_unbroken(&mutations)?;
    let mut troubles = Vec::new();
    for mutation in &mutations {
        match bench.attempt(mutation) {
            Ok(Fate::Caught(how)) => {
                println!("caught    {:18} {how:7} {}", mutation.name, mutation.what)
            }
            Ok(Fate::Survived) => {
                println!("SURVIVED  {:18}         {}", mutation.name, mutation.what);
                troubles.push(mutation.name.clone());
            }
            Err(why) => {
                println!("ERROR     {:18}         {why}", mutation.name);
                troubles.push(mutation.name.clone());
            }
        }
    }
    println!(
        "{} of {} mutations caught",
        mutations.len() - troubles.len(),
        mutations.len()
    );
    if troubles.is_empty() {
        Ok(())
    } else {
        Err(format!("not caught: {}", troubles.join(", ")))
    }
}

fn chosen(names: &[String]) -> Result<Vec<Mutation>, String> {
    let folder = workspace::root().join("tests/mutations");
    let entries =
        fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut patches: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    patches.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "patch")
    });
    patches.sort();
    let mutations = patches
        .iter()
        .map(|patch| Mutation::read(patch))
        .collect::<Result<Vec<_>, _>>()?;
    let is_wanted = |mutation: &Mutation| {
        names.is_empty() || names.iter().any(|name| mutation.name.starts_with(name))
    };
    let chosen: Vec<Mutation> = mutations.into_iter().filter(is_wanted).collect();
    if chosen.is_empty() {
        Err("there is no such mutation".to_owned())
    } else {
        Ok(chosen)
    }
}

impl Mutation {
    fn read(patch: &Path) -> Result<Self, String> {
        let text =
            fs::read_to_string(patch).map_err(|error| format!("{}: {error}", patch.display()))?;
        let header = |key: &str| {
            let value = text.lines().find_map(|line| line.strip_prefix(key));
            value
                .map(|value| value.trim().to_owned())
                .ok_or_else(|| format!("{}: no `{key}`", patch.display()))
        };
        let caught_by = header("Caught-by:")?;
        let (program, filter) = caught_by
            .split_once(' ')
            .ok_or_else(|| format!("{}: a test program and a filter", patch.display()))?;
        Ok(Self {
            name: patch
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
            what: header("What:")?,
            program: program.to_owned(),
            filter: filter.to_owned(),
            patch: patch.to_owned(),
        })
    }
}

/// Copies what cargo needs, as far as an earlier copy is different. So each file is as old as its text is in the copy, one
/// that a mutation has changed included, and cargo builds again what it must, and no more.
fn copy_tree(from: &Path, to: &Path) -> Result<(), String> {
    let is_wanted = |path: &Path| !path.ends_with("target") && !path.ends_with(".git");
    copy_folder(from, to, &is_wanted)
        .map_err(|error| format!("can't copy the tree to {}: {error}", to.display()))
}

fn copy_folder(from: &Path, to: &Path, is_wanted: &dyn Fn(&Path) -> bool) -> io::Result<()> {
    fs::create_dir_all(to)?;
    let mut names: BTreeSet<OsString> = BTreeSet::new();
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, copy) = (entry.path(), to.join(entry.file_name()));
        if !is_wanted(&path) || path.join("CACHEDIR.TAG").exists() {
            continue;
        }
        names.insert(entry.file_name());
        if path.is_dir() {
            copy_folder(&path, &copy, &|_| true)?;
        } else if fs::read(&copy).ok() != Some(fs::read(&path)?) {
            fs::copy(&path, &copy)?;
        }
    }
    for entry in fs::read_dir(to)? {
        let entry = entry?;
        if names.contains(&entry.file_name()) {
            continue;
        }
        match entry.file_type()?.is_dir() {
            true => fs::remove_dir_all(entry.path())?,
            false => fs::remove_file(entry.path())?,
        }
    }
    Ok(())
}

/// Where mutations are tried.
struct Bench {
    /// The copy of the tree.
    copy: PathBuf,
    /// For the test program `abi`: the side of C++, which no mutation changes.
    sides: Option<Sides>,
}

impl Bench {
    fn set_up(copy: PathBuf, mutations: &[Mutation]) -> Result<Self, String> {
        let needs_sides = mutations.iter().any(|mutation| mutation.program == ABI);
        let sides = needs_sides.then(|| Sides::make(Arch::X64)).transpose()?;
        Ok(Self { copy, sides })
    }

    /// The tests must pass if nothing is broken; otherwise their failing proves nothing.
    fn check_unbroken(&self, mutations: &[Mutation]) -> Result<(), String> {
        let mut filters: Vec<(&str, &str)> = mutations
            .iter()
            .map(|mutation| (mutation.program.as_str(), mutation.filter.as_str()))
            .collect();
        filters.sort_unstable();
        filters.dedup();
        for (program, filter) in filters {
            let ran = test(self.build(program)?, filter)?;
            if ran != Fate::Survived {
                return Err(format!(
                    "`{filter}` of {program} fails although nothing is broken"
                ));
            }
        }
        Ok(())
    }

    fn attempt(&self, mutation: &Mutation) -> Result<Fate, String> {
        self.apply(&mutation.patch, &[])?;
        let built = self.build(&mutation.program);
        let fate = built.and_then(|program| test(program, &mutation.filter));
        self.apply(&mutation.patch, &["--reverse"])?;
        fate
    }

    fn apply(&self, patch: &Path, how: &[&str]) -> Result<(), String> {
        // The copy is in the target folder, which the repository around it ignores, so git is told about no
        // repository.
        let mut git = Command::new("git");
        git.current_dir(&self.copy).env(
            "GIT_CEILING_DIRECTORIES",
            self.copy.parent().unwrap_or(&self.copy),
        );
        command::run(git.arg("apply").args(how).arg(patch))
            .map_err(|_| format!("{} does not apply", patch.display()))
    }

    /// Builds a test program; returns the command that runs it.
    fn build(&self, program: &str) -> Result<Command, String> {
        let sides = self.sides.as_ref().filter(|_| program == ABI);
        let mut cargo = match sides {
            Some(sides) => sides.cargo()?,
            None => native_cargo(program),
        };
        cargo.args(["--no-run", "--message-format", "json"]);
        let built = cargo
            .current_dir(&self.copy)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .output()
            .map_err(|error| error.to_string())?;
        if !built.status.success() {
            return Err("it does not compile".to_owned());
        }
        let executable = executable(&String::from_utf8_lossy(&built.stdout), program)?;
        let Some(sides) = sides else {
            return Ok(Command::new(executable));
        };
        let mut wine = Command::new(Arch::X64.runner()?);
        sides.pass_dll(&mut wine);
        wine.arg(executable);
        Ok(wine)
    }
}

/// The package of a test program, and its name there.
fn package_of(program: &str) -> (String, &str) {
    match program.rsplit_once('/') {
        Some((folder, program)) => match folder.strip_prefix("examples/") {
            Some(example) => (example.replace('-', "_"), program),
            None => (format!("mapi-provider-{folder}"), program),
        },
        None => ("mapi-provider".to_owned(), program),
    }
}

fn native_cargo(program: &str) -> Command {
    let (package, program) = package_of(program);
    let mut cargo = Command::new("cargo");
    cargo.args(["test", "--package", &package]);
    match program {
        UNIT => cargo.arg("--lib"),
        program => cargo.args(["--test", program]),
    };
    let target_dir = workspace::target_dir("mutants").join("build");
    // A mutation is a line or two: most of a package is as it was.
    cargo
        .env("CARGO_TARGET_DIR", target_dir)
        .env("CARGO_INCREMENTAL", "1");
    cargo
}

/// Where a test program is, according to cargo.
fn executable(messages: &str, program: &str) -> Result<PathBuf, String> {
    let (package, name) = package_of(program);
    let executable = messages.lines().find_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        let target = &message["target"];
        let ours = match name {
            UNIT => {
                target["name"] == package.replace('-', "_") && message["profile"]["test"] == true
            }
            name => target["name"] == name && target["kind"][0] == "test",
        };
        ours.then(|| message["executable"].as_str().map(PathBuf::from))
            .flatten()
    });
    executable.ok_or_else(|| format!("cargo does not say where the test program {program} is"))
}

/// Runs the tests that the filter names. Crashes and what hangs count as failures.
fn test(mut program: Command, filter: &str) -> Result<Fate, String> {
    program
        .arg(filter)
        .env("RUST_BACKTRACE", "0")
        .env_remove("MAPI_TEST_PROBE_DLL");
    program
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let child = program.spawn().map_err(|error| error.to_string())?;
    let Some(output) = wait(child)? else {
        return Ok(Fate::Caught("hangs"));
    };
    let text = String::from_utf8_lossy(&output.stdout);
    if text.contains("running 0 tests") {
        return Err(format!("`{filter}` names no test"));
    }
    // The status alone is not enough: a program that crashes under Wine may end with 0.
    Ok(if text.contains("test result: FAILED") {
        Fate::Caught("fails")
    } else if output.status.success() && text.contains("test result: ok.") {
        Fate::Survived
    } else {
        Fate::Caught("crashes")
    })
}

/// Waits for a program, and kills it if it takes too long: then the result is `None`.
fn wait(mut child: Child) -> Result<Option<std::process::Output>, String> {
    let mut pipe = child.stdout.take();
    let reader = thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(pipe) = &mut pipe {
            // What can't be read counts as missing.
            let _ = std::io::Read::read_to_end(pipe, &mut bytes);
        }
        bytes
    });
    let begin = Instant::now();
    loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            let stdout = reader.join().unwrap_or_default();
            return Ok(Some(std::process::Output {
                status,
                stdout,
                stderr: Vec::new(),
            }));
        }
        if begin.elapsed() > PATIENCE {
            child
                .kill()
                .and_then(|()| child.wait())
                .map_err(|error| error.to_string())?;
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mutations that a row of the table in `tests/README.md` names, with their files.
    fn rows(page: &str) -> Vec<(String, Vec<&str>)> {
        let cells = page.lines().filter_map(|line| {
            let mut cells = line.strip_prefix("| ")?.split(" | ");
            Some((cells.next()?, cells.next()?))
        });
        cells
            .map(|(name, files)| {
                (
                    name.to_owned(),
                    files.split('`').skip(1).step_by(2).collect(),
                )
            })
            .collect()
    }

    /// The files that a patch changes.
    fn patched_files(patch: &str) -> impl Iterator<Item = &str> {
        patch.lines().filter_map(|line| line.strip_prefix("+++ b/"))
    }

    #[test]
    fn every_mutation_has_one_row_with_its_files() {
        let page = fs::read_to_string(workspace::root().join("tests/README.md")).expect("there");
        let rows = rows(&page);
        for mutation in chosen(&[]).expect("readable") {
            let patch = fs::read_to_string(&mutation.patch).expect("readable");
            let files: Vec<&str> = patched_files(&patch).collect();
            let named: Vec<_> = rows
                .iter()
                .filter(|(name, _)| *name == mutation.name)
                .map(|(_, files)| files)
                .collect();
            assert_eq!(named, [&files], "{} in tests/README.md", mutation.name);
        }
    }
}
