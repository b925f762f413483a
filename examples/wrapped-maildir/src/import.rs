//! Puts Internet mail (RFC 5322, MIME) into a message of the store.

use std::borrow::Cow;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use mail_parser::decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode};
use mail_parser::{
    Addr, Address, Encoding, HeaderValue, Message as Mail, MessageParser, MessagePart, MimeHeaders,
    PartType,
};
use mapi_provider::abi::{
    PR_ATTACH_CONTENT_ID_W, PR_IN_REPLY_TO_W, PR_INTERNET_MESSAGE_ID_W, PR_INTERNET_REFERENCES_W,
};
use mapi_provider::store::{FileAttachment, Message, Recipient, StoreError};
use mapi_provider::view::FileTime;

use crate::nesting;

/// Messages in messages: deeper ones are attached as files.
const DEEPEST: usize = 8;

/// Sets all that the header says.
pub(crate) fn header(
    message: &Message,
    mail: &Mail<'_>,
    arrived: SystemTime,
) -> Result<(), StoreError> {
    message.set_subject(mail.subject().unwrap_or_default())?;
    message.set_headers(&raw_header(mail.raw_message()))?;
    if let Some((name, address)) = first(mail.from()) {
        message.set_from(&name, &address)?;
    }
    if let Some((name, address)) = first(mail.sender()) {
        message.set_sender(&name, &address)?;
    }
    message.set_recipients(&recipients(mail))?;
    let sent = mail.date().and_then(|date| time(date.to_timestamp()));
    let arrived = FileTime::try_from(arrived).ok();
    if let Some(arrived) = arrived.or(sent) {
        message.set_times(sent.unwrap_or(arrived), arrived)?;
    }
    for (tag, ids) in [
        (PR_INTERNET_MESSAGE_ID_W, mail.header("Message-ID")),
        (PR_IN_REPLY_TO_W, mail.header("In-Reply-To")),
        (PR_INTERNET_REFERENCES_W, mail.header("References")),
    ] {
        if let Some(ids) = ids.and_then(message_ids) {
            message.set(tag, &*ids)?;
        }
    }
    Ok(())
}

/// Sets text, HTML and attachments.
pub(crate) fn body(message: &Message, mail: &Mail<'_>) -> Result<(), StoreError> {
    body_at(message, mail, 0)
}

fn body_at(message: &Message, mail: &Mail<'_>, depth: usize) -> Result<(), StoreError> {
    let texts = mail.text_bodies().filter_map(|part| match &part.body {
        PartType::Text(text) => Some(text.as_ref()),
        _ => None,
    });
    let text = texts.collect::<Vec<_>>().join("\r\n");
    let html = mail.html_bodies().find_map(|part| match &part.body {
        PartType::Html(html) => Some(html.as_ref()),
        _ => None,
    });
    if let Some(html) = html {
        message.set_html(html)?;
    }
    if !text.is_empty() || html.is_none() {
        message.set_body(&text)?;
    } else if let Some(text) = mail.body_text(0) {
        message.set_body(&text)?;
    }
    for part in mail.attachments() {
        attach(message, (mail, part), html.unwrap_or_default(), depth)?;
    }
    Ok(())
}

fn attach(
    message: &Message,
    (mail, part): (&Mail<'_>, &MessagePart<'_>),
    html: &str,
    depth: usize,
) -> Result<(), StoreError> {
    if let Some(inner) = part.message() {
        return attach_message(message, inner, depth);
    }
    let is_hidden = part
        .content_type()
        .is_some_and(|kind| nesting::is_hidden(kind.ctype()));
    if is_hidden {
        let text = nesting::tamed(part.contents());
        if let Some(inner) = MessageParser::default().parse(&*text) {
            return attach_message(message, &inner, depth);
        }
    }
    attach_file(message, part, &file_content(mail, part), html)
}

fn attach_message(message: &Message, inner: &Mail<'_>, depth: usize) -> Result<(), StoreError> {
    if depth < DEEPEST {
        let subject = inner.subject().unwrap_or_default();
        message.attach_message(subject, |message| {
            header(message, inner, UNIX_EPOCH)?;
            body_at(message, inner, depth + 1)
        })?;
    } else {
        let file = FileAttachment::new("message.eml", "message/rfc822", inner.raw_message());
        message.attach(&file)?;
    }
    Ok(())
}

/// The bytes of a file. The parser has converted text to UTF-8, but in a file each byte
/// counts.
fn file_content<'p>(mail: &'p Mail<'_>, part: &'p MessagePart<'_>) -> Cow<'p, [u8]> {
    let place = part.raw_body_offset() as usize..part.raw_end_offset() as usize;
    let decoded = match (part.is_text(), mail.raw_message.get(place)) {
        (true, Some(raw)) => match part.encoding {
            Encoding::None => Some(Cow::Borrowed(raw)),
            Encoding::Base64 => base64_decode(raw).map(Cow::Owned),
            Encoding::QuotedPrintable => quoted_printable_decode(raw).map(Cow::Owned),
        },
        _ => None,
    };
    decoded.unwrap_or_else(|| Cow::Borrowed(part.contents()))
}

fn attach_file(
    message: &Message,
    part: &MessagePart<'_>,
    content: &[u8],
    html: &str,
) -> Result<(), StoreError> {
    let kind = part.content_type().map(|kind| match kind.subtype() {
        Some(subtype) => format!("{}/{subtype}", kind.ctype()),
        None => kind.ctype().to_owned(),
    });
    let kind = kind.unwrap_or_else(|| "application/octet-stream".to_owned());
    let name = file_name(part.attachment_name().unwrap_or("attachment"));
    let file = FileAttachment::new(&name, &kind, content);
    match part.content_id() {
        Some(id) if html.contains(&format!("cid:{id}")) => {
            message.attach(&file.inline(id))?;
        }
        Some(id) => {
            let attachment = message.attach(&file)?;
            attachment.set(PR_ATTACH_CONTENT_ID_W, id)?;
            attachment.save()?;
        }
        None => {
            message.attach(&file)?;
        }
    }
    Ok(())
}

/// Only a file's name, whatever path the sender gave it.
fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean = last.replace(char::is_control, " ");
    match clean.trim() {
        "" => "attachment".to_owned(),
        clean => clean.to_owned(),
    }
}

fn recipients(mail: &Mail<'_>) -> Vec<Recipient> {
    let lines = [
        (mail.to(), Recipient::to as fn(&str, &str) -> Recipient),
        (mail.cc(), Recipient::cc),
        (mail.bcc(), Recipient::bcc),
    ];
    lines
        .into_iter()
        .flat_map(|(line, recipient)| {
            let addresses = line
                .into_iter()
                .flat_map(Address::iter)
                .filter_map(name_and_address);
            addresses.map(move |(name, address)| recipient(&name, &address))
        })
        .collect()
}

fn first(line: Option<&Address<'_>>) -> Option<(String, String)> {
    line?.iter().find_map(name_and_address)
}

/// Without an address, there is nobody.
fn name_and_address(who: &Addr<'_>) -> Option<(String, String)> {
    let name = who.name().unwrap_or_default();
    let address = who.address().unwrap_or_default();
    (!name.is_empty() || !address.is_empty()).then(|| (name.to_owned(), address.to_owned()))
}

/// Message IDs as Outlook keeps them: each in angle brackets.
fn message_ids(ids: &HeaderValue<'_>) -> Option<String> {
    let ids = match ids {
        HeaderValue::Text(id) => vec![id.as_ref()],
        HeaderValue::TextList(ids) => ids.iter().map(|id| id.as_ref()).collect(),
        _ => return None,
    };
    let ids: Vec<String> = ids
        .into_iter()
        .map(|id| format!("<{id}>").replace('\0', ""))
        .collect();
    (!ids.is_empty()).then(|| ids.join(" "))
}

fn time(seconds: i64) -> Option<FileTime> {
    let seconds = u64::try_from(seconds).ok()?;
    let time = UNIX_EPOCH.checked_add(Duration::from_secs(seconds))?;
    FileTime::try_from(time).ok()
}

/// Everything up to the first empty line.
fn raw_header(text: &[u8]) -> String {
    let end = (0..text.len()).find(|start| {
        let rest = &text[*start..];
        rest.starts_with(b"\n\n") || rest.starts_with(b"\n\r\n")
    });
    let header = &text[..end.map_or(text.len(), |end| end + 1)];
    String::from_utf8_lossy(header).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_ends_at_the_first_empty_line() {
        assert_eq!(
            raw_header(b"A: b\r\nC: d\r\n\r\nText\r\n\r\n"),
            "A: b\r\nC: d\r\n"
        );
        assert_eq!(raw_header(b"A: b\n\nText"), "A: b\n");
        assert_eq!(raw_header(b"A: b"), "A: b");
    }

    #[test]
    fn a_file_has_a_name_and_no_path() {
        assert_eq!(file_name("report.pdf"), "report.pdf");
        assert_eq!(file_name("../../etc/passwd"), "passwd");
        assert_eq!(file_name(r"C:\temp\a.txt"), "a.txt");
        assert_eq!(file_name("a\r\nb"), "a  b");
        assert_eq!(file_name("/"), "attachment");
    }

    #[test]
    fn times_before_1970_are_none() {
        assert_eq!(time(-1), None);
        assert_eq!(time(i64::MAX), None);
        assert_eq!(time(0).map(FileTime::ticks), Some(116_444_736_000_000_000));
    }
}
