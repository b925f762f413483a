//! A message of the store as Internet mail (RFC 5322, MIME).

use std::io;
use std::time::{SystemTime, UNIX_EPOCH};

use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address;
use mail_builder::headers::message_id::MessageId;
use mail_builder::mime::{BodyPart, MimePart};
use mail_parser::decoders::charsets::map::charset_decoder;
use mapi_provider::abi::{
    PR_ATTACH_CONTENT_ID_W, PR_BODY_W, PR_CLIENT_SUBMIT_TIME, PR_HTML, PR_IN_REPLY_TO_W,
    PR_INTERNET_CPID, PR_INTERNET_MESSAGE_ID_W, PR_INTERNET_REFERENCES_W, PR_MESSAGE_DELIVERY_TIME,
    PR_SENDER_EMAIL_ADDRESS_W, PR_SENDER_NAME_W, PR_SENT_REPRESENTING_EMAIL_ADDRESS_W,
    PR_SENT_REPRESENTING_NAME_W, PR_SUBJECT_W, PropTag,
};
use mapi_provider::store::{Attachment, Message, Recipient, RecipientKind, Row, StoreError};

/// The depth of messages in messages; deeper ones are left out.
const DEEPEST: usize = 8;

/// A message; if it has no ID, this key gives it one.
///
/// # Errors
///
/// It can't be read.
pub(crate) fn message(message: &Message, key: &str) -> io::Result<Vec<u8>> {
    build(message, key, 0)
}

fn build(message: &Message, key: &str, depth: usize) -> io::Result<Vec<u8>> {
    let row = message.get_all(&[
        PR_SUBJECT_W,
        PR_SENT_REPRESENTING_NAME_W,
        PR_SENT_REPRESENTING_EMAIL_ADDRESS_W,
        PR_SENDER_NAME_W,
        PR_SENDER_EMAIL_ADDRESS_W,
        PR_CLIENT_SUBMIT_TIME,
        PR_MESSAGE_DELIVERY_TIME,
        PR_INTERNET_MESSAGE_ID_W,
        PR_IN_REPLY_TO_W,
        PR_INTERNET_REFERENCES_W,
    ])?;
    let mut mail = MessageBuilder::new()
        .subject(line(&text(&row, PR_SUBJECT_W)))
        .date(seconds(&row));
    let from = who(
        &row,
        PR_SENT_REPRESENTING_NAME_W,
        PR_SENT_REPRESENTING_EMAIL_ADDRESS_W,
    );
    let sender = who(&row, PR_SENDER_NAME_W, PR_SENDER_EMAIL_ADDRESS_W);
    if let Some(from) = from.clone().or(sender.clone()) {
        mail = mail.from(address(from));
    }
    if let Some(sender) = sender.filter(|sender| from.is_some_and(|from| from.1 != sender.1)) {
        mail = mail.sender(address(sender));
    }
    for (name, kind) in [
        ("To", RecipientKind::To),
        ("Cc", RecipientKind::Cc),
        ("Bcc", RecipientKind::Bcc),
    ] {
        let people = recipients(message, kind)?;
        if !people.is_empty() {
            mail = mail.header(name, Address::new_list(people));
        }
    }
    let own = ids(&row, PR_INTERNET_MESSAGE_ID_W).into_iter().next();
    mail = mail.message_id(own.unwrap_or_else(|| format!("{key}@localhost")));
    for (name, tag) in [
        ("In-Reply-To", PR_IN_REPLY_TO_W),
        ("References", PR_INTERNET_REFERENCES_W),
    ] {
        let ids = ids(&row, tag);
        if !ids.is_empty() {
            mail = mail.header(name, MessageId::from(ids));
        }
    }
    mail.body(content(message, key, depth)?).write_to_vec()
}

/// Text and HTML, whichever there are, and the attachments.
fn content(message: &Message, key: &str, depth: usize) -> io::Result<MimePart<'static>> {
    let html = html(message)?.map(|html| MimePart::new("text/html", html));
    let mut inline = Vec::new();
    let mut attached = Vec::new();
    for attachment in message.attachments()? {
        let (part, is_inline) = part(&attachment, key, depth)?;
        match is_inline && html.is_some() {
            true => inline.push(part),
            false => attached.push(part),
        }
    }
    // Files that the HTML shows go with it.
    let html = html.map(|html| within("multipart/related", html, inline));
    let text = message.text(PR_BODY_W)?.unwrap_or_default();
    let text = MimePart::new("text/plain", text);
    let body = match html {
        Some(html) => MimePart::new("multipart/alternative", vec![text, html]),
        None => text,
    };
    Ok(within("multipart/mixed", body, attached))
}

/// A part with others after it; alone if there are none.
fn within(
    kind: &'static str,
    first: MimePart<'static>,
    others: Vec<MimePart<'static>>,
) -> MimePart<'static> {
    if others.is_empty() {
        return first;
    }
    let mut parts = vec![first];
    parts.extend(others);
    MimePart::new(kind, parts)
}

/// An attachment, and whether the HTML shows it.
fn part(attachment: &Attachment, key: &str, depth: usize) -> io::Result<(MimePart<'static>, bool)> {
    if let Some(inner) = attachment.message()? {
        let text = match depth {
            DEEPEST.. => b"\r\n".to_vec(),
            _ => build(&inner, &format!("{}.{key}", attachment.number()), depth + 1)?,
        };
        // No other encoding is allowed for a message (RFC 2046, 5.2.1); what was built is 7 bits wide.
        let part = MimePart::new("message/rfc822", BodyPart::Binary(text.into()));
        return Ok((part.transfer_encoding("7bit"), false));
    }
    let kind = Some(attachment.mime_type()?).filter(|kind| is_mime_type(kind));
    let kind = kind.unwrap_or_else(|| "application/octet-stream".to_owned());
    let content = BodyPart::Binary(content_of(attachment)?.into());
    let part = MimePart::new(kind, content);
    let name = line(&attachment.name()?);
    match attachment.text(PR_ATTACH_CONTENT_ID_W)?.map(|id| line(&id)) {
        Some(id) if !id.is_empty() => Ok((part.attachment(name).cid(id), true)),
        _ => Ok((part.attachment(name), false)),
    }
}

/// Pictures of OLE objects and links have no content that could be sent.
fn content_of(attachment: &Attachment) -> Result<Vec<u8>, StoreError> {
    match attachment.read_to_vec() {
        Err(error) if error.is_not_found() => Ok(Vec::new()),
        content => content,
    }
}

/// The HTML, whatever code page it is in.
fn html(message: &Message) -> Result<Option<String>, StoreError> {
    let Some(html) = message.binary(PR_HTML)? else {
        return Ok(None);
    };
    let charset = match message.long(PR_INTERNET_CPID)? {
        Some(page @ 1250..=1258) => format!("windows-{page}"),
        Some(page @ 28591..=28605) => format!("iso-8859-{}", page - 28590),
        Some(20866) => "koi8-r".to_owned(),
        Some(932) => "shift_jis".to_owned(),
        Some(936) => "gbk".to_owned(),
        Some(949) => "euc-kr".to_owned(),
        Some(950) => "big5".to_owned(),
        _ => "utf-8".to_owned(),
    };
    Ok(Some(match charset_decoder(charset.as_bytes()) {
        Some(decode) => decode(&html),
        None => String::from_utf8_lossy(&html).into_owned(),
    }))
}

fn recipients(message: &Message, kind: RecipientKind) -> Result<Vec<Address<'static>>, StoreError> {
    let all = message.recipients()?.into_iter();
    let some = all.filter(|recipient| recipient.kind == kind);
    Ok(some
        .map(|Recipient { name, address, .. }| self::address((line(&name), line(&address))))
        .collect())
}

/// A name and an address; the address is not repeated as the name.
fn address((name, address): (String, String)) -> Address<'static> {
    let name = (!name.is_empty() && name != address).then_some(name);
    let bad = |letter: char| letter.is_whitespace() || matches!(letter, '<' | '>');
    Address::new_address(name, address.replace(bad, ""))
}

fn who(row: &Row, name: PropTag, address: PropTag) -> Option<(String, String)> {
    let (name, address) = (line(&text(row, name)), line(&text(row, address)));
    (!name.is_empty() || !address.is_empty()).then_some((name, address))
}

/// Message IDs, without their brackets.
fn ids(row: &Row, tag: PropTag) -> Vec<String> {
    let text = line(&text(row, tag));
    let ids =
        text.split(|letter: char| letter.is_whitespace() || matches!(letter, '<' | '>' | ','));
    ids.filter(|id| !id.is_empty()).map(str::to_owned).collect()
}

fn text(row: &Row, tag: PropTag) -> String {
    row.text(tag).unwrap_or_default()
}

/// A text that stays within its line of the header, whatever was in it.
fn line(text: &str) -> String {
    text.replace(char::is_control, " ").trim().to_owned()
}

fn is_mime_type(kind: &str) -> bool {
    let token = |part: &str| {
        let good = |letter: char| letter.is_ascii_alphanumeric() || "!#$&-^_.+".contains(letter);
        !part.is_empty() && part.chars().all(good)
    };
    kind.split_once('/')
        .is_some_and(|(one, other)| token(one) && token(other))
        && !kind.starts_with("multipart/")
        && !kind.starts_with("message/")
}

/// When it was sent, else when it arrived, else now.
fn seconds(row: &Row) -> i64 {
    let times = [PR_CLIENT_SUBMIT_TIME, PR_MESSAGE_DELIVERY_TIME];
    let mut times = times.into_iter().filter_map(|tag| row.time(tag));
    let time = times.find_map(|time| SystemTime::try_from(time).ok());
    let since = time
        .unwrap_or_else(SystemTime::now)
        .duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs().cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_writes_a_line_of_the_header_by_a_value() {
        assert_eq!(
            line("Hello\r\nBcc: all@example.org"),
            "Hello  Bcc: all@example.org"
        );
        let row = Row::from(vec![mapi_provider::view::Property::new(
            PR_INTERNET_REFERENCES_W,
            "<a@b>\r\n <c@d>, <\u{0}e@f>",
        )]);
        assert_eq!(ids(&row, PR_INTERNET_REFERENCES_W), ["a@b", "c@d", "e@f"]);
    }

    #[test]
    fn only_types_of_files_are_types() {
        assert!(is_mime_type("image/svg+xml") && is_mime_type("text/plain"));
        for bad in [
            "",
            "text",
            "text/",
            "text/plain\r\nX: y",
            "multipart/mixed",
            "message/rfc822",
        ] {
            assert!(!is_mime_type(bad), "{bad}");
        }
    }
}
