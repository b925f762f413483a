//! Accounts and letters of tests, and what becomes of them.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use mapi_provider::Secret;
use smtp32::account::{Account, Limits, Security};
use smtp32::client::{self, Fate, Letter, Problem, To, Watch};

/// A password that nobody says by chance.
pub(crate) const PASSWORD: &str = "s3cr3t-w0rd";
pub(crate) const MESSAGE: &[u8] = b"Subject: Hello\r\n\r\nHow are you?\r\n";

/// An account at a server on this computer.
pub(crate) fn account(port: u16, security: Security) -> Account {
    Account {
        address: "ann@example.org".to_owned(),
        name: "Ann".to_owned(),
        server: "localhost".to_owned(),
        port,
        security,
        user: "alice".to_owned(),
        password: Secret::new(PASSWORD.to_owned()),
        authority: None,
        limits: Limits::default(),
    }
}

/// One that has little patience.
pub(crate) fn hasty(port: u16) -> Account {
    let moment = Duration::from_millis(400);
    Account {
        limits: Limits {
            reply: moment,
            verdict: moment,
            last_word: moment,
        },
        ..account(port, Security::None)
    }
}

/// What became of a letter.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) sent: Result<(), Problem>,
    /// Recipient by recipient.
    pub(crate) fates: Vec<Option<Fate>>,
}

impl Outcome {
    pub(crate) fn of(sent: Result<(), Problem>, fates: &[Option<Fate>]) -> Self {
        Self {
            sent,
            fates: fates.to_vec(),
        }
    }

    /// The text of a problem that is one of the network.
    pub(crate) fn network(&self) -> &str {
        match &self.sent {
            Err(Problem::Network(text)) => text,
            other => panic!("it is the network's fault: {other:?}"),
        }
    }
}

pub(crate) fn accepted() -> Option<Fate> {
    Some(Fate::Accepted)
}

pub(crate) fn refused(text: &str) -> Option<Fate> {
    Some(Fate::Refused(text.to_owned()))
}

/// Sends the usual message to these.
pub(crate) fn send(account: &Account, to: &[&str]) -> Outcome {
    send_octets(account, to, MESSAGE)
}

pub(crate) fn send_octets(account: &Account, to: &[&str], octets: &[u8]) -> Outcome {
    send_until(account, to, octets, || false)
}

/// Sends a message that is cancelled when the closure says so.
pub(crate) fn send_until(
    account: &Account,
    to: &[&str],
    octets: &[u8],
    is_cancelled: impl Fn() -> bool,
) -> Outcome {
    let to = to.iter().map(|address| To {
        address,
        report_delivery: false,
    });
    let letter = Letter {
        id: "1@example.org",
        from: &account.address,
        to: to.collect(),
        octets,
    };
    send_letter(account, &letter, is_cancelled)
}

pub(crate) fn send_letter(
    account: &Account,
    letter: &Letter<'_>,
    is_cancelled: impl Fn() -> bool,
) -> Outcome {
    let watcher = Watcher {
        is_cancelled,
        fates: RefCell::new(vec![None; letter.to.len()]),
    };
    let sent = client::send(account, letter, &watcher);
    Outcome {
        sent,
        fates: watcher.fates.into_inner(),
    }
}

struct Watcher<C> {
    is_cancelled: C,
    fates: RefCell<Vec<Option<Fate>>>,
}

impl<C: Fn() -> bool> Watch for Watcher<C> {
    fn is_cancelled(&self) -> bool {
        (self.is_cancelled)()
    }

    fn became(&self, index: usize, fate: Fate) {
        let mut fates = self.fates.borrow_mut();
        assert_eq!(fates[index], None, "it is told once");
        fates[index] = Some(fate);
    }
}

/// Waits until something is so; it fails after a time in which it has to be.
pub(crate) fn until(what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
