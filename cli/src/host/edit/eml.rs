//! A file of Internet mail (RFC 5322, MIME) as a message: what a user sees of it. [`deliver`] is the one way in, so that a
//! fuller conversion can take its place.

use std::time::{Duration, UNIX_EPOCH};

use mail_parser::{Address, Message as Mail, MessageParser, MessagePart, MimeHeaders, PartType};
use mapi_provider::abi::PR_INTERNET_MESSAGE_ID_W;
use mapi_provider::store::{EntryId, FileAttachment, Folder, Message, Recipient, StoreError};
use mapi_provider::view::FileTime;

/// So many messages may be in one: the parser goes as deep as they are nested.
const MOST_MESSAGES: usize = 32;

/// Whether the octets are mail.
pub(super) fn check(octets: &[u8]) -> Result<(), String> {
    let nested = octets
        .split(|byte| *byte == b'\n')
        .filter(|line| may_begin_message(line));
    if nested.take(MOST_MESSAGES + 1).count() > MOST_MESSAGES {
        return Err(format!("more than {MOST_MESSAGES} messages are in it"));
    }
    let mail = MessageParser::default().parse(octets);
    let is_mail = mail.is_some_and(|mail| !mail.headers().is_empty());
    is_mail.then_some(()).ok_or_else(|| {
        "it is no Internet message: it has no header, as in `Subject: Hello`".to_owned()
    })
}

/// Whether a line may say that what follows is a message.
fn may_begin_message(line: &[u8]) -> bool {
    let line = line.to_ascii_lowercase();
    [&b"message/"[..], b"/digest"]
        .iter()
        .any(|word| line.windows(word.len()).any(|part| part == *word))
}

/// Makes a message of octets that were [checked](check), in a folder. One that is to be sent is a draft, and so is one whose
/// header has `X-Unsent: 1`; all else has arrived.
pub(super) fn deliver(folder: &Folder, octets: &[u8], draft: bool) -> Result<EntryId, StoreError> {
    let parsed = MessageParser::default().parse(octets);
    let mail = parsed.unwrap_or_default();
    let is_unsent = mail
        .header_raw("X-Unsent")
        .is_some_and(|text| text.trim() == "1");
    let message = match draft || is_unsent {
        true => folder.create_draft()?,
        false => folder.create_message()?,
    };
    fill(&message, &mail, octets)?;
    message.save()
}

fn fill(message: &Message, mail: &Mail<'_>, octets: &[u8]) -> Result<(), StoreError> {
    message.set_subject(&text_line(mail.subject().unwrap_or_default()))?;
    message.set_headers(&raw_header(octets))?;
    if let Some((name, address)) = people(mail.from()).next() {
        message.set_from(&name, &address)?;
    }
    if let Some((name, address)) = people(mail.sender()).next() {
        message.set_sender(&name, &address)?;
    }
    message.set_recipients(&recipients(mail))?;
    if let Some(time) = mail.date().and_then(|date| time(date.to_timestamp())) {
        message.set_times(time, time)?;
    }
    if let Some(id) = mail.message_id() {
        message.set(
            PR_INTERNET_MESSAGE_ID_W,
            format!("<{}>", text_line(id)).as_str(),
        )?;
    }
    let html = mail.html_bodies().find_map(|part| match &part.body {
        PartType::Html(html) => Some(html.as_ref()),
        _ => None,
    });
    if let Some(html) = html {
        message.set_html(html)?;
    }
    let text = mail.body_text(0).unwrap_or_default();
    message.set_body(&text.replace('\0', " "))?;
    for part in mail.attachments() {
        attach(message, part, html.unwrap_or_default())?;
    }
    Ok(())
}

fn attach(message: &Message, part: &MessagePart<'_>, html: &str) -> Result<(), StoreError> {
    let (kind, content, name) = match part.message() {
        Some(inner) => (
            "message/rfc822".to_owned(),
            inner.raw_message(),
            "message.eml",
        ),
        None => (mime_type(part), part.contents(), "attachment"),
    };
    let name = file_name(part.attachment_name().unwrap_or_default(), name);
    let file = FileAttachment::new(&name, &kind, content);
    match part.content_id() {
        Some(id) if html.contains(&format!("cid:{id}")) => message.attach(&file.inline(id))?,
        _ => message.attach(&file)?,
    };
    Ok(())
}

fn mime_type(part: &MessagePart<'_>) -> String {
    match part
        .content_type()
        .map(|kind| (kind.ctype(), kind.subtype()))
    {
        Some((kind, Some(subtype))) => text_line(&format!("{kind}/{subtype}")),
        _ => "application/octet-stream".to_owned(),
    }
}

/// Only a file's name, whatever path the sender gave it.
fn file_name(name: &str, otherwise: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    match text_line(last) {
        clean if clean.is_empty() => otherwise.to_owned(),
        clean => clean,
    }
}

fn recipients(mail: &Mail<'_>) -> Vec<Recipient> {
    let to = people(mail.to()).map(|(name, address)| Recipient::to(&name, &address));
    let cc = people(mail.cc()).map(|(name, address)| Recipient::cc(&name, &address));
    let bcc = people(mail.bcc()).map(|(name, address)| Recipient::bcc(&name, &address));
    to.chain(cc).chain(bcc).collect()
}

/// Names and addresses; without either, there is nobody.
fn people(line: Option<&Address<'_>>) -> impl Iterator<Item = (String, String)> {
    let all = line.into_iter().flat_map(Address::iter);
    all.map(|who| {
        let [name, address] = [who.name(), who.address()].map(Option::unwrap_or_default);
        (text_line(name), text_line(address))
    })
    .filter(|(name, address)| !name.is_empty() || !address.is_empty())
}

/// A text without control characters.
fn text_line(text: &str) -> String {
    text.replace(char::is_control, " ").trim().to_owned()
}

fn time(seconds: i64) -> Option<FileTime> {
    let seconds = u64::try_from(seconds).ok()?;
    let time = UNIX_EPOCH.checked_add(Duration::from_secs(seconds))?;
    FileTime::try_from(time).ok()
}

/// Everything up to the first empty line.
fn raw_header(octets: &[u8]) -> String {
    let mut end = 0;
    for line in octets.split_inclusive(|byte| *byte == b'\n') {
        if matches!(line, b"\n" | b"\r\n") {
            break;
        }
        end += line.len();
    }
    String::from_utf8_lossy(octets.get(..end).unwrap_or_default()).replace('\0', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_mail_is_told() {
        assert!(check(b"").is_err());
        assert!(check(b"\r\n\r\nHello").is_err());
        assert_eq!(check(b"Subject: Hello\r\n\r\nHello"), Ok(()));
        let deep = "Content-Type: message/rfc822\r\n\r\n".repeat(5_000);
        assert!(check(deep.as_bytes()).is_err());
        let digests = "Content-Type: multipart/digest; boundary=x\r\n\r\n--x\r\n".repeat(5_000);
        assert!(check(digests.as_bytes()).is_err());
    }

    #[test]
    fn a_header_ends_at_the_first_empty_line() {
        assert_eq!(
            raw_header(b"A: b\r\nC: d\r\n\r\nText\r\n\r\n"),
            "A: b\r\nC: d\r\n"
        );
        assert_eq!(raw_header(b"A: b\n\nText"), "A: b\n");
        assert_eq!(raw_header(b"A: b"), "A: b");
        assert_eq!(raw_header(b"A: \xff\0"), "A: \u{FFFD} ");
    }

    #[test]
    fn a_file_has_a_name_and_no_path() {
        assert_eq!(file_name(r"C:\temp\a.txt", "x"), "a.txt");
        assert_eq!(file_name("../../etc/pass\r\nwd", "x"), "pass  wd");
        assert_eq!(file_name("/", "attachment"), "attachment");
    }
}
