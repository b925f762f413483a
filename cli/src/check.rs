//! `cargo mapi check`: is a manifest right?

use std::path::PathBuf;

use mapi_provider_codegen::{ir::provider::Kind, manifest};

use crate::{failure::Failure, output};

/// Check a provider's manifest; show all that is wrong with it
///
/// Where a crate is around it, the name of its library is checked too: MAPI looks for the id with a 32 behind it.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The manifest, usually `provider.toml`
    file: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let shown = args.file.display().to_string();
    let library = manifest::library_beside(&args.file);
    let project = manifest::load_file_of(&args.file, &shown, library.as_deref())
        .map_err(|error| Failure::loading(&shown, error))?;
    let provider = &project.provider;
    let kind = match provider.kind {
        Kind::Store => "store",
        Kind::WrappedStore => "wrapped store",
    };
    let settings = counted(provider.settings.len(), "setting").unwrap_or("no settings".into());
    let interfaces = counted(project.interfaces.count(), "interface of its own");
    let interfaces = interfaces.map(|count| format!(" and {count}"));
    let (id, name) = (&provider.id, &provider.name);
    output::print(
        format!(
            "{shown}: {name}, a {kind} provider with {settings}{}, in {id}32.dll\n",
            interfaces.unwrap_or_default()
        )
        .as_bytes(),
    )
}

/// A number of things in words; none where there are none.
fn counted(count: usize, what: &str) -> Option<String> {
    let (first, rest) = what.split_once(' ').unwrap_or((what, ""));
    let plural = if count == 1 { "" } else { "s" };
    (count > 0).then(|| {
        format!("{count} {first}{plural} {rest}")
            .trim_end()
            .to_owned()
    })
}
