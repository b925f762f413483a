//! Whole lives.

use mapi_provider::store::FileAttachment;
use mapi_provider_host::Status;
use mapi_provider_host::abi::MAPI_E_LOGON_FAILED;

use crate::account::{Server, Session};
use crate::dovecot::{BARE, WHOLE};
use crate::show::{here, there};

fn plain(name: &str) -> String {
    format!(
        "From: a@example.org\r\nMessage-ID: <{name}@example.org>\r\nSubject: {name}\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
         Text of {name}, naïve café 日本\r\n"
    )
}

/// With a text, the same as HTML, and a file.
fn letter(name: &str) -> String {
    format!(
        "From: a@example.org\r\nMessage-ID: <{name}@example.org>\r\nSubject: =?utf-8?q?{name}_gr=C3=BC=C3=9Ft?=\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n\
         --x\r\nContent-Type: multipart/alternative; boundary=y\r\n\r\n\
         --y\r\nContent-Type: text/plain\r\n\r\nText of {name}\r\n\
         --y\r\nContent-Type: text/html\r\n\r\n<html><body><p>Text of <b>{name}</b></p></body></html>\r\n\
         --y--\r\n--x\r\nContent-Type: application/octet-stream; name=\"file of {name}.bin\"\r\n\
         Content-Disposition: attachment; filename=\"file of {name}.bin\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\nAAECAwQF/v8=\r\n--x--\r\n"
    )
}

#[test]
fn twoway_29_both_sides_are_equal_by_digests_after_changes_on_both() {
    let Some(server) = Server::any() else {
        return;
    };
    let place = tempfile::tempdir().expect("a folder");
    let mut client = server.client();
    client.say("CREATE Work");
    client.say("CREATE Gr&APYA3w-e");
    for name in ["read", "moved", "edited", "gone here", "gone there"] {
        client.put("INBOX", plain(name).as_bytes(), "");
    }
    client.put("Work", letter("letter").as_bytes(), "\\Seen \\Flagged");
    let session = Session::at(place.path(), &server);
    session.synchronise();
    assert_eq!(here(&session.seen()), there(&mut server.client()));
    session.mark_read("Inbox", "read");
    session.move_to("Inbox", "moved", "Größe");
    session.edit("Inbox", "edited", "Another text, größer.");
    session.delete("Inbox", "gone here");
    session.write("Größe", "written here", "New here.");
    let message = session.folder("Work").create_message().expect("a message");
    message.set_subject("with a file").expect("set");
    message.set_body("There is a file.").expect("set");
    let octets: Vec<u8> = (0..100_000_u64).map(|n| ((n * n) >> 7) as u8).collect();
    let file = FileAttachment::new("Größe 1.bin", "application/octet-stream", &octets);
    drop(message.attach(&file).expect("attached"));
    message.save().expect("saved");
    drop(message);
    client.remove("INBOX", "gone there");
    client.put("INBOX", letter("another").as_bytes(), "");
    client.store("Work", "letter", "-FLAGS (\\Seen)");
    client.say("CREATE Work/Deep");
    client.put("Work/Deep", plain("deep").as_bytes(), "\\Seen");
    session.synchronise();
    session.synchronise();
    let after = here(&session.seen());
    assert_eq!(after, there(&mut server.client()));
    let subjects: Vec<(&str, &str)> = after
        .iter()
        .map(|one| (one.folder.as_str(), one.subject.as_str()))
        .collect();
    let expected = [
        ("Größe", "moved"),
        ("Größe", "written here"),
        ("INBOX", "another grüßt"),
        ("INBOX", "edited"),
        ("INBOX", "read"),
        ("Work", "letter grüßt"),
        ("Work", "with a file"),
        ("Work/Deep", "deep"),
    ];
    let mut sorted = subjects.clone();
    sorted.sort_unstable();
    let mut wanted = expected.to_vec();
    wanted.sort_unstable();
    assert_eq!(sorted, wanted);
    session.close();
    // Outlook starts again.
    let session = Session::at(place.path(), &server);
    session.synchronise();
    assert_eq!(here(&session.seen()), after);
    assert_eq!(there(&mut server.client()), after);
    session.close();
}

#[test]
fn twoway_23_a_profile_has_an_account_from_its_first_logon_to_a_changed_password() {
    for kind in [WHOLE, BARE] {
        let Some(server) = Server::own(kind) else {
            return;
        };
        let place = tempfile::tempdir().expect("a folder");
        let mut client = server.client();
        client.put("INBOX", plain("theirs").as_bytes(), "");
        let session = Session::at(place.path(), &server);
        session.synchronise();
        session.write("Inbox", "ours", "Text");
        session.synchronise();
        assert_eq!(client.find("INBOX", "ours").len(), 1);
        client.remove("INBOX", "theirs");
        session.synchronise();
        let subjects = |session: &Session| -> Vec<String> {
            let shown = here(&session.seen()).into_iter();
            shown.map(|one| one.subject).collect()
        };
        assert_eq!(subjects(&session), ["ours"]);
        session.close();
        let session = Session::open(place.path(), server.port, &server.user, "wrong");
        assert_eq!(session.try_synchronise(), Status(MAPI_E_LOGON_FAILED));
        assert_eq!(subjects(&session), ["ours"], "what is here can be read");
        session.close();
    }
}
