//! The other side: `mbsync`, of the package isync.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::taken::{Taken, has_ended, peak_of, processor_time_of};

/// How often it is looked at: what it has grown by in the last moment is not seen.
const MOMENT: Duration = Duration::from_millis(1);

pub(crate) struct Mbsync {
    place: PathBuf,
}

impl Mbsync {
    pub(crate) fn new(place: &Path) -> Result<Self, Box<dyn Error>> {
        let found = Command::new("mbsync").arg("--version").output();
        found.map_err(|_| "there is no mbsync here (Debian: apt-get install isync)")?;
        let place = place.join("mbsync");
        fs::create_dir(&place)?;
        Ok(Self { place })
    }

    fn config(&self) -> PathBuf {
        self.place.join("config")
    }

    fn maildirs(&self) -> PathBuf {
        self.place.join("mail")
    }

    pub(crate) fn configure(&self, port: u16) -> Result<(), Box<dyn Error>> {
        let path = self.maildirs();
        let path = path.display();
        let text = format!(
            "IMAPStore far
Host 127.0.0.1
Port {port}
User alice
Pass secret
SSLType None
AuthMechs LOGIN

MaildirStore near
Path {path}/
Inbox {path}/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Expunge Both
SyncState *
"
        );
        Ok(fs::write(self.config(), text)?)
    }

    /// The next run is the first one again.
    pub(crate) fn forget(&self) -> Result<(), Box<dyn Error>> {
        if self.maildirs().exists() {
            fs::remove_dir_all(self.maildirs())?;
        }
        Ok(fs::create_dir(self.maildirs())?)
    }

    pub(crate) fn run(&self) -> Result<Taken, Box<dyn Error>> {
        let began = Instant::now();
        let mut child = Command::new("mbsync")
            .args(["--quiet", "--all", "--config"])
            .arg(self.config())
            .stdin(Stdio::null())
            .spawn()?;
        let process = child.id().to_string();
        let mut memory = 0;
        while !has_ended(&process) {
            memory = peak_of(&process).unwrap_or(memory);
            thread::sleep(MOMENT);
        }
        let clock = began.elapsed().as_nanos() as f64;
        let processor = processor_time_of(&process).ok_or("the system does not tell the time")?;
        let status = child.wait()?;
        if !status.success() {
            return Err(format!("mbsync: {status}").into());
        }
        Ok(Taken {
            processor,
            clock,
            memory,
        })
    }

    /// All messages have come.
    pub(crate) fn check(&self, messages: usize) -> Result<(), Box<dyn Error>> {
        let mut count = 0;
        for folder in ["cur", "new"] {
            count += fs::read_dir(self.maildirs().join("INBOX").join(folder))?.count();
        }
        match count == messages {
            true => Ok(()),
            false => Err(format!("mbsync has brought {count} messages").into()),
        }
    }
}
