//! Folders that keep some flags only: `PERMANENTFLAGS` without `\*`. TWOWAY-11 and TWOWAY-20.

use std::fs;

use mapi_provider_twoway::Report;

use crate::dovecot::Setting;
use crate::proxy::Proxy;
use crate::scripted::{Scripted, ordinary};
use crate::world::{Local, World, account, mail};

/// Rights for each folder are in a file of it, for a server with everything and for one with nothing.
const RIGHTS: [Setting; 2] = [
    (
        "EXTRA",
        "mail_plugins = $mail_plugins acl\nplugin {\n  acl = vfile\n}",
    ),
    (
        "EXTRA",
        "mail_plugins = $mail_plugins acl\nplugin {\n  acl = vfile\n}\nimap_capability = IMAP4rev1",
    ),
];

/// A server whose folder `Few` keeps what was read, and no other flag: nobody may write those.
fn world(rights: Setting) -> Option<(World, Proxy)> {
    let mut world = World::new(&[rights])?;
    let mut client = world.client();
    client.say("CREATE Few");
    client.put("Few", mail("old").as_bytes(), "");
    client.put("INBOX", mail("moved").as_bytes(), "$Forwarded later");
    // Without `w`.
    let file = world.dovecot.file("mail/alice/Maildir/.Few/dovecot-acl");
    fs::write(file, "owner lrstipekxa\n").expect("writable");
    let told = String::from_utf8_lossy(&world.client().say("SELECT Few")).into_owned();
    assert!(told.contains("PERMANENTFLAGS (\\Deleted \\Seen)"), "{told}");
    let proxy = world.through_proxy();
    world.run();
    world.run();
    Some((world, proxy))
}

fn is_told(report: &Report) -> bool {
    let mut warnings = report.warnings.iter();
    warnings.any(|warning| warning.text.contains("some flags stay here"))
}

/// The flags of a message on one side.
fn flags(side: &std::collections::BTreeSet<crate::client::Seen>, subject: &str) -> String {
    let text = format!("Text of {subject}");
    let mut all = side.iter().filter(|one| one.1.contains(&text));
    let one = all.next().unwrap_or_else(|| panic!("no {subject}"));
    assert!(all.next().is_none(), "{subject} is there twice");
    one.2.clone()
}

#[test]
fn twoway_20_keywords_that_a_folder_does_not_keep_are_neither_lost_nor_sent_for_ever() {
    for rights in RIGHTS {
        let Some((mut world, proxy)) = world(rights) else {
            return;
        };
        world.mark_read("old");
        world.set_categories("old", &["plain"]);
        world.write("Few", "new");
        world.set_categories("new", &["Red Category"]);
        world.move_to("moved", "Few");
        let report = world.run();
        assert!(is_told(&report), "{report}");
        // What somebody does there has each of them told once more.
        let mut client = world.client();
        client.store("Few", "new", "-FLAGS (\\Seen)");
        client.store("Few", "moved", "+FLAGS (\\Seen)");
        for _ in 0..3 {
            world.run();
        }
        proxy.reset();
        let report = world.run();
        assert!(report.is_nothing(), "{report}");
        assert_eq!(proxy.writes(), [""; 0]);
        for (subject, here, there) in [
            ("old", "\\Seen plain", "\\Seen"),
            ("new", "Red&ACA-Category", ""),
            ("moved", "$Forwarded \\Seen later", "\\Seen"),
        ] {
            assert_eq!(flags(&world.here(), subject), here, "{subject}");
            assert_eq!(flags(&world.there(), subject), there, "{subject}");
        }
        // What stays here can be taken away here.
        world.set_categories("old", &[]);
        world.run();
        assert!(world.run().is_nothing());
        assert_eq!(flags(&world.here(), "old"), "\\Seen");
    }
}

#[test]
fn twoway_20_what_may_be_new_keywords_is_sent() {
    for (flags, is_sent) in [
        ("(\\Seen \\Flagged)", false),
        ("(\\Seen plain)", true),
        ("(\\Seen \\*)", true),
    ] {
        let server = Scripted::new(b"* OK ready\r\n", move |tag, command| {
            let mut text = ordinary(tag, command);
            if command.starts_with("SELECT") {
                text.splice(
                    0..0,
                    format!("* OK [PERMANENTFLAGS {flags}] x\r\n").into_bytes(),
                );
            }
            if command.starts_with("UID STORE") {
                text.splice(0..0, *b"* 1 FETCH (UID 1 FLAGS (plain))\r\n");
            }
            text
        });
        let mut local = Local::new(account(server.port));
        local.run();
        local.set_categories("x", &["plain"]);
        let report = local.run();
        assert_eq!(is_told(&report), !is_sent, "{flags}: {report}");
        local.run();
        let count = server.said().matches("+FLAGS (plain)").count();
        // This server forgets what it is told, which counts as a change of theirs.
        assert_eq!(count, usize::from(is_sent), "{flags}: {}", server.said());
        let here = local.here();
        let kept = here.iter().filter(|one| one.2.contains("plain")).count();
        assert_eq!(kept, usize::from(!is_sent), "{flags}: {here:?}");
    }
}
