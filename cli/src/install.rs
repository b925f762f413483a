//! `cargo mapi install` and `uninstall`: a provider's sections in a `mapisvc.inf`.

use std::path::{Path, PathBuf};

use mapi_provider::install::{
    self, ChangeKind, DllName, InfSection, InstallError, Options, Outcome, Registration, Target,
};
use mapi_provider_codegen::diag::Source;
use mapi_provider_codegen::emit::inf::{self, Section};
use mapi_provider_codegen::ir::provider::Provider;
use mapi_provider_codegen::manifest;
use mapi_provider_host::ProviderLibrary;
use mapi_provider_host::untrusted::is_harmful;

use crate::{failure::Failure, output};

/// Write the provider's sections into a mapisvc.inf
///
/// Whatever else is in the file stays as it is, byte for byte, and installing again changes
/// nothing. The file is replaced in one step; if that is interrupted, the old file remains.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cargo mapi install --inf mapisvc.inf provider.toml
  cargo mapi install --inf mapisvc.inf provider.toml --dll 'C:\\Contoso\\contoso32.dll' --dry-run
  cargo mapi install --inf mapisvc.inf --create target/release/contoso32.dll")]
pub(crate) struct Args {
    /// The manifest, usually `provider.toml`, or the provider's library
    manifest: PathBuf,

    /// The mapisvc.inf, in the folder of the MAPI that Outlook uses
    #[arg(long, value_name = "FILE")]
    inf: PathBuf,

    /// Where the DLL will be, as a full Windows path; by default MAPI looks where Windows
    /// looks for DLLs
    #[arg(long, value_name = "PATH")]
    dll: Option<String>,

    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,

    /// Make the file if there is none
    #[arg(long)]
    create: bool,

    /// Take over sections that another provider has made
    #[arg(long)]
    force: bool,
}

/// Remove the provider's sections from a mapisvc.inf
///
/// Whatever else is in the file stays as it is, byte for byte.
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  cargo mapi uninstall --inf mapisvc.inf provider.toml")]
pub(crate) struct RemovalArgs {
    /// The manifest, usually `provider.toml`, or the provider's library
    manifest: PathBuf,

    /// The mapisvc.inf
    #[arg(long, value_name = "FILE")]
    inf: PathBuf,

    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,

    /// Also remove sections that another provider has made
    #[arg(long)]
    force: bool,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let provider = load(&args.manifest)?;
    let mut registration = registration(&provider, args.force);
    if let Some(path) = &args.dll {
        let dll = DllName::of_file(path, &provider.id)
            .map_err(|error| helped(format!("{path}: {error}"), &error.help()))?;
        registration = registration.with_dll(&dll);
    }
    let options = Options {
        create: args.create,
        dry_run: args.dry_run,
    };
    let target = Target::File(args.inf.clone());
    let outcome = install::install(&target, &registration, options).map_err(|error| {
        let created = matches!(error, InstallError::Missing(_));
        failure(
            &error,
            if created {
                ", or make one with --create"
            } else {
                ""
            },
        )
    })?;
    tell(&outcome, &provider, "is installed", args.dry_run)
}

pub(crate) fn run_removal(args: &RemovalArgs) -> Result<(), Failure> {
    let provider = load(&args.manifest)?;
    let options = Options {
        dry_run: args.dry_run,
        ..Options::default()
    };
    let target = Target::File(args.inf.clone());
    let registration = registration(&provider, args.force);
    let outcome =
        install::uninstall(&target, &registration, options).map_err(|error| failure(&error, ""))?;
    tell(&outcome, &provider, "is uninstalled", args.dry_run)
}

/// The provider of a manifest, or that of the manifest in a library.
pub(crate) fn load(path: &Path) -> Result<Provider, Failure> {
    let shown = path.display().to_string();
    let is_manifest = path.extension().is_some_and(|end| end == "toml");
    if is_manifest || !path.is_file() {
        let project = manifest::load_file(path, &shown);
        return project
            .map(|project| project.provider)
            .map_err(|error| Failure::loading(&shown, error));
    }
    let library = ProviderLibrary::load(path)
        .map_err(|error| helped(error.to_string(), "name its provider.toml instead"))?;
    let text = library.manifest().ok_or_else(|| {
        helped(
            format!("{shown} doesn't contain its manifest"),
            "name its provider.toml instead",
        )
    })?;
    // The manifest in a library was checked when it was built.
    manifest::load(&Source::new(format!("{shown}: provider.toml"), text))
        .map_err(|report| Failure::Mistakes { shown, report })
}

fn registration(provider: &Provider, force: bool) -> Registration {
    let sections = inf::sections(provider);
    let entries: Vec<Vec<(&str, &str)>> = sections.iter().map(entries).collect();
    let borrowed: Vec<InfSection<'_>> = sections
        .iter()
        .zip(&entries)
        .map(|(section, entries)| InfSection {
            name: &section.name,
            entries,
        })
        .collect();
    let registration = Registration::new(&borrowed);
    if force {
        registration.forced()
    } else {
        registration
    }
}

fn entries(section: &Section) -> Vec<(&str, &str)> {
    let entries = section.entries.iter();
    entries
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect()
}

/// Says what has changed, as a list of differences.
fn tell(outcome: &Outcome, provider: &Provider, done: &str, dry_run: bool) -> Result<(), Failure> {
    let Outcome { file, changes } = outcome;
    let (file, name) = (file.display(), &provider.name);
    let mut text = match (changes.is_empty(), dry_run) {
        (true, _) => format!("{file}: nothing to do, {name} {done}\n"),
        (false, true) => format!("{file}: these lines would change\n"),
        (false, false) => format!("{file}: {name} {done}\n"),
    };
    for change in changes {
        let sign = match change.kind {
            ChangeKind::Added => '+',
            ChangeKind::Removed => '-',
        };
        let line = format!("{sign}{:>5}  {}", change.line, visible(&change.text));
        text.push_str(line.trim_end());
        text.push('\n');
    }
    output::say(&text)
}

/// A file may have anything in it; a terminal should not obey it.
fn visible(text: &str) -> String {
    text.replace(|c: char| is_harmful(c) && c != '\t', "\u{FFFD}")
}

/// The failure with its help, and what else can be done about it.
fn failure(error: &InstallError, more: &str) -> Failure {
    let force = if error.is_foreign() { " (--force)" } else { "" };
    let help = format!("{}{more}{force}", error.help());
    helped(visible(&error.to_string()), &help)
}

pub(crate) fn helped(sentence: String, help: &str) -> Failure {
    Failure::new(format!("{sentence}\n  = help: {help}"))
}
