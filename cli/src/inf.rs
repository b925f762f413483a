//! `cargo mapi inf`: the provider's part of `mapisvc.inf`.

use std::path::PathBuf;

use mapi_provider_codegen::{emit, manifest};

use crate::{failure::Failure, output};

/// Write the provider's part of mapisvc.inf
///
/// The file is in the ANSI code page of Western Windows and has Windows line endings.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cargo mapi inf provider.toml
  cargo mapi inf provider.toml --output mapisvc.inf")]
pub(crate) struct Args {
    /// The manifest, usually `provider.toml`
    file: PathBuf,
    /// Write to this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let shown = args.file.display().to_string();
    let project =
        manifest::load_file(&args.file, &shown).map_err(|error| Failure::loading(&shown, error))?;
    let inf = emit::inf::emit(&project.provider);
    output::windows_text(args.output.as_deref(), &inf)
}
