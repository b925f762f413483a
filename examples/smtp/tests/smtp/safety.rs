//! Servers that lie, stop, or say too much; and what is never said to anybody.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use smtp32::account::Security;
use smtp32::client::Problem;

use crate::rig::{
    MESSAGE, Outcome, accepted, account, hasty, refused, send, send_octets, send_until,
};
use crate::scripted::{Act, CERTIFICATE, Scripted, but, ordinary, say};

const TO: [&str; 1] = ["a@example.org"];

/// Does something when a command comes, and else what is usual.
fn acting(begin: &'static str, act: impl Fn() -> Act + Send + Sync + 'static) -> Scripted {
    Scripted::new(move |command| {
        let is_it = match begin {
            "" => command.is_empty(),
            begin => command.starts_with(begin),
        };
        match is_it {
            true => act(),
            false => ordinary(command),
        }
    })
}

/// Where a server may stop.
const STEPS: [&str; 7] = ["", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "."];

#[test]
fn a_server_that_closes_the_connection_leaves_everybody_for_another_try() {
    for step in STEPS {
        let server = acting(step, || Act::Close);
        let outcome = send(&account(server.port, Security::None), &TO);
        outcome.network();
        assert_eq!(outcome.fates, [None], "{step}");
    }
}

#[test]
fn a_server_that_never_answers_is_waited_for_no_longer_than_allowed() {
    for step in STEPS {
        let server = acting(step, || Act::Hang);
        let outcome = send(&hasty(server.port), &TO);
        assert!(outcome.network().contains("in time"), "{step}");
        assert_eq!(outcome.fates, [None], "{step}");
    }
}

#[test]
fn a_server_that_answers_letter_by_letter_gains_no_time() {
    for step in ["", "RCPT"] {
        let server = acting(step, || Act::Repeat("2", Duration::from_millis(50)));
        let outcome = send(&hasty(server.port), &TO);
        outcome.network();
    }
}

#[test]
fn a_server_may_not_say_more_than_there_is_memory_for() {
    for text in ["220-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "220-x\r\n"] {
        let server = acting("", move || Act::Repeat(text, Duration::ZERO));
        let outcome = send(&account(server.port, Security::None), &TO);
        assert!(outcome.network().contains("not SMTP"));
    }
}

#[test]
fn what_is_not_smtp_is_believed_in_nothing() {
    for reply in [
        "* OK IMAP4rev1",
        "25",
        "250+ok",
        "999 ok",
        "250-a\r\n550 b",
        "\u{0}\u{0}\u{0}",
    ] {
        let server = acting("RCPT", move || say(reply));
        let outcome = send(&account(server.port, Security::None), &TO);
        assert!(outcome.network().contains("not SMTP"), "{reply:?}");
        assert_eq!(outcome.fates, [None]);
    }
}

#[test]
fn an_answer_that_nobody_has_asked_for_is_not_taken_for_another() {
    let server = acting("MAIL", || say("250 ok\r\n250 ok\r\n354 go\r\n250 taken"));
    let outcome = send(&account(server.port, Security::None), &TO);
    assert!(outcome.network().contains("not SMTP"));
    assert_eq!(outcome.fates, [None]);
}

#[test]
fn a_cancellation_is_noticed_wherever_the_server_stops() {
    for step in STEPS.into_iter().filter(|step| *step != ".") {
        let stopped = Arc::new(AtomicBool::new(false));
        let reached = stopped.clone();
        let server = acting(step, move || {
            reached.store(true, Ordering::SeqCst);
            Act::Hang
        });
        let account = account(server.port, Security::None);
        let outcome = send_until(&account, &TO, MESSAGE, || stopped.load(Ordering::SeqCst));
        assert_eq!(
            outcome,
            Outcome::of(Err(Problem::Cancelled), &[None]),
            "{step}"
        );
        assert!(server.heard().messages.is_empty());
    }
}

#[test]
fn what_was_sent_before_a_cancellation_is_told() {
    let (sent, cancelled) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicBool::new(false)),
    );
    let (reached, seen) = (sent.clone(), cancelled.clone());
    let server = acting(".", move || {
        reached.store(true, Ordering::SeqCst);
        crate::rig::until("it is asked", || seen.load(Ordering::SeqCst));
        say("250 taken")
    });
    let account = account(server.port, Security::None);
    let outcome = send_until(&account, &TO, MESSAGE, || {
        let is_cancelled = sent.load(Ordering::SeqCst);
        cancelled.fetch_or(is_cancelled, Ordering::SeqCst);
        is_cancelled
    });
    assert_eq!(outcome.fates, [accepted()]);
}

#[test]
fn after_a_cancellation_the_last_word_is_waited_for_a_little() {
    let sent = Arc::new(AtomicBool::new(false));
    let reached = sent.clone();
    let server = acting(".", move || {
        reached.store(true, Ordering::SeqCst);
        Act::Hang
    });
    let mut account = account(server.port, Security::None);
    account.limits.last_word = Duration::from_millis(300);
    let outcome = send_until(&account, &TO, MESSAGE, || sent.load(Ordering::SeqCst));
    outcome.network();
    assert_eq!(outcome.fates, [None]);
}

#[test]
fn a_server_that_can_not_be_trusted_hears_nothing() {
    // It is signed by nobody that this computer knows.
    let tls = Scripted::secure(ordinary);
    let outcome = send(&account(tls.port, Security::Tls), &TO);
    assert!(outcome.network().contains("no safe connection"));
    assert!(tls.heard().commands.is_empty());
    // It is somebody else's.
    let mut elsewhere = account(tls.port, Security::Tls);
    elsewhere.server = "127.0.0.1".to_owned();
    elsewhere.authority = Some(CERTIFICATE.to_vec());
    let outcome = send(&elsewhere, &TO);
    assert!(outcome.network().contains("no safe connection"));
    assert!(tls.heard().commands.is_empty());
    let start_tls = Scripted::new(|command| match command {
        "STARTTLS" => Act::BeginTls("220 go\r\n".to_owned()),
        _ => but(&[("EHLO", "250-test\r\n250 STARTTLS")], command),
    });
    let outcome = send(&account(start_tls.port, Security::StartTls), &TO);
    assert!(outcome.network().contains("no safe connection"));
    assert_only(&start_tls, &["EHLO", "STARTTLS"]);
}

#[test]
fn without_tls_nothing_goes_to_another_computer() {
    let mut account = account(25, Security::None);
    for server in ["mail.example.org", "192.0.2.1", "localhost.example.org"] {
        account.server = server.to_owned();
        let sent = send(&account, &TO).sent;
        assert!(matches!(sent, Err(Problem::LockedOut(_))), "{sent:?}");
    }
}

#[test]
fn who_takes_starttls_out_of_the_list_gets_nothing() {
    for replies in [
        &[][..],
        &[
            ("EHLO", "250-test\r\n250-STARTTLS\r\n250 AUTH PLAIN"),
            ("STARTTLS", "454 not now"),
        ],
    ] {
        let server = Scripted::but(replies);
        let outcome = send(&account(server.port, Security::StartTls), &TO);
        assert!(outcome.network().contains("STARTTLS"));
        assert_only(&server, &["EHLO", "STARTTLS"]);
    }
}

#[test]
fn what_is_said_before_tls_begins_is_not_taken_as_said_under_it() {
    let server = Scripted::new(|command| match command {
        "STARTTLS" => {
            Act::BeginTls("220 go\r\n250-test\r\n250 AUTH PLAIN\r\n235 welcome\r\n".to_owned())
        }
        _ => but(&[("EHLO", "250-test\r\n250 STARTTLS")], command),
    });
    let mut account = account(server.port, Security::StartTls);
    account.authority = Some(CERTIFICATE.to_vec());
    let outcome = send(&account, &TO);
    assert!(outcome.network().contains("before TLS"), "{outcome:?}");
    assert_only(&server, &["EHLO", "STARTTLS"]);
}

#[test]
fn what_could_be_done_before_tls_says_nothing_of_what_can_be_done_under_it() {
    let is_first = AtomicBool::new(true);
    let server = Scripted::new(move |command| match command {
        "STARTTLS" => Act::BeginTls("220 go\r\n".to_owned()),
        _ if command.starts_with("EHLO") && is_first.swap(false, Ordering::SeqCst) => {
            say("250-test\r\n250-STARTTLS\r\n250-SIZE 1\r\n250 AUTH LOGIN")
        }
        _ => ordinary(command),
    });
    let mut account = account(server.port, Security::StartTls);
    account.authority = Some(CERTIFICATE.to_vec());
    assert_eq!(send(&account, &TO).fates, [accepted()]);
    assert!(server.commands("AUTH")[0].starts_with("AUTH PLAIN"));
}

#[test]
fn a_server_that_takes_no_password_gets_none() {
    let server = Scripted::but(&[("EHLO", "250-test\r\n250 AUTH GSSAPI")]);
    let outcome = send(&account(server.port, Security::None), &TO);
    assert!(matches!(outcome.sent, Err(Problem::LockedOut(_))));
    assert_only(&server, &["EHLO"]);
}

#[test]
fn an_address_is_never_a_command() {
    let server = Scripted::but(&[]);
    let account = account(server.port, Security::None);
    let bad = [
        "a@example.org\r\nRCPT TO:<evil@example.org>",
        "a@example.org\nDATA",
        "a@example.org> SIZE=1",
        "\"a b\"@example.org",
        "a(comment)@example.org",
        "a@example.org (comment)",
        "",
    ];
    let outcome = send(&account, &bad);
    assert_eq!(outcome.sent, Ok(()));
    assert!(outcome.fates.iter().all(|fate| {
        matches!(fate, Some(smtp32::client::Fate::Refused(text)) if text.contains("address"))
    }));
    assert_eq!(server.heard().connections, 0, "nobody is asked");
    let outcome = send(&account, &[bad[0], TO[0]]);
    assert_eq!(outcome.sent, Ok(()));
    assert_eq!(outcome.fates[1], accepted());
    assert_eq!(server.commands("RCPT"), ["RCPT TO:<a@example.org>"]);
    let mut evil = account.clone();
    evil.address = "ann@example.org>\r\nRCPT TO:<evil@example.org".to_owned();
    let outcome = send(&evil, &TO);
    assert!(matches!(outcome.sent, Err(Problem::Refused(_))));
    assert_eq!(server.heard().connections, 1);
}

#[test]
fn what_a_server_says_is_one_line_for_people() {
    let server = acting("RCPT", || say("550-no\tsuch\r\n550 user\u{7}\u{1b}[31m"));
    let outcome = send_octets(&account(server.port, Security::None), &TO, MESSAGE);
    assert_eq!(outcome.fates, [refused("550 no such user  [31m")]);
}

fn assert_only(server: &Scripted, words: &[&str]) {
    for command in server.heard().commands {
        let word = command.split(' ').next().unwrap_or_default();
        assert!(words.contains(&word), "{command}");
    }
}
