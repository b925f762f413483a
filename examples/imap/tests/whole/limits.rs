//! Many messages and large ones, in a process that has little memory.
//!
//! `IMAP_TEST_MESSAGES=20000` is the long form, with a message of 100 MB. Fewer and smaller ones show the same, since what grows
//! with them would be seen.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::account::{Server, Session};
use crate::dovecot::WHOLE;

/// What tells the program that it is the process with little memory: the folder of its profile, and its server's port.
const PLACE: &str = "IMAP_TEST_LIMITED_PLACE";
const PORT: &str = "IMAP_TEST_LIMITED_PORT";
/// What comes before the peak that it tells.
const PEAK: &str = "peak: ";

const MIB: u64 = 1 << 20;

/// A run in a process with so many bytes of addresses. Answers how much memory it had at most.
fn run_with(limit: u64, place: &Path, server: &Server) -> u64 {
    let output = Command::new("sh")
        .args([
            "-c",
            &format!("ulimit -v {} && exec \"$0\" \"$@\"", limit / 1024),
        ])
        .arg(env::current_exe().expect("a test knows where it is"))
        .args(["--exact", "limits::the_process_with_little_memory"])
        .args(["--nocapture", "--test-threads=1"])
        .env(PLACE, place)
        .env(PORT, server.port.to_string())
        // Each thread may have a heap of its own, of 64 MB of addresses that nobody uses.
        .env("MALLOC_ARENA_MAX", "2")
        .stdin(Stdio::null())
        .output()
        .expect("this program can be started");
    let text = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}\n{complaint}");
    let peak = text
        .split_once(PEAK)
        .and_then(|(_, rest)| rest.lines().next());
    peak.and_then(|peak| peak.parse().ok())
        .unwrap_or_else(|| panic!("it does not say its peak: {text}"))
}

/// Not a test of its own: what [`run_with`] starts.
#[test]
fn the_process_with_little_memory() {
    let Some(place) = env::var_os(PLACE) else {
        return;
    };
    let port = env::var(PORT).expect("told").parse().expect("a port");
    let session = Session::open(Path::new(&place), port, "alice", "secret");
    session.synchronise();
    session.close();
    let status = std::fs::read_to_string("/proc/self/status").expect("readable");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = line.and_then(|line| line.trim().strip_suffix(" kB"));
    let peak: u64 = peak.and_then(|peak| peak.parse().ok()).expect("a number");
    println!("{PEAK}{}", peak * 1024);
}

fn messages() -> usize {
    let told = env::var("IMAP_TEST_MESSAGES").ok();
    told.map_or(2_000, |told| told.parse().expect("a number"))
}

#[test]
fn twoway_25_many_messages_take_no_more_memory_than_few() {
    let Some(server) = Server::own(WHOLE) else {
        return;
    };
    let place = tempfile::tempdir().expect("a folder");
    server.client().open("INBOX");
    let text = "x".repeat(70);
    server
        .own
        .as_ref()
        .expect("its own")
        .fill(messages(), |name| {
            format!("Message-ID: <{name}@example.org>\r\nSubject: {name}\r\n\r\n{text}\r\n")
        });
    let first = run_with(500 * MIB, place.path(), &server);
    let idle = run_with(500 * MIB, place.path(), &server);
    eprintln!("{} messages: {first} bytes, then {idle}", messages());
    assert!(first < 120 * MIB, "{first}");
    assert!(idle < 80 * MIB, "{idle}");
    let session = Session::at(place.path(), &server);
    session.synchronise();
    let count = session.folder("Inbox").messages().count();
    assert_eq!(count.expect("readable"), messages());
    session.close();
}

/// How many octets the large message has, as it is sent: a hundred million and some more in the long form.
fn large_size() -> u64 {
    let is_long = env::var_os("IMAP_TEST_MESSAGES").is_some();
    MIB * if is_long { 100 } else { 20 }
}

/// A letter with a large file.
fn large(size: u64) -> Vec<u8> {
    let line = format!("{}\r\n", "QUJD".repeat(18));
    let file = line.repeat(size as usize / line.len());
    let head = "Message-ID: <large@example.org>\r\nSubject: large\r\nMIME-Version: 1.0\r\n\
        Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nThere is a file.\r\n\
        --x\r\nContent-Type: application/octet-stream; name=\"large.bin\"\r\n\
        Content-Disposition: attachment; filename=\"large.bin\"\r\nContent-Transfer-Encoding: base64\r\n\r\n";
    format!("{head}{file}--x--\r\n").into_bytes()
}

#[test]
fn twoway_25_a_large_message_comes_and_goes_with_a_limit_on_memory() {
    let Some(server) = Server::own(WHOLE) else {
        return;
    };
    let place = tempfile::tempdir().expect("a folder");
    let wanted = large_size();
    let content = large(wanted);
    // It is held whole, and read and put together from there.
    let (addresses, memory) = (400 * MIB + 5 * wanted, 60 * MIB + 4 * wanted);
    server.client().put("INBOX", &content, "");
    let down = run_with(addresses, place.path(), &server);
    let session = Session::at(place.path(), &server);
    session.synchronise();
    session.edit("Inbox", "large", "There still is a file.");
    session.close();
    let up = run_with(addresses, place.path(), &server);
    eprintln!("{wanted} octets: {down} bytes down, {up} up");
    let mut client = server.client();
    let uid = client.uid("INBOX", "large");
    let size = client.say(&format!("UID FETCH {uid} RFC822.SIZE"));
    let size = String::from_utf8_lossy(&size).into_owned();
    let size = size.split("RFC822.SIZE ").nth(1);
    let size = size.and_then(|rest| rest.split([')', ' ']).next());
    let size: u64 = size.and_then(|size| size.parse().ok()).expect("a size");
    assert!(size > wanted / 100 * 96, "{size}");
    assert!(down < memory, "{down}");
    assert!(up < memory, "{up}");
}
