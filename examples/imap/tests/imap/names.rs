//! Names of folders, contents of messages, and what the server refuses.

use mapi_provider_twoway::{Local as _, Silent};

use crate::changes::{KINDS, each_kind};
use crate::dovecot::{BARE, Setting, WHOLE};
use crate::scripted::{Scripted, ordinary};
use crate::world::{Local, World, account, mail, write_in};

/// Names in modified UTF-7, and the same for people. Maildirs can't have a dot in a name.
const NAMES: [(&str, &str); 7] = [
    ("T&AOk-st &- Co", "Tést & Co"),
    ("Gr&APYA3w-e", "Größe"),
    ("&U,BTFw-", "台北"),
    ("Foo", "Foo"),
    ("foo", "foo (2)"),
    ("R&-D", "R&D"),
    ("a~b", "a~b"),
];

#[test]
fn twoway_16_names_of_the_server_are_those_that_people_read() {
    for separator in ["/", "."] {
        for kind in [WHOLE, BARE] {
            let Some(mut world) = World::new(&[("SEPARATOR", separator), kind]) else {
                return;
            };
            let mut client = world.client();
            for (wire, _) in NAMES {
                client.say(&format!("CREATE \"{wire}\""));
                client.say(&format!("CREATE \"{wire}{separator}below\""));
                client.put(wire, mail(&format!("in {wire}")).as_bytes(), "");
                client.put(
                    &format!("{wire}{separator}below"),
                    mail(&format!("below {wire}")).as_bytes(),
                    "",
                );
            }
            client.say(&format!("CREATE \"inbox{separator}deep\""));
            client.put(
                &format!("INBOX{separator}deep"),
                mail("deep").as_bytes(),
                "",
            );
            for _ in 0..3 {
                world.run();
            }
            assert!(world.run().is_nothing());
            assert!(world.has_folder("Inbox/deep"));
            for (wire, name) in NAMES {
                // Which of two is renamed is nobody's promise.
                let is_one_of_two = name.eq_ignore_ascii_case("foo") || name == "foo (2)";
                let path = format!("{name}/below");
                assert!(world.has_folder(&path), "{path}");
                if !is_one_of_two {
                    assert!(
                        world.subjects(&path).contains(&format!("below {wire}")),
                        "{path}"
                    );
                }
            }
            assert_eq!(world.here_count(), world.there().len());
            // The same the other way.
            for name in [
                "Ä & Ö",
                "Tést & Co",
                "日本語",
                "plus+minus",
                "quote\"d",
                "100%",
            ] {
                if !world.has_folder(name) {
                    world.make_folder("", name);
                }
                let path = format!("{name}/Önder");
                world.make_folder(name, "Önder");
                world.write(&path, &format!("ours in {name}"));
            }
            let report = world.run();
            world.run();
            assert!(world.run().is_nothing());
            let folders = world.client().folders();
            assert!(
                folders.contains(&format!("T&AOk-st &- Co{separator}&ANY-nder")),
                "{folders:?} {report}"
            );
            assert!(
                folders.contains(&format!("&AMQ- &- &ANY-{separator}&ANY-nder")),
                "{folders:?}"
            );
            assert_eq!(world.here_count(), world.there().len(), "{report}");
        }
    }
}

#[test]
fn twoway_16_a_separator_in_a_name_makes_no_other_folder() {
    let settings: [[Setting; 2]; 2] = [[("SEPARATOR", "/"), WHOLE], [("SEPARATOR", "."), BARE]];
    for settings in settings {
        let Some(mut world) = World::new(&settings) else {
            return;
        };
        world.run();
        let separator = settings[0].1;
        let folder = world.make_folder("", &format!("and{separator}or"));
        write_in(&world.store, folder, "either");
        world.run();
        world.run();
        assert!(world.run().is_nothing());
        let folders = world.client().folders();
        assert!(folders.contains("and_or"), "{folders:?}");
        assert_eq!(world.there().len(), 1);
    }
}

#[test]
fn twoway_17_names_of_a_hostile_server_stay_in_their_place() {
    let server = Scripted::new(b"* OK ready\r\n", |tag, command| {
        if !command.starts_with("LIST") {
            return ordinary(tag, command);
        }
        let long = "x".repeat(10_000);
        let mut lines = vec!["* LIST () \"/\" INBOX\r\n".to_owned()];
        for name in [
            "../../etc",
            "..",
            ".",
            "a/../b",
            "/",
            "//",
            "a//b",
            "C:\\\\x",
            "&AAA-",
            "&IC4-gpj",
            "INBOX/INBOX/INBOX",
            long.as_str(),
        ] {
            lines.push(format!("* LIST (\\Noselect) \"/\" \"{name}\"\r\n"));
        }
        lines.push("* LIST () \"/\" {3}\r\na\0b\r\n* LIST () \"/\" {4}\r\nx\r\ny\r\n".to_owned());
        lines.push(
            "* LIST () NIL flat\r\n* LIST () \"\" \"\"\r\n* LIST () \"/\" INBOX\r\n".to_owned(),
        );
        format!("{}{tag} OK done\r\n", lines.concat()).into_bytes()
    });
    let mut local = Local::new(account(server.port));
    for _ in 0..2 {
        let (ended, report) = local.try_run(&Silent);
        ended.unwrap_or_else(|stop| panic!("{stop}: {report}"));
    }
    let mut side = local.side();
    for folder in side.folders().expect("readable") {
        let is_bad = |c: char| c.is_control() || "/\\\u{202e}".contains(c);
        assert!(!folder.name.contains(is_bad), "{:?}", folder.name);
        assert!(
            !folder.name.trim_matches('.').is_empty(),
            "{:?}",
            folder.name
        );
    }
    // Nothing was sent that could not be said.
    assert!(!server.said().contains('\0'));
}

#[test]
fn twoway_18_contents_are_kept_octet_for_octet() {
    let long = format!("Subject: long\r\n\r\n{}\r\n", "y".repeat(1024 * 1024));
    let exact = format!("Subject: exact\r\n\r\n{}", "z".repeat(1024 * 1024 - 18));
    let contents: [&[u8]; 8] = [
        b"Subject: eight\r\n\r\n\xe4\xf6\xfc \x80\xff\r\n",
        b"no header at all\r\n",
        b"Subject: no end",
        b"Subject: x\r\n\r\n",
        b"Subject: \xe4\r\nX: (\"{5}\r\n\r\n) {9}\r\nOK\r\n",
        b"From: a\r\nFrom: b\r\nSubject: twice\r\nSubject: twice\r\n\r\n.\r\n..\r\n",
        long.as_bytes(),
        exact.as_bytes(),
    ];
    for kind in [WHOLE, BARE] {
        let Some(mut world) = World::new(&[kind]) else {
            return;
        };
        let mut client = world.client();
        for content in contents {
            client.put("INBOX", content, "");
        }
        let proxy = world.through_proxy();
        // TWOWAY-18: nobody believes the size.
        proxy.edit(|bytes| edited(bytes, b"RFC822.SIZE ", b"RFC822.SIZE 1"));
        world.run();
        world.run();
        assert!(world.run().is_nothing());
        let here = world.contents();
        for content in contents {
            assert!(
                here.iter().any(|one| one == content),
                "{:?}",
                String::from_utf8_lossy(&content[..content.len().min(60)])
            );
        }
        assert_eq!(here.len(), contents.len());
    }
}

/// Bytes with something replaced.
fn edited(mut bytes: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut at = 0;
    while let Some(found) = bytes[at..]
        .windows(from.len())
        .position(|some| some == from)
    {
        let start = at + found;
        bytes.splice(start..start + from.len(), to.iter().copied());
        at = start + to.len();
    }
    bytes
}

#[test]
fn twoway_20_what_the_server_has_no_room_for_stays_and_downloads_go_on() {
    for kind in [WHOLE, BARE] {
        let Some(mut world) = World::new(&[("QUOTA", "*:messages=4"), kind]) else {
            return;
        };
        let mut client = world.client();
        for name in ["a", "b", "c"] {
            client.put("INBOX", mail(name).as_bytes(), "");
        }
        world.run();
        for name in ["x", "y", "z"] {
            world.write("Inbox", name);
        }
        let report = world.run();
        assert_eq!(report.uploaded, 1, "{report}");
        assert!(
            report
                .warnings
                .iter()
                .any(|warning| warning.text.contains("no room")),
            "{report}"
        );
        assert_eq!(world.here_count(), 6);
        let mut client = world.client();
        client.remove("INBOX", "a");
        client.remove("INBOX", "b");
        for _ in 0..6 {
            world.run();
        }
        assert_eq!(world.there().len(), 4);
        assert_eq!(
            world.here_count(),
            4,
            "what was refused went up once there was room"
        );
    }
}

#[test]
fn twoway_20_a_folder_that_can_only_be_read_keeps_what_is_here() {
    let server = Scripted::new(b"* OK ready\r\n", |tag, command| match command {
        command if command.starts_with("SELECT") => {
            let text = String::from_utf8(ordinary(tag, command)).expect("text");
            text.replace("OK done", "OK [READ-ONLY] done").into_bytes()
        }
        command if command.starts_with("UID STORE") => format!("{tag} NO not you\r\n").into_bytes(),
        command => ordinary(tag, command),
    });
    let mut local = Local::new(account(server.port));
    local.run();
    local.mark_read("x");
    let report = local.run();
    assert!(!report.warnings.is_empty());
    assert!(!server.said().contains("STORE"), "{}", server.said());
    assert_eq!(local.here_count(), 1);
}

#[test]
fn twoway_25_the_limits_of_an_account_leave_the_rest_at_the_server() {
    each_kind(|world| {
        let mut client = world.client();
        client.say("CREATE Else");
        client.put("Else", mail("else").as_bytes(), "");
        world.options = world.options.clone().folders_matching("Inbox, Work");
        world.run();
        world.run();
        assert!(!world.has_folder("Else"));
        world.options.folders = None;
    });
    assert_eq!(KINDS.len(), 5);
}

#[test]
fn twoway_25_a_large_message_comes_in_parts() {
    let Some(mut world) = World::new(&[WHOLE]) else {
        return;
    };
    let large = format!("Subject: large\r\n\r\n{}\r\n", "x".repeat(5 * 1024 * 1024));
    world.client().put("INBOX", large.as_bytes(), "");
    let proxy = world.through_proxy();
    world.settle();
    // Nobody is asked for more than one of them at once, whatever the message's size is said to be.
    assert_eq!(proxy.count("BODY.PEEK[]<"), 6, "{}", proxy.said());
    assert_eq!(world.contents(), [large.into_bytes()]);
}
