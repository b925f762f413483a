//! A Dovecot of a test's own.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};

use tempfile::TempDir;

/// How a server is to be.
pub(crate) type Setting = (&'static str, &'static str);

/// All extensions but some are taken away.
pub(crate) const BARE: Setting = ("EXTRA", "imap_capability = IMAP4rev1");
pub(crate) const NO_UIDPLUS: Setting = (
    "EXTRA",
    "imap_capability = IMAP4rev1 SASL-IR LIST-STATUS LIST-EXTENDED SPECIAL-USE CONDSTORE MOVE LITERAL+",
);
pub(crate) const NO_CONDSTORE: Setting = (
    "EXTRA",
    "imap_capability = IMAP4rev1 SASL-IR LIST-STATUS LIST-EXTENDED SPECIAL-USE UIDPLUS MOVE LITERAL+",
);
pub(crate) const NO_MOVE: Setting = (
    "EXTRA",
    "imap_capability = IMAP4rev1 SASL-IR LIST-STATUS LIST-EXTENDED SPECIAL-USE UIDPLUS CONDSTORE LITERAL+",
);
/// As it comes.
pub(crate) const WHOLE: Setting = ("PATH_IS", "");

pub(crate) struct Dovecot {
    dir: TempDir,
    /// What the server ends with, however this program ends.
    life: Option<ChildStdin>,
    settings: Vec<Setting>,
    pub(crate) port: u16,
}

fn script(name: &str) -> PathBuf {
    let places = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors();
    let mut scripts = places.map(|place| place.join("tests/dovecot").join(name));
    let script = scripts.find(|script| script.exists());
    script.unwrap_or_else(|| panic!("there is no script {name}"))
}

impl Dovecot {
    /// A server; none where there is no Dovecot.
    pub(crate) fn start(settings: &[Setting]) -> Option<Self> {
        let places = [
            "/usr/sbin/dovecot",
            "/usr/bin/dovecot",
            "/usr/local/sbin/dovecot",
        ];
        if !places.iter().any(|place| Path::new(place).exists()) {
            eprintln!("skipped: there is no Dovecot here (Debian: apt-get install dovecot-imapd)");
            return None;
        }
        let dir = tempfile::Builder::new()
            .prefix("dv")
            .tempdir_in("/tmp")
            .expect("writable");
        // The server is another user than root.
        let opened = Command::new("chmod").arg("755").arg(dir.path()).status();
        assert!(opened.expect("chmod is there").success());
        let mut server = Self {
            dir,
            life: None,
            settings: settings.to_vec(),
            port: 0,
        };
        server.start_again();
        Some(server)
    }

    /// Starts what was stopped, at the same port.
    pub(crate) fn start_again(&mut self) {
        let mut start = Command::new(script("start"));
        start
            .arg(self.dir.path())
            .env("WATCHED", "1")
            .envs(self.settings.iter().copied());
        if self.port != 0 {
            start.env("PORT", self.port.to_string());
        }
        let start = start.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = start.spawn().expect("bash is there");
        self.life = child.stdin.take();
        let mut text = String::new();
        let mut said = child.stdout.take().expect("piped");
        said.read_to_string(&mut text).expect("readable");
        child.wait().expect("it has ended");
        let port = text.trim().strip_prefix("port=");
        let port = port.and_then(|port| port.parse().ok());
        self.port = port.unwrap_or_else(|| panic!("it does not start: {text}"));
    }

    pub(crate) fn kill(&self) {
        self.killer()();
    }

    /// What ends the server as a crash does.
    pub(crate) fn killer(&self) -> impl FnOnce() + Send + 'static {
        let dir = self.dir.path().to_owned();
        move || {
            let done = Command::new(script("stop")).arg("-9").arg(dir).status();
            assert!(done.expect("bash is there").success());
        }
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Puts many messages into the Inbox, as a delivery would. Somebody must have logged on before.
    pub(crate) fn fill(&self, count: usize, mail: impl Fn(&str) -> String) {
        let folder = self.file("mail/alice/Maildir/cur");
        for number in 0..count {
            let mail = mail(&format!("m{number}"));
            let name = format!("{}.M{number}.test:2,", 1_700_000_000 + number);
            fs::write(folder.join(name), mail.replace("\r\n", "\n")).expect("writable");
        }
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.file("log")).expect("there")
    }

    pub(crate) fn set_password(&self, password: &str) {
        fs::write(
            self.file("users"),
            format!("alice:{{PLAIN}}{password}::::::\n"),
        )
        .expect("writable");
    }

    /// What an administrator does.
    pub(crate) fn doveadm(&self, arguments: &[&str]) {
        self.administrator()(arguments);
    }

    /// Who does so while the server is in use.
    pub(crate) fn administrator(&self) -> impl Fn(&[&str]) + 'static {
        let dir = self.dir.path().to_owned();
        move |arguments| {
            let mut command = Command::new(script("admin"));
            let done = command.arg(&dir).args(arguments).output();
            let done = done.expect("bash is there");
            let errors = String::from_utf8_lossy(&done.stderr);
            assert!(done.status.success(), "{arguments:?}: {errors}");
        }
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        self.kill();
    }
}
