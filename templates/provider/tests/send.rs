//! What happens when Outlook sends a message. The host plays it, on any system, and notices memory that nobody frees,
//! objects that nobody releases, and broken MAPI rules.

use std::fs;
use std::path::Path;

use mapi_provider::mime::{Line, Mail, Recipient, Who};
use mapi_provider_host::abi::{
    MAPI_E_NETWORK_ERROR, MAPI_E_UNCONFIGURED, MSG_SERVICE_CONFIGURE, MSG_SERVICE_CREATE,
    PR_EMAIL_ADDRESS_W, PR_RESPONSIBILITY, S_OK,
};
use mapi_provider_host::{
    Host, OutgoingMessage, Profile, Property, ProviderLibrary, Spooler, Transport, Value,
};
use tempfile::TempDir;

use {{id}}32::PROVIDER;

/// Outlook with a profile, and a server with two users.
struct World {
    spooler: Spooler,
    transport: Transport,
    host: Host,
    server: TempDir,
}

fn host(server: &Path, address: &str) -> Host {
    let host = Host::new(ProviderLibrary::linked(&PROVIDER), Profile::in_memory()).expect("a host");
    host.service(MSG_SERVICE_CREATE, &[])
        .expect("the provider can be added");
    // By the tags that they have in provider.toml.
    let settings = [
        Property::with_id(0x6601, server.to_str().expect("UTF-8")),
        Property::with_id(0x6602, address),
    ];
    host.service(MSG_SERVICE_CONFIGURE, &settings)
        .expect("the settings are kept");
    host
}

impl World {
    fn new() -> Self {
        let server = tempfile::tempdir().expect("a folder");
        for user in ["bob@example.org", "cleo@example.org"] {
            fs::create_dir(server.path().join(user)).expect("writable");
        }
        let host = host(server.path(), "ann@example.org");
        let transport = host.init_transport().expect("the provider starts");
        let spooler = transport.logon().expect("a logon");
        Self {
            spooler,
            transport,
            host,
            server,
        }
    }

    /// A message in the Outbox.
    fn message(&self, to: &[(Line, &str)]) -> OutgoingMessage {
        let recipient = |(line, address): &(Line, &str)| Recipient {
            line: *line,
            who: Who::new(String::new(), (*address).to_owned()),
        };
        let mail = Mail {
            subject: "Lunch?".to_owned(),
            text: Some("At noon?".to_owned()),
            recipients: to.iter().map(recipient).collect(),
            ..Mail::default()
        };
        self.spooler.outbox(&mail).expect("not too large")
    }

    /// What a user has got.
    fn mail_of(&self, user: &str) -> Vec<String> {
        let files = fs::read_dir(self.server.path().join(user)).expect("readable");
        files
            .map(|file| fs::read_to_string(file.expect("readable").path()).expect("text"))
            .collect()
    }

    /// Ends Outlook: nothing may be left behind.
    fn end(self) {
        drop(self.spooler);
        self.transport.shutdown().expect("the provider ends");
        drop(self.transport);
        self.host.finish().assert_clean();
    }
}

/// Those for whom nobody is responsible: the message stays in the Outbox for them.
fn left(message: &OutgoingMessage) -> usize {
    let settled = Property::with_id(PR_RESPONSIBILITY.id(), true);
    let rows = message.recipients();
    rows.iter().filter(|row| !row.contains(&settled)).count()
}

#[test]
fn a_message_goes_to_everybody_and_nobody_sees_who_gets_a_blind_copy() {
    let world = World::new();
    let message = world.message(&[
        (Line::To, "bob@example.org"),
        (Line::Bcc, "cleo@example.org"),
    ]);
    assert_eq!(world.spooler.submit(&message).status, S_OK);
    assert_eq!(left(&message), 0);
    let mail = world.mail_of("bob@example.org");
    assert_eq!(mail, world.mail_of("cleo@example.org"));
    assert!(mail[0].contains("To: bob@example.org\r\n"), "{}", mail[0]);
    assert!(!mail[0].contains("cleo"), "{}", mail[0]);
    drop(message);
    world.end();
}

#[test]
fn who_is_unknown_is_reported_and_the_others_have_the_message() {
    let world = World::new();
    let message = world.message(&[
        (Line::To, "nobody@example.org"),
        (Line::To, "bob@example.org"),
    ]);
    assert_eq!(world.spooler.submit(&message).status, S_OK);
    assert_eq!(left(&message), 0);
    let reports = world.spooler.record().reports.concat();
    let address = Property::with_id(PR_EMAIL_ADDRESS_W.id(), "nobody@example.org");
    assert_eq!(reports.len(), 1);
    assert!(reports[0].contains(&address), "{reports:?}");
    assert_eq!(world.mail_of("bob@example.org").len(), 1);
    drop(message);
    world.end();
}

#[test]
fn while_the_server_is_gone_the_message_stays_in_the_outbox() {
    let world = World::new();
    let message = world.message(&[(Line::To, "bob@example.org")]);
    let elsewhere = world.server.path().with_extension("gone");
    fs::rename(world.server.path(), &elsewhere).expect("ours");
    assert_eq!(world.spooler.submit(&message).status, MAPI_E_NETWORK_ERROR);
    assert_eq!(left(&message), 1);
    fs::rename(&elsewhere, world.server.path()).expect("ours");
    assert_eq!(world.spooler.submit(&message).status, S_OK);
    assert_eq!(world.mail_of("bob@example.org").len(), 1);
    drop(message);
    world.end();
}

#[test]
fn settings_that_make_no_sense_are_refused_at_logon() {
    for (server, address) in [("server", "ann@example.org"), ("/server", "ann")] {
        let host = host(Path::new(server), address);
        let transport = host.init_transport().expect("the provider starts");
        let failure = transport.logon().err().expect("no logon");
        assert_eq!(failure.status.0, MAPI_E_UNCONFIGURED);
        drop(transport);
        host.finish().assert_clean();
    }
}

#[test]
fn the_identity_is_the_sender() {
    let world = World::new();
    let message = world.message(&[(Line::To, "bob@example.org")]);
    assert_eq!(world.spooler.submit(&message).status, S_OK);
    let sender = message.property(mapi_provider_host::abi::PR_SENDER_EMAIL_ADDRESS_W);
    assert_eq!(sender, Some(Value::Unicode("ann@example.org".to_owned())));
    drop(message);
    world.end();
}
