//! `cargo mapi demo`: everything from a manifest and some logic to messages that have arrived.

mod build;
mod crate_files;
mod folder;
mod mail;
pub(crate) mod table;
mod wrapped;

use std::env;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) use self::crate_files::checkout;
pub(crate) use self::folder::Folder;
use self::mail::Mail;
use crate::failure::Failure;
use crate::output;

/// The exit code of a program that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

/// Generate a provider, build it, load it and synchronise mail with it
///
/// Takes the manifest and the logic of the example that synchronises two Maildirs, makes a crate from them in a
/// fresh folder, builds it with cargo, loads the library in a host that plays Outlook, and synchronises the
/// example's messages.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cargo mapi demo
  cargo mapi demo --dir ~/first-provider
  cargo mapi demo --release --keep
  cargo mapi demo --wrapped")]
pub(crate) struct Args {
    /// Use this folder, which must be empty or not exist yet, and keep it
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Keep the folder
    #[arg(long)]
    keep: bool,
    /// Build with optimisations
    #[arg(long)]
    release: bool,
    /// Show a wrapped store: the mail goes into Outlook's own store, played by a simulation of its PST provider
    #[arg(long)]
    wrapped: bool,
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let interrupted = listen();
    let folder = Folder::create(args.dir.as_deref(), args.keep)?;
    let result = if args.wrapped {
        wrapped::show(&folder, args.release)
    } else {
        show(&folder, args.release)
    };
    if interrupted.load(Ordering::Relaxed) {
        return Err(Failure::Exit {
            code: INTERRUPTED,
            sentence: "cancelled".to_owned(),
        });
    }
    result?;
    match folder.kept() {
        Some(path) => say(&format!("\nAll of it is in {}", path.display())),
        None => say("
With --keep the folder stays, so you can look around in it."),
    }
}

/// Whether Ctrl-C has been pressed. It ends the program that is running, cargo or the host; this one then
/// cleans up.
fn listen() -> Arc<AtomicBool> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let handler = Arc::clone(&interrupted);
    // If there can be no handler, Ctrl-C ends this program at once, as usual.
    let _ = ctrlc::set_handler(move || handler.store(true, Ordering::Relaxed));
    interrupted
}

fn show(folder: &Folder, release: bool) -> Result<(), Failure> {
    let crate_folder = folder.path().join("provider");
    heading(
        1,
        &format!("A provider crate in {}", crate_folder.display()),
    )?;
    let checkout = checkout();
    for line in crate_files::write(&crate_folder, checkout.as_deref())? {
        say(&format!("   {line}"))?;
    }

    heading(
        2,
        if release {
            "cargo build --release"
        } else {
            "cargo build"
        },
    )?;
    let built = build::build(&crate_folder, checkout.as_deref(), release)?;
    let library = folder.adopt(&built.library)?;
    say(&format!("   {built}"))?;

    let mail = Mail::create(folder.path())?;
    heading(
        3,
        &format!(
            "Send/Receive with {} messages on the server, none here",
            mail.on_the_server()?
        ),
    )?;
    synchronise(folder, &library, &mail)?;

    heading(4, "Changes on both sides, and Send/Receive again")?;
    for line in mail.change()? {
        say(&format!("   {line}"))?;
    }
    synchronise(folder, &library, &mail)?;

    heading(5, "What arrived")?;
    output::say(&table::of(&mail.arrived()?, table_width()))?;
    say(&format!("\n   {}", mail.verdict()?))
}

/// Runs the library as `cargo mapi host sync` does, which shows what happens.
fn synchronise(folder: &Folder, library: &Path, mail: &Mail) -> Result<(), Failure> {
    let program = env::current_exe()
        .map_err(|error| Failure::new(format!("can't find this program: {error}")))?;
    let setting = |name: &str, path: &Path| format!("{name}={}", path.display());
    let status = Command::new(program)
        .args(["host", "sync"])
        .arg(library)
        .args(["--set", &setting("server", mail.server())])
        .args(["--set", &setting("local", mail.local())])
        .arg("--profile")
        .arg(folder.path().join("profile"))
        .arg("--on-demand")
        .status()
        .map_err(|error| Failure::new(format!("can't start the host: {error}")))?;
    // It has already said what went wrong.
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new("the demo ends here: Send/Receive failed"))
    }
}

fn heading(number: usize, text: &str) -> Result<(), Failure> {
    let text = format!("{number}. {text}");
    let gap = if number == 1 { "" } else { "\n" };
    match is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()) {
        true => say(&format!("{gap}\x1b[1m{text}\x1b[0m")),
        false => say(&format!("{gap}{text}")),
    }
}

fn say(line: &str) -> Result<(), Failure> {
    output::say(&format!("{line}\n"))
}

fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// How wide a table may be: a terminal's narrowest usual width; a file has no edge.
fn table_width() -> Option<usize> {
    is_terminal().then_some(80)
}
