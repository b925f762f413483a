//! A process of its own for what may crash, hang or print: seen from the one that has started it, and from itself.
//!
//! On standard input it is given a line to make a [`Seal`] of, and then its orders. On standard output it tells, under that
//! seal. What is printed there or on standard error comes along, whoever prints it.

use std::io::{self, BufRead, Read, Write};
use std::process::{ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Duration;

use crate::channel::{self, Heard, Seal, Teller};

/// So much may wait to be looked at: who prints faster waits, and does not fill the memory.
const MOST_WAITING: usize = 64;

/// A process that was started, and what is heard of it. It goes on when this is dropped.
#[derive(Debug)]
pub struct Child<H> {
    process: std::process::Child,
    /// `None` once it has had its last.
    orders: Option<ChildStdin>,
    heard: Receiver<H>,
}

impl<H: Send + 'static> Child<H> {
    /// Starts the process. `hear` makes of what is heard what the caller wants to know; it is given `None` when both
    /// outputs have ended, which another process may put off that the child has started. What else the caller wants to
    /// hear, such as Ctrl-C, it sends itself.
    ///
    /// # Errors
    ///
    /// The process can't be started.
    pub fn start(
        mut command: Command,
        hear: fn(Option<Heard>) -> H,
    ) -> io::Result<(Self, SyncSender<H>)> {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let missing = || io::Error::other("a pipe is missing");
        let mut orders = process.stdin.take().ok_or_else(missing)?;
        let stdout = process.stdout.take().ok_or_else(missing)?;
        let stderr = process.stderr.take().ok_or_else(missing)?;
        let seal = Seal::new();
        // A process that has gone says so by its end; here and below.
        let _ = orders.write_all(seal.introduction().as_bytes());
        let (sender, heard) = sync_channel(MOST_WAITING);
        listen(stdout, stderr, seal, hear, &sender);
        let child = Self {
            process,
            orders: Some(orders),
            heard,
        };
        Ok((child, sender))
    }

    /// Gives the process a line.
    pub fn give(&mut self, order: &str) {
        if let Some(orders) = &mut self.orders {
            let _ = writeln!(orders, "{order}").and_then(|()| orders.flush());
        }
    }

    /// Gives the process its last orders, of any length, on a thread of their own: it may not read them.
    pub fn give_last(&mut self, last: Vec<u8>) {
        if let Some(mut orders) = self.orders.take() {
            thread::spawn(move || {
                let _ = orders.write_all(&last);
            });
        }
    }

    /// What is heard next.
    ///
    /// # Errors
    ///
    /// Nothing was heard for so long, or nothing more can be.
    pub fn next(&self, longest: Duration) -> Result<H, RecvTimeoutError> {
        self.heard.recv_timeout(longest)
    }

    /// How the process has ended, if it has.
    ///
    /// # Errors
    ///
    /// The system doesn't tell.
    pub fn try_wait(&mut self) -> io::Result<Option<ExitStatus>> {
        self.process.try_wait()
    }

    /// Waits for the end of a process that is given nothing more.
    ///
    /// # Errors
    ///
    /// The system doesn't tell.
    pub fn wait(mut self) -> io::Result<ExitStatus> {
        drop(self.orders);
        self.process.wait()
    }

    /// Ends the process, whatever it is doing.
    pub fn kill(mut self) {
        // It may just have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Listens to both outputs, each on a thread of its own, until both have ended or nobody wants to hear more.
fn listen<H: Send + 'static>(
    stdout: impl Read + Send + 'static,
    stderr: impl Read + Send + 'static,
    seal: Seal,
    hear: fn(Option<Heard>) -> H,
    sender: &SyncSender<H>,
) {
    let errors = sender.clone();
    let errors = thread::spawn(move || {
        channel::listen(stderr, None, |heard| errors.send(hear(Some(heard))).is_ok());
    });
    let sender = sender.clone();
    thread::spawn(move || {
        channel::listen(stdout, Some(&seal), |heard| {
            sender.send(hear(Some(heard))).is_ok()
        });
        let _ = errors.join();
        let _ = sender.send(hear(None));
    });
}

/// In the child: what tells the process that has started it. Reads the seal; the orders are the lines that follow.
///
/// # Errors
///
/// There is no seal: no process of ours has started this one.
pub fn teller(orders: &mut impl BufRead) -> io::Result<Teller> {
    let seal = Seal::read(orders)?;
    Ok(Teller::new(seal, Box::new(io::stdout())))
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    /// What tells this program that it is the child.
    const CHILD: &str = "MAPI_TEST_CHILD";

    /// More than any of this takes.
    const SOON: Duration = Duration::from_secs(60);

    /// The body of the child: answers an order, prints, and ends with its input.
    #[test]
    fn the_child() {
        if env::var_os(CHILD).is_none() {
            return;
        }
        let mut orders = io::stdin().lock();
        let mut teller = teller(&mut orders).expect("a seal");
        let mut order = String::new();
        orders.read_line(&mut order).expect("a pipe");
        teller.tell(order.trim_end()).expect("a pipe");
        println!("\nprinted");
        orders.read_to_string(&mut order).expect("a pipe");
        teller.tell(&order).expect("a pipe");
    }

    fn start() -> Child<Option<Heard>> {
        let mut command = Command::new(env::current_exe().expect("a test knows where it is"));
        command
            .args([
                "child::tests::the_child",
                "--exact",
                "--nocapture",
                "--test-threads=1",
            ])
            .env(CHILD, "1");
        Child::start(command, |heard| heard).expect("it starts").0
    }

    /// What is heard up to a text, that included.
    fn heard_until(child: &Child<Option<Heard>>, last: &Heard) -> Vec<Heard> {
        let mut all = Vec::new();
        while all.last() != Some(last) {
            all.push(child.next(SOON).expect("in time").expect("not the end"));
        }
        all
    }

    #[test]
    fn what_a_child_tells_and_prints_is_heard_until_its_end() {
        let mut child = start();
        child.give("one");
        heard_until(&child, &Heard::Told("one".to_owned()));
        heard_until(&child, &Heard::Printed("printed".into()));
        child.give_last(b"two".to_vec());
        heard_until(&child, &Heard::Told("one\ntwo".to_owned()));
        while child.next(SOON).expect("in time").is_some() {}
        assert!(child.wait().expect("the system tells").success());
    }

    #[test]
    fn a_child_that_waits_can_be_killed() {
        let mut child = start();
        child.give("one");
        heard_until(&child, &Heard::Told("one".to_owned()));
        assert_eq!(child.try_wait().expect("the system tells"), None);
        child.kill();
    }
}
