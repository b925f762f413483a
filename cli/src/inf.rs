//! `cargo mapi inf`: the provider's part of `mapisvc.inf`.

use std::{
    io::{self, IsTerminal},
    path::PathBuf,
};

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
    match &args.output {
        Some(path) => output::write(path, &emit::inf::encode(&inf)),
        // A terminal shows text; any other reader wants the file.
        None if io::stdout().is_terminal() => output::say(&inf),
        None => output::print(&emit::inf::encode(&inf)),
    }
}
