//! `cargo mapi expand`: what `provider!` makes of a manifest.

use std::path::{self, PathBuf};

use mapi_provider_codegen::{emit, manifest};

use crate::{failure::Failure, output};

/// Show the code that `provider!` generates from a manifest
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cargo mapi expand provider.toml
  cargo mapi expand provider.toml | less")]
pub(crate) struct Args {
    /// The manifest, usually `provider.toml`
    file: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let shown = args.file.display().to_string();
    // As in the macro, so that the code can be compiled wherever it is put.
    let absolute = path::absolute(&args.file)
        .map_err(|error| Failure::new(format!("can't find {shown}: {error}")))?;
    let project =
        manifest::load_file(&absolute, &shown).map_err(|error| Failure::loading(&shown, error))?;
    let tokens = emit::provider::emit_project(&project, &absolute.to_string_lossy());
    let file = syn::parse2(tokens)
        .map_err(|error| Failure::new(format!("the generator made what is no Rust: {error}")))?;
    output::print(prettyplease::unparse(&file).as_bytes())
}
