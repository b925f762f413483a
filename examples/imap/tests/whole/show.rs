//! What each side has, so that they can be compared: texts and attachments by their digests. What the server has is read by
//! another parser than ours.

use std::collections::BTreeSet;

use mail_parser::{Message as Parsed, MessageParser, MimeHeaders, PartType};
use mapi_provider::store::{Folder, Message, Store};
use mapi_provider_host::abi::{PR_BODY_W, PR_DISPLAY_NAME_W, PR_ENTRYID, PR_HTML, PR_SUBJECT_W};
use sha2::{Digest, Sha256};

use crate::client::Client;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Shown {
    /// The path of its folder, as the server has it.
    pub(crate) folder: String,
    pub(crate) subject: String,
    pub(crate) text: String,
    html: Option<String>,
    /// Names and digests.
    attached: Vec<(String, String)>,
    pub(crate) is_read: bool,
}

/// SHA-256, in hexadecimal digits.
fn digest(octets: impl AsRef<[u8]>) -> String {
    let bytes = Sha256::digest(octets);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// That of a text. How lines end and that the last one does is not compared.
pub(crate) fn of_text(text: &str) -> String {
    digest(text.replace("\r\n", "\n").trim_end())
}

/// Everything that users see in a store.
pub(crate) fn here(store: &Store<'_>) -> BTreeSet<Shown> {
    let mut shown = BTreeSet::new();
    gather(&store.ipm_subtree().expect("a subtree"), "", &mut shown);
    shown
}

fn gather(folder: &Folder<'_>, path: &str, shown: &mut BTreeSet<Shown>) {
    let rows = folder.messages().columns(&[PR_ENTRYID]).rows();
    for row in rows.expect("rows") {
        let id = row.expect("a row").entry_id().expect("it has one");
        let message = folder.open_message(&id).expect("it is there");
        let one = of_message(&message, path);
        assert!(shown.insert(one.clone()), "twice: {one:?}");
    }
    let rows = folder.folders().columns(&[PR_ENTRYID, PR_DISPLAY_NAME_W]);
    for row in rows.rows().expect("rows") {
        let row = row.expect("a row");
        let name = row.text(PR_DISPLAY_NAME_W).expect("it has one");
        let name = match (path, name.as_str()) {
            ("", "Inbox") => "INBOX",
            ("", "Sent Items") => "Sent",
            ("", "Deleted Items") => "Trash",
            (_, name) => name,
        };
        let path = match path {
            "" => name.to_owned(),
            path => format!("{path}/{name}"),
        };
        let id = row.entry_id().expect("it has one");
        gather(&folder.open_folder(&id).expect("it is there"), &path, shown);
    }
}

fn of_message(message: &Message<'_>, folder: &str) -> Shown {
    let attachments = message.attachments().expect("readable").into_iter();
    let attached = attachments.map(|one| {
        let octets = one.read_to_vec().expect("readable");
        (one.name().expect("readable"), digest(octets))
    });
    let html = message.binary(PR_HTML).expect("readable");
    let text = |tag| message.text(tag).expect("readable").unwrap_or_default();
    Shown {
        folder: folder.to_owned(),
        subject: text(PR_SUBJECT_W),
        text: of_text(&text(PR_BODY_W)),
        html: html.map(|html| of_text(&String::from_utf8_lossy(&html))),
        attached: attached.collect(),
        is_read: message.is_read().expect("readable"),
    }
}

/// Everything that the server has.
pub(crate) fn there(client: &mut Client) -> BTreeSet<Shown> {
    let all = client.all().into_iter().map(|(folder, content, flags)| {
        let parsed = MessageParser::default().parse(content.as_bytes());
        let is_read = flags.split(' ').any(|flag| flag == "\\Seen");
        of_mail(&parsed.expect("a message"), &folder, is_read)
    });
    all.collect()
}

fn of_mail(mail: &Parsed<'_>, folder: &str, is_read: bool) -> Shown {
    let attached = mail.attachments().map(|part| {
        let name = part.attachment_name().unwrap_or_default().to_owned();
        (name, digest(part.contents()))
    });
    let html = mail.parts.iter().find_map(|part| match &part.body {
        PartType::Html(html) => Some(of_text(html)),
        _ => None,
    });
    Shown {
        // That of these tests which is no ASCII.
        folder: folder.replace("Gr&APYA3w-e", "Größe"),
        subject: mail.subject().unwrap_or_default().to_owned(),
        text: of_text(&mail.body_text(0).unwrap_or_default()),
        html,
        attached: attached.collect(),
        is_read,
    }
}
