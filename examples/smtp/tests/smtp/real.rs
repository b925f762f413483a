//! Dovecot's submission service, which passes mail on to Postfix's `smtp-sink`: both on this computer, without root.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use smtp32::account::{Account, Security};
use smtp32::client::{Fate, Letter, Problem, To};
use tempfile::TempDir;

use crate::rig::{Outcome, accepted, account, send, send_letter, until};

const TO: [&str; 2] = ["a@example.org", "b@example.org"];

/// What may be installed where.
fn found(places: &[&str]) -> Option<PathBuf> {
    let mut places = places.iter().map(PathBuf::from);
    places.find(|place| place.exists())
}

/// Both servers, and where the second one puts what it gets.
struct Servers {
    dir: TempDir,
    sink: Child,
    port: u16,
}

impl Servers {
    /// None where they are not installed.
    fn start(settings: &[(&str, &str)], sink_options: &[&str]) -> Option<Self> {
        let dovecot = found(&[
            "/usr/lib/dovecot/submission",
            "/usr/libexec/dovecot/submission",
        ]);
        let sink = found(&["/usr/sbin/smtp-sink", "/usr/bin/smtp-sink"]);
        let (Some(_), Some(sink)) = (dovecot, sink) else {
            eprintln!(
                "skipped: there is no Dovecot with submission, or no Postfix here (Debian: apt-get install \
                 dovecot-submissiond postfix)"
            );
            return None;
        };
        let dir = tempfile::Builder::new()
            .prefix("dv")
            .tempdir_in("/tmp")
            .expect("writable");
        // The servers are another user than root, and that one writes here.
        let opened = Command::new("chmod").arg("777").arg(dir.path()).status();
        assert!(opened.expect("chmod is there").success());
        let (sink, relay) = start_sink(&sink, dir.path(), sink_options);
        let output = Command::new(script("start"))
            .arg(dir.path().join("dovecot"))
            .env("RELAY", relay.to_string())
            .envs(settings.iter().copied())
            .output()
            .expect("bash is there");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let port = text
            .lines()
            .find_map(|line| line.strip_prefix("submission="));
        let port = port.and_then(|port| port.parse().ok());
        let port =
            port.unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)));
        Some(Self { dir, sink, port })
    }

    fn account(&self, security: Security) -> Account {
        let mut account = account(self.port, security);
        account.password = mapi_provider::Secret::new("secret".to_owned());
        account
    }

    fn certificate(&self) -> Vec<u8> {
        fs::read(self.dir.path().join("dovecot/cert.pem")).expect("TLS is on")
    }

    /// What has come to the second server.
    fn arrived(&self) -> Vec<String> {
        let files = fs::read_dir(self.dir.path()).expect("readable");
        let files = files.map(|file| file.expect("readable"));
        let messages = files.filter(|file| file.file_name().to_string_lossy().starts_with("m."));
        messages
            .map(|file| {
                String::from_utf8_lossy(&fs::read(file.path()).expect("there")).into_owned()
            })
            .collect()
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        let stopped = Command::new(script("stop"))
            .arg(self.dir.path().join("dovecot"))
            .status();
        assert!(stopped.expect("bash is there").success());
        let _ = self.sink.kill();
        let _ = self.sink.wait();
    }
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/dovecot")
        .join(name)
}

/// Starts `smtp-sink`, as nobody if this is root. Where it listens.
fn start_sink(program: &Path, dir: &Path, options: &[&str]) -> (Child, u16) {
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = free.local_addr().expect("bound").port();
    drop(free);
    let is_root = Command::new("id").arg("-u").output();
    let is_root = is_root.is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    let mut command = match is_root {
        true => {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid", "nobody", "--clear-groups"])
                .arg(program);
            command
        }
        false => Command::new(program),
    };
    command.args(options).arg("-d").arg(dir.join("m."));
    command.args([&*format!("127.0.0.1:{port}"), "10"]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let child = command.spawn().expect("it starts");
    until("smtp-sink listens", || {
        TcpStream::connect(("127.0.0.1", port)).is_ok()
    });
    (child, port)
}

#[test]
fn a_message_goes_through_a_real_server_with_and_without_tls() {
    let cases: [(&[(&str, &str)], Security); 3] = [
        (&[], Security::None),
        (&[("TLS", "1")], Security::StartTls),
        (&[("TLS", "tls")], Security::Tls),
    ];
    for (settings, security) in cases {
        let Some(servers) = Servers::start(settings, &[]) else {
            return;
        };
        let mut account = servers.account(security);
        if security != Security::None {
            let outcome = send(&account, &TO);
            assert!(outcome.network().contains("no safe connection"));
            account.authority = Some(servers.certificate());
        }
        let to = TO.map(|address| To {
            address,
            report_delivery: true,
        });
        let octets = b"Subject: Hello\r\n\r\n.\r\nHow are you?\r\n..\r\n";
        let letter = Letter {
            id: "1@example.org",
            from: "ann@example.org",
            to: to.to_vec(),
            octets,
        };
        let outcome = send_letter(&account, &letter, || false);
        assert_eq!(
            outcome,
            Outcome::of(Ok(()), &[accepted(), accepted()]),
            "{security:?}"
        );
        let arrived = servers.arrived();
        let [message] = arrived.as_slice() else {
            panic!("one message: {arrived:?}");
        };
        // It writes lines as they end here.
        let message = message.replace('\r', "");
        assert!(
            message.ends_with("Subject: Hello\n\n.\nHow are you?\n..\n\n"),
            "{message}"
        );
        for address in TO {
            assert!(message.contains(address), "{message}");
        }
    }
}

#[test]
fn a_real_server_refuses_a_wrong_password() {
    let Some(servers) = Servers::start(&[], &[]) else {
        return;
    };
    let mut account = servers.account(Security::None);
    account.password = mapi_provider::Secret::new("wrong".to_owned());
    let outcome = send(&account, &TO);
    let Err(Problem::LockedOut(text)) = &outcome.sent else {
        panic!("{outcome:?}");
    };
    assert!(text.starts_with("535 "), "{text}");
    assert!(servers.arrived().is_empty());
}

#[test]
fn what_a_real_server_refuses_comes_back() {
    for command in ["RCPT", "DATA", "."] {
        let Some(servers) = Servers::start(&[], &["-f", command]) else {
            return;
        };
        let outcome = send(&servers.account(Security::None), &TO);
        assert_eq!(outcome.sent, Ok(()), "{command}");
        let is_refused = |fate: &Option<_>| matches!(fate, Some(Fate::Refused(_)));
        assert!(
            outcome.fates.iter().all(is_refused),
            "{command}: {outcome:?}"
        );
    }
}

#[test]
fn whom_a_real_server_does_not_take_now_is_left() {
    for command in ["RCPT", "."] {
        let Some(servers) = Servers::start(&[], &["-r", command]) else {
            return;
        };
        let outcome = send(&servers.account(Security::None), &TO);
        let is_later = matches!(outcome.sent, Err(Problem::Later(_)));
        assert!(is_later, "{command}: {outcome:?}");
        assert_eq!(outcome.fates, [None, None], "{command}");
    }
}
