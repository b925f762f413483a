//! Our side: the IMAP provider's library in a process of its own, with the host as its MAPI.

use std::env;
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use mapi_provider::abi::{MSG_SERVICE_CONFIGURE, MSG_SERVICE_CREATE};
use mapi_provider_host::{
    Host, Profile, ProgressCallback, Property, ProviderLibrary, Status, Store, SyncRequest,
};

use crate::taken::{Taken, peak_of};

/// No run takes that long.
const PATIENCE: Duration = Duration::from_secs(600);

/// A process that has the provider, and an account in a store of its own.
pub(crate) struct Provider {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Provider {
    pub(crate) fn start(port: u16, path: &Path) -> Result<Self, Box<dyn Error>> {
        let mut child = Command::new(env::current_exe()?)
            .arg("provider")
            .arg(port.to_string())
            .arg(path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let lines = child.stdout.take().ok_or("no output")?;
        Ok(Self {
            child,
            lines: BufReader::new(lines),
        })
    }

    pub(crate) fn run(&mut self) -> Result<Taken, Box<dyn Error>> {
        let orders = self.child.stdin.as_mut().ok_or("no input")?;
        writeln!(orders, "run")?;
        let mut line = String::new();
        self.lines.read_line(&mut line)?;
        Taken::from_line(&line)
    }

    pub(crate) fn end(mut self) -> Result<(), Box<dyn Error>> {
        drop(self.child.stdin.take());
        let status = self.child.wait()?;
        match status.success() {
            true => Ok(()),
            false => Err(format!("the provider's process: {status}").into()),
        }
    }
}

/// What this program does when it is called as the provider's process: a run for each line that it reads.
pub(crate) fn serve(port: &str, path: &str) -> Result<(), Box<dyn Error>> {
    let library = ProviderLibrary::load(built("imap32")?)?;
    let host = Host::new(library, Profile::in_memory())?;
    host.service(MSG_SERVICE_CREATE, &[])?;
    // The IDs of its provider.toml, and PR_PROFILE_OFFLINE_STORE_PATH.
    let settings = [
        Property::with_id(0x6601, "127.0.0.1"),
        Property::with_id(0x6602, port.parse::<i32>()?),
        Property::with_id(0x6603, "none"),
        Property::with_id(0x6604, "alice"),
        Property::with_id(0x67f0, "secret"),
        Property::with_id(0x6610, path),
    ];
    host.service(MSG_SERVICE_CONFIGURE, &settings)?;
    let provider = host.init()?;
    let store = provider.logon()?;
    for line in std::io::stdin().lines() {
        line?;
        println!("{}", synchronize(&host, &store)?.to_line());
    }
    store.logoff();
    Ok(provider.shutdown()?)
}

/// From the request to `Done`.
fn synchronize(host: &Host, store: &Store) -> Result<Taken, Box<dyn Error>> {
    let callback = host.callback(ProgressCallback::builder());
    let (began, processor) = (Instant::now(), ProcessTime::now());
    let run = store.synchronize(&SyncRequest::default().callback(&callback));
    if !run.wait(PATIENCE) {
        return Err("the run does not end".into());
    }
    let (clock, processor) = (began.elapsed(), processor.elapsed());
    match callback.results()[..] {
        [Status(code)] if code.is_ok() => {}
        ref results => return Err(format!("the run has failed: {results:?}").into()),
    }
    Ok(Taken {
        processor: processor.as_nanos() as f64,
        clock: clock.as_nanos() as f64,
        memory: peak_of("self").ok_or("the system does not tell the peak")?,
    })
}

/// A library that cargo has built for this program.
fn built(library: &str) -> Result<PathBuf, Box<dyn Error>> {
    let program = env::current_exe()?;
    let folder = program.parent().ok_or("the program is nowhere")?;
    Ok(folder.join(format!("deps/{DLL_PREFIX}{library}{DLL_SUFFIX}")))
}
