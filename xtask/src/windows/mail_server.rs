//! A Dovecot for tests that run on Windows, where there is none. It is on this side, and they reach it by loopback.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::arch::wine_path;
use crate::{command, workspace};

/// What tells tests where the server is; `none` if there is none here.
const PORT: &str = "IMAP_TEST_PORT";
/// And where its certificate is.
const CERTIFICATE: &str = "IMAP_TEST_CERTIFICATE";

/// The users: one for each provider, which are called as their libraries are.
const USERS: [&str; 2] = ["imap32", "imap_wrapped32"];

/// Where Dovecot may be.
const PLACES: [&str; 3] = [
    "/usr/sbin/dovecot",
    "/usr/bin/dovecot",
    "/usr/local/sbin/dovecot",
];

/// A server that ends with this value, or with this program.
pub(super) struct MailServer {
    /// The script that has started it. The server ends when the script's input does, and its folder goes with it.
    start: Child,
}

impl MailServer {
    /// Starts one, and tells the tests. Where there is no Dovecot, they hear that, and skip themselves.
    pub(super) fn start(tests: &mut Command) -> Result<Option<Self>, String> {
        if !PLACES.iter().any(|place| Path::new(place).exists()) {
            command::say(
                "no Dovecot here (Debian: apt-get install dovecot-imapd): no life with a server",
            );
            tests.env(PORT, "none");
            return Ok(None);
        }
        let folder = folder()?;
        let script = workspace::root().join("tests/dovecot/start");
        let mut start = Command::new(script)
            .arg(&folder)
            .envs([("WATCHED", "1"), ("TLS", "1")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("can't start Dovecot: {error}"))?;
        let mut text = String::new();
        let said = start.stdout.take();
        let read = said.map(|mut said| said.read_to_string(&mut text));
        read.transpose().map_err(|error| error.to_string())?;
        let port = text.trim().strip_prefix("port=");
        let port = port.ok_or_else(|| format!("Dovecot does not start: {text}"))?;
        tests.env(PORT, port);
        tests.env(CERTIFICATE, wine_path(&folder.join("cert.pem")));
        Ok(Some(Self { start }))
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        drop(self.start.stdin.take());
        // The script has ended long ago; what waits for the end of its input is another process.
        let _ = self.start.wait();
    }
}

/// A folder of this program's own, with the users. Its path is short, for there are sockets in it.
fn folder() -> Result<PathBuf, String> {
    let folder = std::env::temp_dir().join(format!("dvx{}", std::process::id()));
    let users = USERS.map(|user| format!("{user}:{{PLAIN}}secret::::::\n"));
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(folder.join("users"), users.concat()))
        .map_err(|error| format!("can't make {}: {error}", folder.display()))?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use std::net::TcpStream;
    use std::thread;
    use std::time::Duration;

    use super::*;

    #[test]
    fn tests_are_told_of_a_server_that_ends_when_they_have() {
        let mut tests = Command::new("tests");
        let server = MailServer::start(&mut tests).expect("started where there is one");
        let mut told = tests.get_envs().filter(|(name, _)| *name == PORT);
        let port = told.next().and_then(|(_, port)| port?.to_str());
        let port = port.expect("told");
        let Some(server) = server else {
            assert_eq!(port, "none");
            return;
        };
        let port: u16 = port.parse().expect("a port");
        let is_there = || TcpStream::connect(("127.0.0.1", port)).is_ok();
        assert!(is_there());
        drop(server);
        for _ in 0..1_000 {
            if !is_there() {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("it is still there");
    }
}
