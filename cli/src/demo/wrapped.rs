//! The demo of a wrapped store: the mail is in Outlook's own store, which the simulated PST provider plays.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value as Json;

use super::folder::Folder;
use super::mail::{Mail, expected, user_changes, user_subjects};
use super::{build, crate_files, heading, say};
use crate::failure::Failure;

/// The number of lines of Microsoft's sample of a wrapped store, without empty lines and comments.
const SAMPLE_LINES: &str = "2,827";

pub(super) fn show(folder: &Folder, release: bool) -> Result<(), Failure> {
    let Some(checkout) = crate_files::checkout() else {
        return Err(Failure::new(
            "the demo of a wrapped store needs mapi-provider's repository, which has the simulated PST provider: run \
             it there, by `cargo mapi demo --wrapped`",
        ));
    };
    let crate_folder = folder.path().join(crate_files::WRAPPED);
    heading(
        1,
        &format!("A provider crate in {}", crate_folder.display()),
    )?;
    let written = crate_files::write_wrapped(folder.path(), &checkout)?;
    for line in &written.lines {
        say(&format!("   {line}"))?;
    }
    say(&format!(
        "   {} lines in all, {} of them shared with the example of two Maildirs; Microsoft's sample of a wrapped store \
         has {SAMPLE_LINES}",
        written.own + written.shared,
        written.shared
    ))?;

    heading(2, "cargo build, and the simulated PST provider")?;
    let provider = build::build(&crate_folder, Some(&checkout), release)?;
    say(&format!("   {provider}"))?;
    let inner = build::build(&checkout.join("host/mspst"), Some(&checkout), release)?;
    say(&format!("   {inner}"))?;
    let (library, inner) = (
        folder.adopt(&provider.library)?,
        folder.adopt(&inner.library)?,
    );

    heading(3, "Installation")?;
    let mut install = program()?;
    install
        .args(["install", "--create", "--inf"])
        .arg(folder.path().join("mapisvc.inf"))
        .arg(crate_folder.join("provider.toml"));
    carry_out(&mut install, "the provider can't be installed")?;

    let mail = Mail::create(folder.path())?;
    let outlook = Outlook {
        folder: folder.path(),
        library,
        inner,
    };
    heading(
        4,
        &format!(
            "Send/Receive with {} messages on the server, and a new store",
            mail.on_the_server()?
        ),
    )?;
    outlook.synchronise(&mail)?;
    heading(5, "What Outlook shows")?;
    outlook.show(&mail)?;

    heading(6, "Changes on both sides, and Send/Receive again")?;
    outlook.change(&mail)?;
    for line in user_changes().into_iter().chain([mail.receive_late()?]) {
        say(&format!("   {line}"))?;
    }
    outlook.synchronise(&mail)?;
    heading(7, "What Outlook shows now")?;
    outlook.show(&mail)?;
    say(&format!("\n   {}", outlook.verdict(&mail)?))
}

/// What plays Outlook: this program's own commands.
struct Outlook<'a> {
    folder: &'a Path,
    library: PathBuf,
    inner: PathBuf,
}

impl Outlook<'_> {
    /// Runs the library as `cargo mapi host sync` does, which shows what happens.
    fn synchronise(&self, mail: &Mail) -> Result<(), Failure> {
        let mut sync = self.host("sync", mail)?;
        carry_out(sync.arg("--on-demand"), "Send/Receive failed")
    }

    fn show(&self, mail: &Mail) -> Result<(), Failure> {
        carry_out(&mut self.host("show", mail)?, "the store can't be shown")
    }

    /// Does what a user does.
    fn change(&self, mail: &Mail) -> Result<(), Failure> {
        let [read, deleted] = user_subjects();
        let mut show = self.host("show", mail)?;
        show.args(["--read", &read, "--flag", &read, "--delete", &deleted]);
        carry_out(
            show.stdout(Stdio::null()),
            "the store's messages can't be changed",
        )
    }

    /// Whether both sides have the same messages.
    fn verdict(&self, mail: &Mail) -> Result<String, Failure> {
        let mut show = self.host("show", mail)?;
        let output = show.arg("--json").stderr(Stdio::inherit()).output();
        let output = output.map_err(|error| Failure::new(format!("can't start: {error}")))?;
        let shown: Json = serde_json::from_slice(&output.stdout)
            .map_err(|_| Failure::new("the demo ends here: the store can't be shown"))?;
        let here = inbox(&shown).unwrap_or_default();
        let mut there = expected();
        there.sort();
        if here != there || !mail.server_is_right()? {
            return Err(Failure::new(
                "the store and the server don't have what they should have now",
            ));
        }
        let count = there.len();
        Ok(format!(
            "{count} messages in the store, the same {count} on the server, flag by flag."
        ))
    }

    fn host(&self, what: &str, mail: &Mail) -> Result<Command, Failure> {
        let mut command = program()?;
        command
            .args(["host", what])
            .arg(&self.library)
            .arg("--inner")
            .arg(&self.inner)
            .arg("--store")
            .arg(self.folder.join("mail.nst"))
            .arg("--profile")
            .arg(self.folder.join("profile"))
            .args(["--set", &format!("server={}", mail.server().display())]);
        Ok(command)
    }
}

/// The messages in the inbox: ID, and whether it is read and flagged; by ID.
fn inbox(shown: &Json) -> Option<Vec<(String, bool)>> {
    let mut folders = shown.get("folders")?.as_array()?.iter();
    let inbox = folders.find(|folder| folder["name"] == "Inbox")?;
    let messages = inbox.get("messages")?.as_array()?.iter();
    let mut found: Vec<(String, bool)> = messages
        .map(|message| {
            let id = message["message_id"].as_str().unwrap_or_default();
            (
                id.to_owned(),
                message["flagged"] == true && message["unread"] == false,
            )
        })
        .collect();
    found.sort();
    Some(found)
}

fn program() -> Result<Command, Failure> {
    let program = env::current_exe()
        .map_err(|error| Failure::new(format!("can't find this program: {error}")))?;
    Ok(Command::new(program))
}

/// Runs a command of this program, which itself says what goes wrong.
fn carry_out(command: &mut Command, failed: &str) -> Result<(), Failure> {
    let status = command
        .status()
        .map_err(|error| Failure::new(format!("can't start: {error}")))?;
    if status.success() {
        Ok(())
    } else {
        Err(Failure::new(format!("the demo ends here: {failed}")))
    }
}
