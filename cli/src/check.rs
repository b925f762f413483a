//! `cargo mapi check`: is a manifest right?

mod json;

use std::path::PathBuf;

use mapi_provider_codegen::{
    diag::printable,
    ir::provider::{Kind, Project},
    manifest::{self, LoadError},
};

use crate::{failure::Failure, output};

/// Check a provider's manifest; show everything that is wrong with it
///
/// If the manifest is in a crate, the name of its library is checked too: MAPI looks for the id with 32 at the
/// end.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cargo mapi check provider.toml
  cargo mapi check provider.toml --json | jq '.diagnostics[].code'")]
pub(crate) struct Args {
    /// The manifest, usually `provider.toml`
    file: PathBuf,
    /// Print what was found as a JSON object
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let shown = args.file.display().to_string();
    let library = manifest::library_beside(&args.file);
    let loaded = manifest::load_file_of(&args.file, &shown, library.as_deref());
    if args.json {
        return tell_programs(&shown, loaded);
    }
    let project = loaded.map_err(|error| Failure::loading(&shown, error))?;
    output::say(&summary(&shown, &project))
}

fn tell_programs(shown: &str, loaded: Result<Project, LoadError>) -> Result<(), Failure> {
    let (found, result) = match loaded {
        Ok(project) => (json::of_project(shown, &project), Ok(())),
        Err(LoadError::Wrong(report)) => {
            let sentence = Failure::count_of(&report, shown);
            (json::of_report(shown, &report), Err(Failure::new(sentence)))
        }
        Err(unreadable) => return Err(Failure::loading(shown, unreadable)),
    };
    output::json(&found)?;
    result
}

fn summary(shown: &str, project: &Project) -> String {
    let provider = &project.provider;
    let kinds = provider.kinds().into_iter();
    let kinds: Vec<String> = kinds
        .map(|kind| {
            let article = if kind == Kind::AddressBook { "an" } else { "a" };
            format!("{article} {}", kind_word(kind).replace('-', " "))
        })
        .collect();
    let what = match kinds.as_slice() {
        [kind] => format!("{kind} provider"),
        kinds => kinds.join(" and "),
    };
    let settings = counted(provider.settings.len(), "setting").unwrap_or("no settings".into());
    let interfaces = counted(project.interfaces.count(), "interface of its own");
    let interfaces = interfaces.map(|count| format!(" and {count}"));
    let (id, name) = (&provider.id, &provider.name);
    let shown = printable(shown);
    format!(
        "{shown}: {name}, {what} with {settings}{}, in {id}32.dll\n",
        interfaces.unwrap_or_default()
    )
}

/// A kind, as in the manifest.
fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Store => "store",
        Kind::WrappedStore => "wrapped-store",
        Kind::Transport => "transport",
        Kind::AddressBook => "address-book",
    }
}

/// A number of things in words; nothing if there are none.
fn counted(count: usize, what: &str) -> Option<String> {
    let (first, rest) = what.split_once(' ').unwrap_or((what, ""));
    let plural = if count == 1 { "" } else { "s" };
    (count > 0).then(|| {
        format!("{count} {first}{plural} {rest}")
            .trim_end()
            .to_owned()
    })
}
