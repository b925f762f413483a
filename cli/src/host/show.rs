//! `cargo mapi host show`: the folders and messages of a store, as Outlook would show them.

use std::path::PathBuf;

use mapi_provider_host::outlook::configure;
use mapi_provider_host::{Host, InnerLibrary, Profile, ProviderLibrary};

use self::content::Content;
use super::wrapped::{StoreArgs, Wrapped};
use super::{locate, settings};
use crate::failure::Failure;
use crate::output;

mod content;

/// Show the folders and messages of a store, as Outlook would
///
/// Logs on, asks the store for its tables, and logs off. Before that it can do what its user might: the next
/// `cargo mapi host sync` then has something to send.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cargo mapi host show . --profile contoso.profile
  cargo mapi host show . --profile contoso.profile --read 'Lunch on Friday?' --json")]
pub(crate) struct Args {
    /// A provider's library, its crate's folder, or its `provider.toml`; a crate is built first
    provider: PathBuf,

    /// Set one of the provider's settings; may be given many times
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,

    /// The file that the profile is kept in
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,

    #[command(flatten)]
    wrapped: StoreArgs,

    /// Mark the message of this subject as read first; may be given many times
    #[arg(long, value_name = "SUBJECT")]
    read: Vec<String>,

    /// Flag the message of this subject first; may be given many times
    #[arg(long, value_name = "SUBJECT")]
    flag: Vec<String>,

    /// Move the message of this subject to the deleted items first; may be given many times
    #[arg(long, value_name = "SUBJECT")]
    delete: Vec<String>,

    /// Build the crate with optimisations
    #[arg(long)]
    release: bool,

    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let path = locate::library(&args.provider, args.release)?;
    let library = ProviderLibrary::load(&path).map_err(said)?;
    let text = library.manifest().map(str::to_owned);
    let wrapped = Wrapped::of(
        &args.wrapped,
        &path,
        text.as_deref(),
        args.profile.as_deref(),
        || locate::simulated_pst(&args.provider, args.release),
    )?;
    let mut settings = settings::resolve(&args.set, text.as_deref()).map_err(Failure::new)?;
    settings.extend(wrapped.store.clone());
    let inner = wrapped.inner.as_ref().map(InnerLibrary::load).transpose();
    let _inner = inner.map_err(said)?;
    let profile = match &args.profile {
        Some(path) => Profile::open(path).map_err(said)?,
        None => Profile::in_memory(),
    };
    let host = Host::new(library, profile).map_err(said)?;
    configure(&host, &settings).map_err(said)?;
    let shown = show(args, &host);
    let report = host.finish();
    output::print(shown?.as_bytes())?;
    if report.is_clean() {
        Ok(())
    } else {
        Err(Failure::new(report.lines().join("\n")))
    }
}

fn show(args: &Args, host: &Host) -> Result<String, Failure> {
    let provider = host.init().map_err(said)?;
    let shown = provider.logon().map_err(said).and_then(|store| {
        let shown = content(args, &store);
        store.logoff();
        shown
    });
    let shut_down = provider.shutdown().map_err(said);
    let content = shown?;
    shut_down?;
    Ok(if args.json {
        format!("{}\n", content.to_json())
    } else {
        content.to_text()
    })
}

fn content(args: &Args, store: &mapi_provider_host::Store) -> Result<Content, Failure> {
    let client = store.client();
    for (subjects, act) in [
        (&args.read, content::read as content::Act),
        (&args.flag, content::flag),
        (&args.delete, content::delete),
    ] {
        for subject in subjects {
            if !content::with_message(&client, subject, act).map_err(said)? {
                return Err(Failure::new(format!("there is no message `{subject}`")));
            }
        }
    }
    Content::of(&client).map_err(said)
}

fn said(error: impl std::fmt::Display) -> Failure {
    Failure::new(error.to_string())
}
