//! Passwords, certificates, and servers that mean harm.

use std::cell::Cell;
use std::time::{Duration, Instant};

use imap32::server::{ImapServer, Security};
use mapi_provider::Secret;
use mapi_provider_twoway::{Monitor, Remote, Report, Silent, Stop, Trouble};

use crate::client::Client;
use crate::dovecot::{Dovecot, WHOLE};
use crate::proxy::Proxy;
use crate::scripted::{Scripted, described, ordinary};
use crate::world::{Local, World, account, mail};

/// How a connection ended that must not come about.
fn refused(server: &ImapServer) -> Stop {
    match server.connect(&Silent) {
        Ok(_) => panic!("it is connected"),
        Err(Trouble::Stop(stop)) => stop,
        Err(Trouble::Item(failure)) => panic!("{failure}"),
    }
}

#[test]
fn twoway_24_without_tls_a_password_goes_to_this_computer_only() {
    for (name, is_here) in [
        ("127.0.0.1", true),
        ("::1", true),
        ("192.0.2.1", false),
        ("mail.example.org", false),
        ("localhost.example.org", false),
    ] {
        let mut server = account(9);
        server.server = name.to_owned();
        let began = Instant::now();
        let stop = refused(&server);
        // It was not even tried.
        let is_refused = matches!(&stop, Stop::Fatal(text) if text.contains("password"));
        assert_eq!(is_refused, !is_here, "{name}: {stop}");
        assert!(began.elapsed() < Duration::from_secs(5));
    }
}

#[test]
fn twoway_24_a_certificate_that_is_not_good_ends_the_run() {
    for tls in ["1", "tls"] {
        for name in ["localhost", "other.example.org"] {
            let Some(dovecot) = Dovecot::start(&[("TLS", tls), ("NAME", name)]) else {
                return;
            };
            let mut server = account(dovecot.port);
            server.server = "localhost".to_owned();
            server.security = if tls == "tls" {
                Security::Tls
            } else {
                Security::StartTls
            };
            let stop = refused(&server);
            assert!(
                matches!(stop, Stop::Fatal(_)),
                "nobody vouches for it: {stop:?}"
            );
            server.authority = Some(std::fs::read(dovecot.file("cert.pem")).expect("there"));
            match name {
                "localhost" => assert!(server.connect(&Silent).is_ok()),
                _ => assert!(matches!(refused(&server), Stop::Fatal(_)), "another name"),
            }
            let has_logged_on = || dovecot.log().contains("Login: user=<alice>");
            match name {
                // Another process of the server writes it, sooner or later.
                "localhost" => {
                    while !has_logged_on() {
                        std::thread::sleep(std::time::Duration::from_millis(10));
                    }
                }
                _ => assert!(!has_logged_on()),
            }
            assert!(!dovecot.log().contains("auth failed"));
        }
    }
}

#[test]
fn twoway_24_who_takes_starttls_away_or_speaks_before_tls_gets_no_password() {
    let stripped = Scripted::new(b"* OK ready\r\n", ordinary);
    let injected = Scripted::new(b"* OK ready\r\n", |tag, command| match command {
        "CAPABILITY" => {
            format!("* CAPABILITY IMAP4rev1 STARTTLS\r\n{tag} OK done\r\n").into_bytes()
        }
        _ => format!("{tag} OK begin\r\n* CAPABILITY IMAP4rev1\r\n{tag} OK done\r\n").into_bytes(),
    });
    let refusing = Scripted::new(b"* OK ready\r\n", |tag, command| match command {
        "CAPABILITY" => {
            format!("* CAPABILITY IMAP4rev1 STARTTLS\r\n{tag} OK done\r\n").into_bytes()
        }
        _ => format!("{tag} NO not now\r\n").into_bytes(),
    });
    let known = Scripted::new(b"* PREAUTH welcome alice\r\n", ordinary);
    // What comes too early is noticed for what it is, not only because no TLS follows.
    let servers = [
        (stripped, "offer STARTTLS"),
        (injected, "before TLS"),
        (refusing, "offer STARTTLS"),
        (known, "before TLS"),
    ];
    for (server, why) in servers {
        let mut remote = account(server.port);
        remote.security = Security::StartTls;
        // Who does not notice it would wait for TLS.
        remote.silence = Duration::from_secs(5);
        let stop = refused(&remote);
        let is_seen = matches!(&stop, Stop::Fatal(text) if text.contains(why));
        assert!(is_seen, "{stop:?}");
        assert!(!server.said().contains("secret"), "{}", server.said());
        assert!(!server.said().contains("LOGIN"), "{}", server.said());
    }
}

#[test]
fn twoway_24_a_server_that_wants_no_password_gets_none() {
    let server = Scripted::new(b"* OK ready\r\n", |tag, command| match command {
        "CAPABILITY" => {
            format!("* CAPABILITY IMAP4rev1 LOGINDISABLED\r\n{tag} OK done\r\n").into_bytes()
        }
        _ => ordinary(tag, command),
    });
    assert!(matches!(refused(&account(server.port)), Stop::Fatal(_)));
    assert!(!server.said().contains("LOGIN"), "{}", server.said());
}

#[test]
fn twoway_23_a_refused_password_is_tried_once_a_run_and_told_without_it() {
    let Some(mut world) = World::new(&[WHOLE]) else {
        return;
    };
    world.client().put("INBOX", mail("a").as_bytes(), "");
    world.settle();
    world.dovecot.set_password("other");
    while !Client::can_log_on(world.dovecot.port, "other") {
        // The server looks at its file once a second.
        std::thread::sleep(Duration::from_millis(50));
    }
    let proxy = Proxy::new(world.dovecot.port);
    proxy.edit(|bytes| {
        // A server that repeats what it was told.
        let text = String::from_utf8_lossy(&bytes).into_owned();
        text.replace("Authentication failed.", "no user alice with secret")
            .into_bytes()
    });
    world.server.port = proxy.port;
    let (ended, _) = world.try_run(&Silent);
    assert_eq!(proxy.count("LOGIN"), 1);
    match ended {
        Err(Stop::Logon(text)) => assert!(!text.contains("secret"), "{text}"),
        ended => panic!("{ended:?}"),
    }
    assert_eq!(world.here().len(), 1, "the store can be read");
    world.server.password = Secret::new("other".to_owned());
    world.run();
}

#[test]
fn a_password_may_have_any_characters() {
    for password in ["p w\"o\\rd", "pässwörd", "a{5}", "日本"] {
        let Some(dovecot) = Dovecot::start(&[]) else {
            return;
        };
        dovecot.set_password(password);
        let mut server = account(dovecot.port);
        server.password = Secret::new(password.to_owned());
        let is_ok = server.connect(&Silent).is_ok();
        assert!(is_ok, "{password}: {}", dovecot.log());
    }
}

/// A run with a server that says something odd at every turn. It ends, however, and does no harm.
fn against(server: &Scripted) -> (Result<(), Stop>, Report, Local) {
    let mut local = Local::new(account(server.port));
    // A thread of a provider has no more than this.
    let thread = std::thread::Builder::new().stack_size(1024 * 1024);
    let thread = thread.spawn(move || {
        let (ended, report) = local.try_run(&Silent);
        (ended, report, local)
    });
    thread
        .expect("a thread")
        .join()
        .expect("it has not panicked")
}

#[test]
fn twoway_27_what_is_not_asked_for_does_no_harm() {
    let odd = |tag: &str, command: &str| {
        let deep = "(".repeat(200_000);
        let nested = format!(
            "{}\"text\" \"plain\" NIL NIL NIL \"7bit\" 1 1{}",
            "(".repeat(50_000),
            ")".repeat(50_000)
        );
        let mut bytes = Vec::new();
        for line in [
            format!("* 1 FETCH {deep}"),
            format!("* 1 FETCH (BODYSTRUCTURE {nested})"),
            "* 1 FETCH (FLAGS (\\Seen))".to_owned(),
            "* 4294967295 FETCH (UID 4294967295 FLAGS (x))".to_owned(),
            "* 1 FETCH (UID 0 FLAGS ())".to_owned(),
            "* VANISHED 1:4294967295".to_owned(),
            "* VANISHED (EARLIER) 1:4294967295".to_owned(),
            "* SEARCH 99999999999999999999 x ()".to_owned(),
            "* LIST".to_owned(),
            "* LIST () NIL".to_owned(),
            "* STATUS".to_owned(),
            "* FLAGS".to_owned(),
            "* OK [".to_owned(),
            "* OK [UIDNEXT 99999999999999999999999]".to_owned(),
            "* BODY[".to_owned(),
            "*".to_owned(),
            String::new(),
            "\u{0}\u{1}\u{ff}".to_owned(),
        ] {
            bytes.extend_from_slice(line.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
        // What it really has comes last.
        bytes.extend_from_slice(&ordinary(tag, command));
        bytes
    };
    let server = Scripted::new(b"* OK ready\r\n", odd);
    let (ended, report, local) = against(&server);
    ended.unwrap_or_else(|stop| panic!("{stop}: {report}"));
    assert_eq!(local.here().len(), 1, "{report}");
    assert_eq!(report.deleted_local, 0);
}

#[test]
fn twoway_27_what_is_too_much_ends_the_run() {
    let endless = |tag: &str, command: &str| match command.starts_with("LIST") {
        true => vec![b'x'; 20 * 1024 * 1024],
        false => ordinary(tag, command),
    };
    let literal = |tag: &str, command: &str| match command.starts_with("LIST") {
        true => b"* LIST () \"/\" {4294967296}\r\n".to_vec(),
        false => ordinary(tag, command),
    };
    let larger = |tag: &str, command: &str| match command.contains("BODY.PEEK[]") {
        true => b"* 1 FETCH (UID 1 BODY[]<0> {99999999999999999999}\r\n".to_vec(),
        false => ordinary(tag, command),
    };
    let servers = [
        Scripted::new(b"* OK ready\r\n", endless),
        Scripted::new(b"* OK ready\r\n", literal),
        Scripted::new(b"* OK ready\r\n", larger),
    ];
    for server in servers {
        let (ended, _, _) = against(&server);
        assert!(
            matches!(&ended, Err(Stop::Fatal(text)) if text.contains("too long")),
            "{ended:?}"
        );
    }
    for greeting in [&b"HTTP/1.1 200 OK\r\n"[..], b"* BYE go away\r\n", b"\r\n"] {
        let server = Scripted::new(greeting, ordinary);
        assert!(against(&server).0.is_err());
        assert!(!server.said().contains("secret"));
    }
}

#[test]
fn twoway_07_what_a_listing_leaves_out_is_not_gone() {
    for (number, lie) in [
        // FETCH leaves it out.
        |tag: &str, command: &str| match command.starts_with("UID FETCH") {
            true => format!("{tag} OK done\r\n").into_bytes(),
            false => ordinary(tag, command),
        },
        // SEARCH leaves it out, and EXISTS says otherwise.
        |tag: &str, command: &str| match command.split(' ').nth(1) {
            Some("FETCH" | "SEARCH") => format!("{tag} OK done\r\n").into_bytes(),
            _ => {
                let text = String::from_utf8_lossy(&ordinary(tag, command)).into_owned();
                text.replace("* 1 EXISTS", "* 2 EXISTS").into_bytes()
            }
        },
        // It breaks off.
        |tag: &str, command: &str| match command.split(' ').nth(1) {
            Some("SEARCH") => format!("{tag} NO [UNAVAILABLE] later\r\n").into_bytes(),
            _ => {
                let text = String::from_utf8_lossy(&ordinary(tag, command)).into_owned();
                text.replace("* 1 EXISTS", "* 0 EXISTS").into_bytes()
            }
        },
        // The folder is not listed, and is there.
        |tag: &str, command: &str| match command.starts_with("LIST") {
            true => format!("* LIST () \"/\" Other\r\n{tag} OK done\r\n").into_bytes(),
            false => ordinary(tag, command),
        },
        // Nor can it be opened now.
        |tag: &str, command: &str| match command.starts_with("SELECT")
            || command.starts_with("STATUS")
        {
            true => format!("{tag} NO [UNAVAILABLE] later\r\n").into_bytes(),
            false => ordinary(tag, command),
        },
    ]
    .into_iter()
    .enumerate()
    {
        let honest = Scripted::new(b"* OK ready\r\n", ordinary);
        let mut local = Local::new(account(honest.port));
        local.run();
        assert_eq!(local.here().len(), 1);
        let liar = Scripted::new(b"* OK ready\r\n", lie);
        // The same account, by the name of the same port.
        local.answered_by(liar.port);
        for _ in 0..3 {
            let (_, report) = local.try_run(&Silent);
            assert_eq!(report.deleted_local, 0, "lie {number}: {report}");
            assert_eq!(local.here().len(), 1, "lie {number}: {report}");
        }
    }
}

/// The same server, which has a folder `Work` too, and says of it what `status` does.
fn with_work(listed: bool, status: &'static str) -> Scripted {
    Scripted::new(b"* OK ready\r\n", move |tag, command| {
        if command.starts_with("LIST") {
            let work = if listed {
                "* LIST () \"/\" Work\r\n"
            } else {
                ""
            };
            return format!("* LIST () \"/\" INBOX\r\n{work}{tag} OK done\r\n").into_bytes();
        }
        if !command.contains("Work") {
            return ordinary(tag, command);
        }
        match command.split(' ').next() {
            Some("STATUS") => format!("{tag} {status}\r\n").into_bytes(),
            _ => format!("* 0 EXISTS\r\n* OK [UIDVALIDITY 9] x\r\n{tag} OK done\r\n").into_bytes(),
        }
    })
}

#[test]
fn twoway_07_a_folder_that_a_listing_leaves_out_is_gone_only_if_it_can_not_be_opened() {
    for (status, is_gone) in [
        ("NO [UNAVAILABLE] later", false),
        ("NO [SERVERBUG] oh", false),
        ("BAD what", false),
        ("OK done", false),
        ("NO [NONEXISTENT] no such folder", true),
        ("NO no such folder", true),
    ] {
        let mut local = Local::new(account(with_work(true, "OK done").port));
        local.run();
        assert!(local.has_folder("Work"));
        local.answered_by(with_work(false, status).port);
        let (_, report) = local.try_run(&Silent);
        assert_eq!(local.has_folder("Work"), !is_gone, "{status}: {report}");
    }
}

#[test]
fn twoway_07_a_message_that_is_described_badly_is_neither_gone_nor_hides_others() {
    let server = Scripted::new(b"* OK ready\r\n", |tag, command| {
        if command.starts_with("SELECT") {
            return format!(
                "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 4] x\r\n{tag} OK done\r\n"
            )
            .into_bytes();
        }
        if command.contains("HEADER.FIELDS") {
            let odd = "UID 2 FLAGS ((((((((((((((((((((((((((((( INTERNALDATE";
            return format!(
                "* 1 FETCH ({})\r\n* 2 FETCH ({odd}\r\n* 3 FETCH ({})\r\n{tag} OK done\r\n",
                described(1),
                described(3)
            )
            .into_bytes();
        }
        if command.contains("BODY.PEEK[]") {
            let body = |uid| {
                format!("* {uid} FETCH (UID {uid} BODY[]<0> {{15}}\r\nSubject: {uid}\r\n\r\ny)\r\n")
            };
            return format!("{}{}{tag} OK done\r\n", body(1), body(3)).into_bytes();
        }
        if command == "UID SEARCH ALL" {
            return format!("* SEARCH 1 2 3\r\n{tag} OK done\r\n").into_bytes();
        }
        ordinary(tag, command)
    });
    let watch = Watch::default();
    let mut local = Local::new(account(server.port));
    let (ended, report) = local.try_run(&watch);
    ended.unwrap_or_else(|stop| panic!("{stop}: {report}"));
    assert_eq!(local.here().len(), 2);
    assert_eq!(watch.warnings.get(), 1, "it is told");
}

#[derive(Default)]
struct Watch {
    warnings: Cell<usize>,
}

impl Monitor for Watch {
    fn warning(&self, _warning: &mapi_provider_twoway::Warning) {
        self.warnings.set(self.warnings.get() + 1);
    }
}

/// Is cancelled when the test says so.
struct Button<'a>(Box<dyn Fn() -> bool + 'a>);

impl Monitor for Button<'_> {
    fn is_cancelled(&self) -> bool {
        (self.0)()
    }
}

#[test]
fn twoway_21_a_run_is_cancelled_within_a_second_in_the_middle_of_a_large_message() {
    let Some(mut world) = World::new(&[WHOLE]) else {
        return;
    };
    let line = format!("{}\r\n", "x".repeat(70));
    let large = format!(
        "Subject: large\r\n\r\n{}",
        line.repeat(100 * 1024 * 1024 / line.len())
    );
    world.client().put("INBOX", large.as_bytes(), "");
    let proxy = world.through_proxy();
    proxy.reset();
    let pressed = Cell::new(None::<Instant>);
    let button = Button(Box::new(|| {
        if pressed.get().is_none() && proxy.bytes_to_client() > 20_000_000 {
            pressed.set(Some(Instant::now()));
        }
        pressed.get().is_some()
    }));
    let (ended, _) = world.try_run(&button);
    let took = pressed.get().expect("pressed").elapsed();
    assert_eq!(ended, Err(Stop::Cancelled));
    assert!(took < Duration::from_secs(1), "{took:?}");
    drop(button);
    world.settle();
    assert!(world.here().iter().any(|one| one.1 == large));
}

#[test]
fn twoway_21_a_server_that_says_nothing_is_not_waited_for_for_ever() {
    let Some(mut world) = World::new(&[WHOLE]) else {
        return;
    };
    world.run();
    let proxy = world.through_proxy();
    proxy.stall(true);
    let began = Instant::now();
    let button = Button(Box::new(|| began.elapsed() > Duration::from_millis(300)));
    let (ended, _) = world.try_run(&button);
    assert_eq!(ended, Err(Stop::Cancelled));
    assert!(
        began.elapsed() < Duration::from_millis(1300),
        "{:?}",
        began.elapsed()
    );
    world.server.silence = Duration::from_millis(200);
    let (ended, report) = world.try_run(&Silent);
    assert!(matches!(ended, Err(Stop::Lost(_))), "{ended:?}");
    assert_eq!(report.reconnects, 3);
    proxy.stall(false);
}
