//! A Wine that stays awake between the programs it runs.

use std::fs;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::arch::Arch;
use crate::{command, workspace};

/// Keeps Wine's server running.
///
/// Debian's ends with its last program. One that begins at this moment connects to a server that is about to be gone:
/// "wine client error:0: recvmsg: Connection reset by peer", exit code 1, and no test has run. While this value lives,
/// so does a program that only waits, and the server never sees a last one.
#[must_use = "Wine stays awake as long as this lives"]
pub(crate) struct Awake {
    waiting: Child,
}

impl Awake {
    /// Starts the program that waits, and returns when it runs.
    pub(crate) fn keep(arch: Arch) -> Result<Self, String> {
        let program = compile(arch)?;
        let mut wine = Command::new(arch.runner()?);
        wine.arg(&program)
            .env("WINEDEBUG", "-all")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut waiting = wine
            .spawn()
            .map_err(|error| format!("can't keep Wine awake: {error}"))?;
        let mut first = [0];
        if let Some(told) = &mut waiting.stdout {
            // Nothing is told if it could not start. The tests then say why.
            let _ = told.read(&mut first);
        }
        Ok(Self { waiting })
    }
}

impl Drop for Awake {
    fn drop(&mut self) {
        // The program sees the end of its input.
        drop(self.waiting.stdin.take());
        let _ = self.waiting.wait();
    }
}

/// Compiles it once for each architecture.
fn compile(arch: Arch) -> Result<PathBuf, String> {
    let folder = Arch::target_dir().join("awake").join(arch.name());
    let program = folder.join("awake.exe");
    if program.is_file() {
        return Ok(program);
    }
    fs::create_dir_all(&folder)
        .map_err(|error| format!("can't make {}: {error}", folder.display()))?;
    // Another stage may be at it too: each takes a name of its own, and then that of all.
    let own = folder.join(format!("awake-{}.exe", std::process::id()));
    let mut compiler = Command::new(arch.mingw("gcc"));
    compiler
        .args(["-static", "-O1", "-Wall", "-o"])
        .arg(&own)
        .arg(workspace::root().join("xtask/src/windows/awake.c"));
    command::run(&mut compiler)?;
    fs::rename(&own, &program)
        .map_err(|error| format!("can't write {}: {error}", program.display()))?;
    Ok(program)
}
