//! `cargo xtask templates`: do crates from the template work without changes?
//!
//! For every pair of answers there is a crate that has both. Each is made by the real cargo-generate and by
//! `cargo mapi new`, which must agree, and is formatted, linted, built and tested; a mailbox shows the mail that the README
//! promises. A quick run makes one crate of each kind, and does without cargo-generate if it isn't installed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use self::generate::{Makers, Order, files, succeeded};
use self::options::{CHECKOUT, Factor};
use crate::windows::Arch;
use crate::{command, workspace};

mod checks;
mod first_minute;
mod generate;
mod options;
mod pairs;
mod refusals;

/// The name of the crates. Its id comes before `mapi_provider`, that of the samples after it: rustfmt sorts by it.
const NAME: &str = "contoso-mail";

/// The template, from the workspace's root.
const TEMPLATE: &str = "templates/provider";

/// The option that makes the greatest difference.
const KIND: &str = "kind";

/// The kind that shows mail out of the box.
const MAILBOX: &str = "store";

/// Answers by the names of their options.
type Answers = Vec<(String, String)>;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// One crate of each kind, with the default answers; on Windows too only with `--kind`.
    #[arg(long)]
    quick: bool,
    /// Leave out Windows.
    #[arg(long)]
    no_windows: bool,
    /// Only crates of this kind.
    #[arg(long)]
    kind: Option<String>,
}

/// Runs `cargo xtask templates`.
pub(crate) fn run(args: &Args) -> Result<(), String> {
    let mut rows = rows(args.quick)?;
    rows.retain(|row| args.kind.as_deref().is_none_or(|kind| kind == kind_of(row)));
    if rows.is_empty() {
        return Err("there is no such kind".to_owned());
    }
    let makers = Makers::ready(args.quick)?;
    let folder = Folder::create()?;
    refusals::check(&makers, &folder.0)?;
    let (mut uids, mut kinds) = (BTreeSet::new(), BTreeSet::new());
    let count = rows.len();
    for (number, answers) in (1..).zip(&rows) {
        let shown: Vec<String> = answers
            .iter()
            .map(|(name, it)| format!("{name}={it:?}"))
            .collect();
        let title = format!("{number}/{count}: {}", shown.join(" "));
        command::say(&title);
        let case = folder.0.join(number.to_string());
        // One of each kind; in a quick run only of a kind that is asked for.
        let is_wanted = !args.no_windows && (!args.quick || args.kind.is_some());
        let windows = kinds.insert(kind_of(answers)) && is_wanted;
        try_one(&makers, answers, &case, &mut uids)
            .and_then(|made| check(&made, &makers, kind_of(answers), windows))
            .map_err(|why| format!("{title}: {why}"))?;
    }
    folder.remove();
    Ok(())
}

fn kind_of(answers: &Answers) -> &str {
    let kind = answers.iter().find(|(name, _)| name == KIND);
    kind.map_or("", |(_, kind)| kind)
}

/// The answers of each crate to make. The first levels are the defaults.
fn rows(quick: bool) -> Result<Vec<Answers>, String> {
    let factors = options::read(&workspace::root().join(TEMPLATE))?;
    let counts: Vec<usize> = factors.iter().map(|factor| factor.levels.len()).collect();
    let rows = if quick {
        let kind = factors.iter().position(|factor| factor.name == KIND);
        let kind = kind.ok_or_else(|| format!("the template doesn't ask for the {KIND}"))?;
        let row = |level| {
            let mut row = vec![0; counts.len()];
            row[kind] = level;
            row
        };
        (0..counts[kind]).map(row).collect()
    } else {
        pairs::covering(&counts)
    };
    let answer =
        |(factor, level): (&Factor, usize)| (factor.name.clone(), factor.levels[level].clone());
    let checkout = (CHECKOUT.to_owned(), workspace::root().display().to_string());
    let answers = |row: Vec<usize>| {
        let answers = factors.iter().zip(row).map(answer);
        answers.chain([checkout.clone()]).collect()
    };
    Ok(rows.into_iter().map(answers).collect())
}

/// Makes a crate with both programs and compares. Returns the folder of cargo-generate's, or of ours if it isn't
/// installed.
fn try_one(
    makers: &Makers,
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

/// The answers, with the uid of a crate that was asked for a fresh one: it must be unique, and is different each time.
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
            return Err(format!("{uid} is not a fresh uid"));
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

fn check(folder: &Path, makers: &Makers, kind: &str, windows: bool) -> Result<(), String> {
    // The versions that we are tested with; cargo drops what isn't needed.
    let lock = "Cargo.lock";
    fs::copy(workspace::root().join(lock), folder.join(lock))
        .map_err(|error| format!("can't copy {lock}: {error}"))?;
    checks::on_this_machine(folder)?;
    let has_mail = kind == MAILBOX;
    if has_mail {
        command::say("its first minute");
        first_minute::on_this_machine(makers.cargo_mapi(), folder)?;
    }
    for arch in [Arch::X64, Arch::X86].into_iter().filter(|_| windows) {
        command::say(&format!("the same for {}", arch.target()));
        checks::on_windows(folder, arch)?;
        if has_mail {
            first_minute::on_windows(folder, arch)?;
        }
    }
    Ok(())
}

/// A folder outside any workspace. Crates that failed stay in it.
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
        // It is among temporary files.
        let _ = fs::remove_dir_all(self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_rows_and_a_quick_run_has_the_defaults_of_each_kind() {
        let (all, quick) = (rows(false).expect("right"), rows(true).expect("right"));
        assert!(all.len() >= 4, "{}", all.len());
        assert_eq!(all[0], quick[0]);
        let kinds: Vec<&str> = quick.iter().map(kind_of).collect();
        assert_eq!(
            kinds,
            [
                "store",
                "wrapped-store",
                "store-object",
                "transport",
                "address-book"
            ]
        );
        for row in &quick {
            assert!(row.contains(&("uid".to_owned(), String::new())), "{row:?}");
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
