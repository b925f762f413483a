//! `cargo mapi host send`: what Outlook's Outbox does with a message.

mod carry_out;
mod outcome;

use std::fs;
use std::path::{PathBuf, absolute};
use std::time::Duration;

use mapi_provider_host::abi::SyncFlags;
use mapi_provider_host::untrusted::Untrusted;

pub(super) use self::carry_out::carry_out;
use self::outcome::Outcome;
use super::drive::{Command, drive};
use super::edit::eml;
use super::protocol::{Job, Message, Outgoing, Task};
use super::sync::seconds;
use super::tally::Tally;
use super::{locate, settings, wrapped};
use crate::failure::Failure;
use crate::output;

/// Send a message through a transport, as Outlook's Outbox does
///
/// Logs on to the transport, submits the message once, and logs off. A message that has to wait stays in the Outbox,
/// and so is gone here. Who it is from is the transport's to say; a Bcc in the file is a recipient whom the others don't
/// see.
#[derive(clap::Args)]
#[command(after_help = "\
JSON:
  status, ok, seconds   what SubmitMessage has answered, and how long it took
  retry_after           in how many seconds the Outbox is to try again, or null
  recipients[]          line, name, address, outcome, text
                        outcome is taken, delivered, refused or left
  spooler               saves, reports, yields, critical_error, status_row

Examples:
  cargo mapi host send . hello.eml --set server=mail.example.org
  cargo mapi host send . hello.eml --profile contoso.profile --to ann@example.org
  cargo mapi host send target/debug/libcontoso32.so hello.eml --json")]
pub(crate) struct Args {
    /// A provider's library, its crate's folder, or its `provider.toml`; a crate is built first
    provider: PathBuf,

    /// A file with the message: Internet mail
    file: PathBuf,

    /// Send it to this address, and not to those in the file; may be repeated
    #[arg(long, value_name = "ADDRESS")]
    to: Vec<String>,

    /// Set one of the provider's settings; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,

    /// Keep the profile, with its settings, in a file; secrets are not written to it
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,

    /// Cancel the message after this many seconds
    #[arg(long, value_name = "SECS", default_value = "600", value_parser = seconds)]
    timeout: Duration,

    /// Build the crate with optimisations
    #[arg(long)]
    release: bool,

    /// Print what became of it as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let outgoing = outgoing(args)?;
    let built = locate::library(&args.provider, args.release, None)?;
    let mut send = Send {
        args,
        outgoing,
        outcome: Outcome::default(),
        tally: Tally::default(),
    };
    let end = drive(&built.library, args.timeout, &mut send)?;
    let Send { outcome, tally, .. } = send;
    if tally.is_shown() {
        match args.json {
            true => output::json(&outcome.to_json())?,
            false => output::say(&outcome.to_text())?,
        }
    }
    tally.verdict(&end)?;
    outcome.verdict()
}

/// The message of the arguments. Whatever is wrong with the file is told before anything is built.
fn outgoing(args: &Args) -> Result<Outgoing, Failure> {
    let wrong = |text: String| Failure::new(format!("{}: {text}", args.file.display()));
    let octets = fs::read(&args.file).map_err(|error| wrong(error.to_string()))?;
    eml::check(&octets).map_err(wrong)?;
    let outgoing = Outgoing {
        file: absolute(&args.file).map_err(|error| wrong(error.to_string()))?,
        to: args.to.clone(),
    };
    let mail = carry_out::mail(&octets, &outgoing.to).map_err(wrong)?;
    match mail.recipients.is_empty() {
        true => Err(wrong("it is to nobody: say `--to ADDRESS`".to_owned())),
        false => Ok(outgoing),
    }
}

/// One message.
struct Send<'a> {
    args: &'a Args,
    outgoing: Outgoing,
    outcome: Outcome,
    tally: Tally,
}

impl Command for Send<'_> {
    fn job(&mut self, manifest: Option<&str>) -> Result<Job, Failure> {
        let args = self.args;
        if manifest.is_some_and(wrapped::lacks_transport) {
            return Err(Failure::new(
                "the provider has no transport: nothing can be sent through it",
            ));
        }
        let profile = args.profile.as_ref().map(absolute).transpose();
        Ok(Job {
            flags: SyncFlags::empty(),
            settings: settings::resolve(&args.set, manifest).map_err(Failure::new)?,
            profile: profile.map_err(|error| Failure::new(format!("`--profile`: {error}")))?,
            timeout: args.timeout,
            inner: None,
            pst: None,
            task: Task::Send(self.outgoing.clone()),
        })
    }

    fn hear(&mut self, message: &Message) -> Result<(), Failure> {
        self.tally.note(message);
        self.outcome.take(message);
        Ok(())
    }

    fn printed(&mut self, line: &Untrusted) {
        eprintln!("{line}");
    }
}
