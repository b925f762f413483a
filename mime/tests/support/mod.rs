//! Reading messages in tests.

use mapi_provider_mime::{Content, Mail};

/// The octets of a message that is kept beside the tests.
pub(crate) fn octets(case: &str) -> Vec<u8> {
    let path = format!("{}/tests/data/mail/{case}.eml", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A message that is kept beside the tests.
pub(crate) fn file(case: &str) -> Mail {
    Mail::parse(&octets(case)).expect("a message").into_mail()
}

pub(crate) fn read(text: &str) -> Mail {
    Mail::parse(text.as_bytes()).expect("a message").into_mail()
}

/// The plain text, without blanks around it.
pub(crate) fn text(mail: &Mail) -> String {
    mail.text.as_deref().unwrap_or_default().trim().to_owned()
}

/// Everything that a reader finds.
pub(crate) fn all_text(mail: &Mail) -> String {
    let mut all = format!(
        "{}\n{}\n",
        text(mail),
        mail.html.as_deref().unwrap_or_default()
    );
    for attachment in &mail.attachments {
        match &attachment.content {
            Content::File(content) => all += &String::from_utf8_lossy(content),
            Content::Mail(inner) => all += &all_text(inner),
        }
    }
    all
}

/// The names and contents of the files.
pub(crate) fn files(mail: &Mail) -> Vec<(String, String)> {
    let files = mail
        .attachments
        .iter()
        .filter_map(|attachment| match &attachment.content {
            Content::File(content) => Some((
                attachment.name.clone(),
                String::from_utf8_lossy(content).into_owned(),
            )),
            Content::Mail(_) => None,
        });
    files.collect()
}

/// When it was sent, as a message made of it says that has no old header.
pub(crate) fn day(mail: &Mail) -> String {
    let mut mail = mail.clone();
    mail.headers.clear();
    let octets = mail.to_octets().expect("not too large");
    let octets = String::from_utf8(octets).expect("ASCII");
    let date = octets.lines().find_map(|line| line.strip_prefix("Date: "));
    date.unwrap_or_default().to_owned()
}
