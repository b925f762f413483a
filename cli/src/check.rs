//! `cargo mapi check`: is a manifest right?

use std::path::PathBuf;

use mapi_provider_codegen::{ir::provider::Kind, manifest};

use crate::{failure::Failure, output};

/// Check a provider's manifest; show all that is wrong with it
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The manifest, usually `provider.toml`
    file: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let shown = args.file.display().to_string();
    let provider =
        manifest::load_file(&args.file, &shown).map_err(|error| Failure::loading(&shown, error))?;
    let kind = match provider.kind {
        Kind::Store => "store",
    };
    let settings = match provider.settings.len() {
        0 => "no settings".to_owned(),
        1 => "1 setting".to_owned(),
        count => format!("{count} settings"),
    };
    let (id, name) = (&provider.id, &provider.name);
    output::print(
        format!("{shown}: {name}, a {kind} provider with {settings}, in {id}32.dll\n").as_bytes(),
    )
}
