//! The servers of these tests.

use std::env;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::dovecot::Dovecot;

/// What tells the program that it is the one that is killed.
const KILLED: &str = "IMAP_TEST_KILLED";

/// Not a test of its own: what the other one starts and kills.
#[test]
fn the_program_that_is_killed() {
    if env::var_os(KILLED).is_none() {
        return;
    }
    let server = Dovecot::start(&[]).expect("there is one");
    println!("port={}", server.port);
    std::io::stdout().flush().expect("somebody listens");
    loop {
        thread::park();
    }
}

#[test]
fn a_server_ends_with_the_program_that_needs_it_however_that_ends() {
    // Where there is none, nobody has to end.
    if Dovecot::start(&[]).is_none() {
        return;
    }
    let mut child = Command::new(env::current_exe().expect("a test knows where it is"))
        .args(["--exact", "servers::the_program_that_is_killed"])
        .args(["--nocapture", "--test-threads=1"])
        .env(KILLED, "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("this program can be started");
    let output = BufReader::new(child.stdout.take().expect("piped"));
    let mut lines = output.lines().map_while(Result::ok);
    // What the test program itself says may stand before it.
    let port = lines.find_map(|line| line.split_once("port=")?.1.parse::<u16>().ok());
    let port = port.expect("it says so");
    let is_there = || TcpStream::connect(("127.0.0.1", port)).is_ok();
    assert!(is_there());
    child.kill().expect("killed");
    child.wait().expect("it has ended");
    for _ in 0..1_000 {
        if !is_there() {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("the server is still there");
}
