//! What is said to a server, and what its answers mean.

use smtp32::account::{Account, Security};
use smtp32::client::{Fate, Letter, Problem, To};

use crate::rig::{
    MESSAGE, Outcome, PASSWORD, accepted, account, refused, send, send_letter, send_octets,
};
use crate::scripted::{Act, CERTIFICATE, Scripted, but, ordinary, say};

const THREE: [&str; 3] = ["a@example.org", "b@example.org", "c@example.org"];

fn plain(server: &Scripted) -> Account {
    account(server.port, Security::None)
}

#[test]
fn who_is_refused_keeps_no_one_else_from_being_sent_to() {
    let server = Scripted::but(&[("RCPT TO:<b@", "550 5.1.1 no such user")]);
    let outcome = send(&plain(&server), &THREE);
    let expected = [accepted(), refused("550 5.1.1 no such user"), accepted()];
    assert_eq!(outcome, Outcome::of(Ok(()), &expected));
    let heard = server.heard();
    assert_eq!(heard.messages, [MESSAGE]);
    assert_eq!(
        heard.commands[2..],
        [
            format!("MAIL FROM:<ann@example.org> SIZE={}", MESSAGE.len()),
            "RCPT TO:<a@example.org>".to_owned(),
            "RCPT TO:<b@example.org>".to_owned(),
            "RCPT TO:<c@example.org>".to_owned(),
            "DATA".to_owned(),
            "QUIT".to_owned(),
        ]
    );
}

#[test]
fn who_can_not_be_sent_to_now_is_left_and_the_others_have_it() {
    let server = Scripted::but(&[
        ("RCPT TO:<a@", "452 too many recipients"),
        ("RCPT TO:<b@", "550 no"),
    ]);
    let outcome = send(&plain(&server), &THREE);
    let later = Problem::Later("452 too many recipients".to_owned());
    let expected = [None, refused("550 no"), accepted()];
    assert_eq!(outcome, Outcome::of(Err(later), &expected));
}

#[test]
fn where_nobody_is_left_the_message_is_not_sent() {
    let server = Scripted::but(&[("RCPT", "553 no")]);
    let outcome = send(&plain(&server), &THREE);
    let expected = [refused("553 no"), refused("553 no"), refused("553 no")];
    assert_eq!(outcome, Outcome::of(Ok(()), &expected));
    assert_eq!(server.commands("DATA"), [""; 0]);
}

#[test]
fn what_is_said_to_the_whole_message_is_meant_for_all_who_are_left() {
    let all = |fate: Option<Fate>| [(); 3].map(|()| fate.clone());
    let text = |text: &str| text.to_owned();
    let cases: [(&'static [(&str, &str)], Outcome); 11] = [
        (
            &[("MAIL", "451 busy")],
            Outcome::of(Err(Problem::Later(text("451 busy"))), &all(None)),
        ),
        (
            &[("MAIL", "550 no")],
            Outcome::of(Err(Problem::Refused(text("550 no"))), &all(None)),
        ),
        (
            &[("MAIL", "530 log on")],
            Outcome::of(Err(Problem::LockedOut(text("530 log on"))), &all(None)),
        ),
        (
            &[("RCPT TO:<b", "421 bye")],
            Outcome::of(Err(Problem::Later(text("421 bye"))), &all(None)),
        ),
        (
            &[("DATA", "451 busy")],
            Outcome::of(Err(Problem::Later(text("451 busy"))), &all(None)),
        ),
        (
            &[("DATA", "554 no")],
            Outcome::of(Ok(()), &all(refused("554 no"))),
        ),
        (
            &[(".", "452 full")],
            Outcome::of(Err(Problem::Later(text("452 full"))), &all(None)),
        ),
        (
            &[(".", "554-it is\r\n554 spam")],
            Outcome::of(Ok(()), &all(refused("554 it is spam"))),
        ),
        (
            &[("", "554 not you")],
            Outcome::of(Err(Problem::Later(text("554 not you"))), &all(None)),
        ),
        (
            &[("EHLO", "502 what?")],
            Outcome::of(Err(Problem::Later(text("502 what?"))), &all(None)),
        ),
        (
            // It takes a message that it has not seen.
            &[("DATA", "250 thanks")],
            Outcome::of(
                Err(Problem::Network(text(
                    "the server answers something else: 250 thanks",
                ))),
                &all(None),
            ),
        ),
    ];
    for (replies, expected) in cases {
        let server = Scripted::but(replies);
        assert_eq!(send(&plain(&server), &THREE), expected, "{replies:?}");
    }
}

#[test]
fn who_is_refused_stays_refused_when_the_message_has_to_wait() {
    let server = Scripted::but(&[("RCPT TO:<b@", "550 no"), (".", "451 later")]);
    let outcome = send(&plain(&server), &THREE);
    let later = Problem::Later("451 later".to_owned());
    assert_eq!(
        outcome,
        Outcome::of(Err(later), &[None, refused("550 no"), None])
    );
}

#[test]
fn a_message_arrives_as_it_is() {
    let server = Scripted::but(&[]);
    let mut large = b"Subject: Dots\r\n\r\n.\r\n..\r\n.a\r\n".to_vec();
    large.extend(b"0123456789012345678901234567890123456789\r\n".repeat(20_000));
    let outcome = send_octets(&plain(&server), &THREE, &large);
    assert_eq!(outcome.sent, Ok(()));
    assert_eq!(server.heard().messages, [large]);
}

#[test]
fn lines_end_as_lines_do_whatever_the_message_has() {
    let server = Scripted::but(&[]);
    let hidden = b"Subject: x\r\n\r\na\n.\nMAIL FROM:<evil@example.org>\r.\r\nb";
    let outcome = send_octets(&plain(&server), &["a@example.org"], hidden);
    assert_eq!(outcome.sent, Ok(()));
    let whole = b"Subject: x\r\n\r\na\r\n.\r\nMAIL FROM:<evil@example.org>\r\n.\r\nb\r\n";
    let heard = server.heard();
    assert_eq!(heard.messages, [whole]);
    assert_eq!(server.commands("MAIL").len(), 1);
}

#[test]
fn a_message_that_is_too_large_is_refused_without_being_sent() {
    let server = Scripted::but(&[("EHLO", "250-test\r\n250-AUTH PLAIN\r\n250 SIZE 20")]);
    let outcome = send(&plain(&server), &THREE);
    let text = format!(
        "the message has {} octets, and the server takes 20 at most",
        MESSAGE.len()
    );
    assert_eq!(outcome.sent, Err(Problem::Refused(text)));
    assert_eq!(server.commands("MAIL"), [""; 0]);
}

#[test]
fn letters_that_are_not_ascii_go_to_servers_that_take_them() {
    let to = ["größe@example.org", "b@example.org"];
    let octets = "Subject: Größe\r\n\r\nGröße\r\n".as_bytes();
    let server = Scripted::but(&[]);
    assert_eq!(send_octets(&plain(&server), &to, octets).sent, Ok(()));
    let mail = server.commands("MAIL").remove(0);
    assert!(mail.ends_with(" SMTPUTF8 BODY=8BITMIME"), "{mail}");

    let server = Scripted::but(&[("EHLO", "250-test\r\n250-8BITMIME\r\n250 AUTH PLAIN")]);
    let outcome = send(&plain(&server), &to);
    let text = "the server takes no address with letters that are not ASCII";
    assert_eq!(
        outcome,
        Outcome::of(Ok(()), &[refused(text), accepted()]),
        "the other one gets it"
    );
    let text = text.to_owned();
    let outcome = send_octets(&plain(&server), &to[1..], octets);
    assert_eq!(outcome.sent, Err(Problem::Refused(text)));

    let server = Scripted::but(&[("EHLO", "250-test\r\n250 AUTH PLAIN")]);
    let eight_bits = "Subject: x\r\n\r\nGröße\r\n".as_bytes();
    let outcome = send_octets(&plain(&server), &to[1..], eight_bits);
    let text = "the server takes no message with octets that are not ASCII".to_owned();
    assert_eq!(outcome.sent, Err(Problem::Refused(text)));
}

#[test]
fn who_wants_to_hear_of_a_delivery_asks_a_server_that_tells() {
    let [a, b] =
        [("a+b@example.org", true), ("b@example.org", false)].map(|(address, report)| To {
            address,
            report_delivery: report,
        });
    let letter = |to: &[To<'static>]| Letter {
        id: "a=b@example.org",
        from: "ann@example.org",
        to: to.to_vec(),
        octets: MESSAGE,
    };
    let server = Scripted::but(&[]);
    let outcome = send_letter(&plain(&server), &letter(&[a, b]), || false);
    assert_eq!(outcome.sent, Ok(()));
    let mail = server.commands("MAIL").remove(0);
    assert!(
        mail.ends_with(" RET=HDRS ENVID=a+3Db@example.org"),
        "{mail}"
    );
    assert_eq!(
        server.commands("RCPT"),
        [
            "RCPT TO:<a+b@example.org> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;a+2Bb@example.org",
            "RCPT TO:<b@example.org>",
        ]
    );
    let server = Scripted::but(&[("EHLO", "250-test\r\n250 AUTH PLAIN")]);
    let outcome = send_letter(&plain(&server), &letter(&[a]), || false);
    assert_eq!(outcome.sent, Ok(()));
    assert_eq!(server.commands("RCPT"), ["RCPT TO:<a+b@example.org>"]);
}

#[test]
fn who_has_no_name_does_not_log_on() {
    let server = Scripted::but(&[]);
    let mut account = plain(&server);
    account.user = String::new();
    assert_eq!(send(&account, &THREE).sent, Ok(()));
    assert_eq!(server.commands("AUTH"), [""; 0]);
}

#[test]
fn a_server_that_knows_only_login_is_told_name_and_password_apart() {
    let server = Scripted::but(&[
        ("EHLO", "250-test\r\n250 AUTH LOGIN"),
        ("AUTH LOGIN", "334 VXNlcm5hbWU6"),
        ("YWxpY2U=", "334 UGFzc3dvcmQ6"),
        ("czNjcjN0LXcwcmQ=", "235 welcome"),
    ]);
    assert_eq!(send(&plain(&server), &THREE).sent, Ok(()));
    let heard = server.heard().commands;
    assert_eq!(heard[1..4], ["AUTH LOGIN", "YWxpY2U=", "czNjcjN0LXcwcmQ="]);
}

#[test]
fn a_refused_password_is_told_without_it() {
    // It repeats what it was told, as some do: `\0alice\0s3cr3t-w0rd`.
    let server = Scripted::new(|command| match command.strip_prefix("AUTH PLAIN ") {
        Some(whole) => say(&format!("535 {PASSWORD} or {whole} is wrong")),
        None => ordinary(command),
    });
    let outcome = send(&plain(&server), &THREE);
    let text = "535 … or … is wrong".to_owned();
    assert_eq!(outcome.sent, Err(Problem::LockedOut(text)));
    let server = Scripted::but(&[("AUTH", "454 no time")]);
    let outcome = send(&plain(&server), &THREE);
    assert_eq!(outcome.sent, Err(Problem::Later("454 no time".to_owned())));
}

#[test]
fn mail_goes_under_tls_from_the_first_byte_or_after_starttls() {
    let tls = Scripted::secure(ordinary);
    let start_tls = Scripted::new(|command| match command {
        "STARTTLS" => Act::BeginTls("220 go\r\n".to_owned()),
        _ => but(
            &[("EHLO", "250-test\r\n250-STARTTLS\r\n250 AUTH PLAIN")],
            command,
        ),
    });
    for (server, security) in [(tls, Security::Tls), (start_tls, Security::StartTls)] {
        let mut account = account(server.port, security);
        account.authority = Some(CERTIFICATE.to_vec());
        let outcome = send(&account, &THREE);
        assert_eq!(
            outcome,
            Outcome::of(Ok(()), &[accepted(), accepted(), accepted()]),
            "{security:?}"
        );
        assert_eq!(server.heard().messages, [MESSAGE]);
        assert_eq!(server.commands("AUTH").len(), 1);
    }
}
