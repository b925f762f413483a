//! `cargo xtask templates`: does what comes out of the templates work as it comes?
//!
//! For every pair of answers there is a crate that has both. Each is made by the real cargo-generate and by
//! `cargo mapi new`, which must agree, and is formatted, linted, built and tested. A quick run has one crate a template,
//! and does without cargo-generate where it isn't installed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use self::generate::{Makers, Order, files, succeeded};
use self::options::{CHECKOUT, Factor};
use crate::windows::Arch;
use crate::{command, workspace};

mod checks;
mod generate;
mod options;
mod pairs;
mod refusals;

/// The name of the crates. Its id comes before `mapi_provider`, that of the samples after it: rustfmt sorts by it.
const NAME: &str = "contoso-mail";

#[derive(clap::Args)]
pub(crate) struct Args {
    /// One crate a template, with the default answers.
    #[arg(long)]
    quick: bool,
    /// Leave out Windows.
    #[arg(long)]
    no_windows: bool,
    /// Only this template.
    #[arg(long)]
    template: Option<String>,
}

/// Runs `cargo xtask templates`.
pub(crate) fn run(args: &Args) -> Result<(), String> {
    let makers = Makers::ready(args.quick)?;
    let folder = Folder::create()?;
    for template in templates(args.template.as_deref())? {
        refusals::check(&makers, &template, &folder.0)?;
        let mut uids = BTreeSet::new();
        let rows = rows(&template, args.quick)?;
        let count = rows.len();
        for (number, answers) in (1..).zip(&rows) {
            let shown: Vec<String> = answers
                .iter()
                .map(|(name, it)| format!("{name}={it:?}"))
                .collect();
            let title = format!("{template} {number}/{count}: {}", shown.join(" "));
            command::say(&title);
            let case = folder.0.join(&template).join(number.to_string());
            let windows = number == 1 && !args.quick && !args.no_windows;
            try_one(&makers, &template, answers, &case, &mut uids)
                .and_then(|made| check(&made, windows))
                .map_err(|why| format!("{title}: {why}"))?;
        }
    }
    folder.remove();
    Ok(())
}

fn templates(only: Option<&str>) -> Result<Vec<String>, String> {
    let folder = workspace::root().join("templates");
    let entries = folder
        .read_dir()
        .map_err(|error| format!("can't read {}: {error}", folder.display()))?;
    let names = entries.flatten().filter(|entry| entry.path().is_dir());
    let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names
        .filter(|name| only.is_none_or(|only| only == name))
        .collect();
    names.sort();
    match names.is_empty() {
        true => Err("there is no such template".to_owned()),
        false => Ok(names),
    }
}

/// The answers of each crate to make.
fn rows(template: &str, quick: bool) -> Result<Vec<Vec<(String, String)>>, String> {
    let factors = options::read(&workspace::root().join("templates").join(template))?;
    let counts: Vec<usize> = factors.iter().map(|factor| factor.levels.len()).collect();
    let mut rows = pairs::covering(&counts);
    if quick {
        rows.truncate(1);
    }
    let answer =
        |(factor, level): (&Factor, usize)| (factor.name.clone(), factor.levels[level].clone());
    let checkout = (CHECKOUT.to_owned(), workspace::root().display().to_string());
    let answers = |row: Vec<usize>| {
        let answers = factors.iter().zip(row).map(answer);
        answers.chain([checkout.clone()]).collect()
    };
    Ok(rows.into_iter().map(answers).collect())
}

/// Makes a crate with both programs and compares. Gives the folder of cargo-generate's, or of ours where it isn't here.
fn try_one(
    makers: &Makers,
    template: &str,
    answers: &[(String, String)],
    folder: &Path,
    uids: &mut BTreeSet<String>,
) -> Result<PathBuf, String> {
    let [theirs, ours] = ["cargo-generate", "cargo-mapi"].map(|name| folder.join(name));
    for folder in [&theirs, &ours] {
        fs::create_dir_all(folder)
            .map_err(|error| format!("can't make {}: {error}", folder.display()))?;
    }
    let mut order = Order {
        template,
        name: NAME,
        answers,
    };
    let Some(generated) = makers.generate(&order, &theirs)? else {
        succeeded("cargo mapi new", &makers.make(&order, &ours)?)?;
        let made = ours.join(NAME);
        with_uid_of(&made, answers, uids)?;
        return Ok(made);
    };
    succeeded("cargo-generate", &generated)?;
    let made = theirs.join(NAME);
    let answers = with_uid_of(&made, answers, uids)?;
    order.answers = &answers;
    succeeded("cargo mapi new", &makers.make(&order, &ours)?)?;
    compare(&made, &ours.join(NAME))?;
    Ok(made)
}

/// The answers, with the uid of a crate that was asked for a fresh one: it must be one that no other crate has, and is
/// another one each time.
fn with_uid_of(
    made: &Path,
    answers: &[(String, String)],
    uids: &mut BTreeSet<String>,
) -> Result<Vec<(String, String)>, String> {
    let uid = uid_of(made)?;
    let mut answers = answers.to_vec();
    let asked = |(name, answer): &&mut (String, String)| name == "uid" && answer.is_empty();
    for (_, answer) in answers.iter_mut().filter(asked) {
        answer.clone_from(&uid);
        if !is_version_8(&uid) || !uids.insert(uid.clone()) {
            return Err(format!("{uid} is no fresh uid"));
        }
    }
    Ok(answers)
}

fn compare(theirs: &Path, ours: &Path) -> Result<(), String> {
    let (theirs, ours) = (files(theirs)?, files(ours)?);
    let names: BTreeSet<&PathBuf> = theirs.keys().chain(ours.keys()).collect();
    for name in names {
        if theirs.get(name) != ours.get(name) {
            return Err(format!(
                "{} isn't what `cargo mapi new` makes",
                name.display()
            ));
        }
        let text = String::from_utf8_lossy(&theirs[name]);
        if text.contains("{%") || text.replace("${{", "").contains("{{") {
            return Err(format!("{} was not rendered", name.display()));
        }
    }
    Ok(())
}

/// The uid in a crate's manifest.
fn uid_of(folder: &Path) -> Result<String, String> {
    let manifest = fs::read_to_string(folder.join("provider.toml")).unwrap_or_default();
    let uid = manifest.parse::<toml::Table>().ok();
    let uid = uid.and_then(|table| Some(table.get("provider")?.get("uid")?.as_str()?.to_owned()));
    uid.ok_or_else(|| "provider.toml has no uid".to_owned())
}

fn is_version_8(uid: &str) -> bool {
    let groups: Vec<&str> = uid.split('-').collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let digits = |group: &&str| group.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
    lengths == [8, 4, 4, 4, 12]
        && groups.iter().all(digits)
        && groups[2].starts_with('8')
        && groups[3].starts_with(['8', '9', 'a', 'b'])
}

fn check(folder: &Path, windows: bool) -> Result<(), String> {
    // The versions that we are tested with; cargo leaves out what isn't needed.
    let lock = "Cargo.lock";
    fs::copy(workspace::root().join(lock), folder.join(lock))
        .map_err(|error| format!("can't copy {lock}: {error}"))?;
    checks::on_this_machine(folder)?;
    for arch in [Arch::X64, Arch::X86].into_iter().filter(|_| windows) {
        command::say(&format!("the same for {}", arch.target()));
        checks::on_windows(folder, arch)?;
    }
    Ok(())
}

/// A folder outside any workspace. What didn't work stays in it.
struct Folder(PathBuf);

impl Folder {
    fn create() -> Result<Self, String> {
        let folder = std::env::temp_dir().join(format!("mapi-templates-{}", std::process::id()));
        fs::create_dir_all(&folder)
            .map_err(|error| format!("can't make {}: {error}", folder.display()))?;
        command::say(&format!("crates are made in {}", folder.display()));
        Ok(Self(folder))
    }

    fn remove(self) {
        // It lies where temporary files lie.
        let _ = fs::remove_dir_all(self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_has_rows_and_the_first_one_has_the_defaults() {
        for template in templates(None).expect("there") {
            let all = rows(&template, false).expect("right");
            assert!(all.len() >= 4, "{template}: {}", all.len());
            assert_eq!(rows(&template, true).expect("right")[..], all[..1]);
            assert!(
                all[0].contains(&("uid".to_owned(), String::new())),
                "{:?}",
                all[0]
            );
        }
    }

    #[test]
    fn uids_are_told_from_other_texts() {
        assert!(is_version_8("b2eb2aa7-92bf-8e9a-81f3-81648fec6192"));
        for other in [
            "",
            "b2eb2aa7-92bf-4e9a-81f3-81648fec6192",
            "b2eb2aa7-92bf-8e9a-c1f3-81648fec6192",
            "B2EB2AA7-92bf-8e9a-81f3-81648fec6192",
            "b2eb2aa792bf8e9a81f381648fec6192",
        ] {
            assert!(!is_version_8(other), "{other}");
        }
    }
}
