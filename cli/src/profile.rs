//! `cargo mapi profile`: services in the profiles of this user, through the MAPI that is installed. The runtime does it,
//! as it does for the exports of a provider's DLL.

mod values;

use std::path::{Path, PathBuf};

use mapi_provider::profile::{AddOptions, ProfileError, Profiles, ServiceSpec, ServiceUid};
use mapi_provider_codegen::emit;
use mapi_provider_host::untrusted::Untrusted;

use self::values::Values;
use crate::assign::specs;
use crate::failure::Failure;
use crate::install::{helped, load};
use crate::output;

/// Put a provider's service into a profile of Outlook's, with its settings
///
/// This works on Windows, through the MAPI that is installed, for the user who runs it. Outlook should not run meanwhile.
/// If something can't be done, it says so, and the profile is as it was, unless it says otherwise.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cargo mapi profile list
  cargo mapi profile add provider.toml Outlook --set server=mail.example.org --set-stdin password
  cargo mapi profile remove provider.toml Outlook
  cargo mapi help profile add")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    List(ListArgs),
    Create(CreateArgs),
    Add(AddArgs),
    Configure(ConfigureArgs),
    Remove(RemoveArgs),
    Prf(PrfArgs),
}

/// List the profiles of this user, or the services of one
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cargo mapi profile list
  cargo mapi profile list Outlook")]
struct ListArgs {
    /// A profile: its services are listed, with the uid of each
    profile: Option<String>,
}

/// Make an empty profile
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  cargo mapi profile create Contoso")]
struct CreateArgs {
    /// Its name
    profile: String,
}

/// Add the provider's service to a profile; one that is there already is configured
///
/// A service that can't be configured is taken out again, and so is a profile that was made for it. The provider must be
/// installed: MAPI reads in mapisvc.inf where its DLL is.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cargo mapi profile add provider.toml Outlook --set server=mail.example.org --set-stdin password
  cargo mapi profile add contoso32.dll Contoso --create --set-env password=CONTOSO_PASSWORD")]
struct AddArgs {
    #[command(flatten)]
    place: Place,

    #[command(flatten)]
    values: Values,

    /// Make the profile, if there is none of the name
    #[arg(long)]
    create: bool,

    /// Add the service even if the profile already has it
    #[arg(long)]
    another: bool,
}

/// Give the provider's service in a profile other settings: all of them or none
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  cargo mapi profile configure provider.toml Outlook --set port=993")]
struct ConfigureArgs {
    #[command(flatten)]
    place: Place,

    #[command(flatten)]
    values: Values,

    #[command(flatten)]
    which: Which,
}

/// Remove the provider's service from a profile, with everything it has there
#[derive(clap::Args)]
#[command(after_help = "\
Example:
  cargo mapi profile remove provider.toml Outlook")]
struct RemoveArgs {
    #[command(flatten)]
    place: Place,

    #[command(flatten)]
    which: Which,
}

/// Write a profile file (.prf) that an administrator can have Outlook import
///
/// It names every setting with its property, and has the values that the manifest has. It needs no MAPI.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cargo mapi profile prf provider.toml
  cargo mapi profile prf provider.toml --output contoso.prf")]
struct PrfArgs {
    /// The manifest, usually `provider.toml`, or the provider's library
    manifest: PathBuf,

    /// Write to this file rather than to standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(clap::Args)]
struct Place {
    /// The manifest, usually `provider.toml`, or the provider's library
    manifest: PathBuf,

    /// The profile
    profile: String,
}

#[derive(clap::Args)]
struct Which {
    /// Which service is meant, if the profile has several: see `cargo mapi profile list PROFILE`
    #[arg(long, value_name = "UID", value_parser = uid)]
    uid: Option<ServiceUid>,
}

fn uid(text: &str) -> Result<ServiceUid, String> {
    ServiceUid::parse(text).ok_or_else(|| "it is not 32 hexadecimal digits".to_owned())
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    match &args.command {
        Command::List(args) => list(args.profile.as_deref()),
        Command::Create(args) => {
            open()?.create(&args.profile).map_err(failure)?;
            output::say(&format!("the profile {} is made\n", args.profile))
        }
        Command::Add(args) => add(args),
        Command::Configure(args) => configure(args),
        Command::Remove(args) => remove(args),
        Command::Prf(args) => prf(args),
    }
}

fn list(profile: Option<&str>) -> Result<(), Failure> {
    let profiles = open()?;
    let mut text = String::new();
    match profile {
        None => {
            for row in profiles.list().map_err(failure)? {
                let default = if row.is_default { "  (default)" } else { "" };
                text.push_str(&format!("{}{default}\n", Untrusted::from(row.name)));
            }
        }
        Some(profile) => {
            for row in profiles.services(profile).map_err(failure)? {
                let [id, name] = [row.id, row.name].map(Untrusted::from);
                text.push_str(&format!("{}  {id}  {name}\n", row.uid));
            }
        }
    }
    output::say(&text)
}

fn add(args: &AddArgs) -> Result<(), Failure> {
    let service = service(&args.place.manifest)?;
    let values = args.values.read(service.settings())?;
    let options = AddOptions {
        create_profile: args.create,
        another: args.another,
    };
    let added = open()?.add(&args.place.profile, &service, &values, options);
    let added = added.map_err(failure)?;
    let done = if added.is_new { "added" } else { "configured" };
    tell(&service, added.uid, done)
}

fn configure(args: &ConfigureArgs) -> Result<(), Failure> {
    let service = service(&args.place.manifest)?;
    let values = args.values.read(service.settings())?;
    let configured = open()?.configure(&args.place.profile, &service, &values, args.which.uid);
    tell(&service, configured.map_err(failure)?, "configured")
}

fn remove(args: &RemoveArgs) -> Result<(), Failure> {
    let service = service(&args.place.manifest)?;
    let removed = open()?.remove(&args.place.profile, &service, args.which.uid);
    tell(&service, removed.map_err(failure)?, "removed")
}

fn prf(args: &PrfArgs) -> Result<(), Failure> {
    let text = emit::prf::emit(&load(&args.manifest)?);
    output::windows_text(args.output.as_deref(), &text)
}

fn open() -> Result<Profiles, Failure> {
    Profiles::open().map_err(failure)
}

fn service(manifest: &Path) -> Result<ServiceSpec, Failure> {
    let provider = load(manifest)?;
    let settings = specs(&provider.settings);
    Ok(ServiceSpec::new(
        &provider.id,
        &provider.name,
        &settings,
        provider.has_file(),
    ))
}

fn tell(service: &ServiceSpec, uid: ServiceUid, done: &str) -> Result<(), Failure> {
    output::say(&format!("{} ({uid}) is {done}\n", service.name()))
}

fn failure(error: ProfileError) -> Failure {
    helped(error.to_string(), &error.help())
}
