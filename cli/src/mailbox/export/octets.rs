//! A message as the octets of Internet mail (RFC 5322, MIME). [`octets`] is the one way in, so that a fuller conversion can
//! take its place.

use std::time::{SystemTime, UNIX_EPOCH};

use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address;
use mail_builder::headers::message_id::MessageId;
use mail_builder::headers::text::Text;
use mail_builder::mime::{BodyPart, MimePart};
use mail_parser::decoders::charsets::map::charset_decoder;
use mapi_provider::abi::{
    MAPI_BCC, MAPI_CC, MAPI_TO, MessageFlags, PR_ATTACH_CONTENT_ID_W, PR_ATTACH_DATA_BIN,
    PR_ATTACH_FILENAME_W, PR_ATTACH_LONG_FILENAME_W, PR_ATTACH_MIME_TAG_W, PR_BODY_W,
    PR_CLIENT_SUBMIT_TIME, PR_DISPLAY_NAME_W, PR_EMAIL_ADDRESS_W, PR_HTML, PR_IN_REPLY_TO_W,
    PR_INTERNET_CPID, PR_INTERNET_MESSAGE_ID_W, PR_INTERNET_REFERENCES_W, PR_MESSAGE_DELIVERY_TIME,
    PR_MESSAGE_FLAGS, PR_RECIPIENT_TYPE, PR_RTF_COMPRESSED, PR_SENDER_EMAIL_ADDRESS_W,
    PR_SENDER_NAME_W, PR_SENT_REPRESENTING_EMAIL_ADDRESS_W, PR_SENT_REPRESENTING_NAME_W,
    PR_SMTP_ADDRESS_W, PR_SUBJECT_W, PropTag,
};
use mapi_provider::view::PropValue;
use mapi_provider_mailbox::database::{Attachment, MessageData, Property, PropertySet, Store};

/// The name of a text that is only there as compressed RTF: the bytes as they are kept.
const RTF_NAME: &str = "text.rtf.lzfu";

/// A message as a file has it.
///
/// # Errors
///
/// A value of it can't be read.
pub(super) fn octets(store: &Store, message: &MessageData) -> Result<Vec<u8>, String> {
    let props = &Props {
        store,
        set: &message.props,
    };
    let mut mail = MessageBuilder::new()
        .subject(props.line(PR_SUBJECT_W)?)
        .date(seconds(&message.props));
    let from = props.who(
        PR_SENT_REPRESENTING_NAME_W,
        PR_SENT_REPRESENTING_EMAIL_ADDRESS_W,
    )?;
    let sender = props.who(PR_SENDER_NAME_W, PR_SENDER_EMAIL_ADDRESS_W)?;
    if let Some(from) = from.as_ref().or(sender.as_ref()) {
        mail = mail.from(address(from));
    }
    if let (Some(from), Some(sender)) = (&from, &sender)
        && from.1 != sender.1
    {
        mail = mail.sender(address(sender));
    }
    for (name, kind) in [("To", MAPI_TO), ("Cc", MAPI_CC), ("Bcc", MAPI_BCC)] {
        let people = recipients(store, message, kind)?;
        if !people.is_empty() {
            mail = mail.header(name, Address::new_list(people));
        }
    }
    for (name, tag) in [
        ("Message-ID", PR_INTERNET_MESSAGE_ID_W),
        ("In-Reply-To", PR_IN_REPLY_TO_W),
        ("References", PR_INTERNET_REFERENCES_W),
    ] {
        let ids = ids(&props.line(tag)?);
        if !ids.is_empty() {
            mail = mail.header(name, MessageId::from(ids));
        }
    }
    let flags = message.props.long(PR_MESSAGE_FLAGS).unwrap_or_default();
    if MessageFlags::from_bits_retain(flags.cast_unsigned()).contains(MessageFlags::UNSENT) {
        // Outlook opens such a file as a draft.
        mail = mail.header("X-Unsent", Text::new("1"));
    }
    let mail = mail.body(content(props, message)?);
    mail.write_to_vec().map_err(|error| error.to_string())
}

/// Text and HTML, whichever there are, and the attachments.
fn content(props: &Props<'_>, message: &MessageData) -> Result<MimePart<'static>, String> {
    let html = html(props)?.map(|html| MimePart::new("text/html", html));
    let text = props.text(PR_BODY_W)?;
    let mut inline = Vec::new();
    let mut attached = Vec::new();
    if html.is_none() && text.is_empty() && message.props.contains(PR_RTF_COMPRESSED.id()) {
        let rtf = BodyPart::Binary(props.bytes(PR_RTF_COMPRESSED)?.into());
        attached.push(MimePart::new("application/octet-stream", rtf).attachment(RTF_NAME));
    }
    for attachment in message.attachments.values() {
        let (part, is_inline) = part(props.store, attachment)?;
        match is_inline && html.is_some() {
            true => inline.push(part),
            false => attached.push(part),
        }
    }
    // Files that the HTML shows go with it.
    let html = html.map(|html| within("multipart/related", html, inline));
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
    let parts = [first].into_iter().chain(others).collect::<Vec<_>>();
    MimePart::new(kind, parts)
}

/// An attachment, and whether the HTML may show it.
fn part(store: &Store, attachment: &Attachment) -> Result<(MimePart<'static>, bool), String> {
    let props = Props {
        store,
        set: &attachment.props,
    };
    if let Some(inner) = &attachment.embedded {
        // No other encoding is allowed for a message (RFC 2046, 5.2.1); what is built here is 7 bits wide. The store
        // bounds how deep they are nested.
        let inner = BodyPart::Binary(octets(store, inner)?.into());
        let part = MimePart::new("message/rfc822", inner).transfer_encoding("7bit");
        return Ok((part, false));
    }
    let kind = Some(props.line(PR_ATTACH_MIME_TAG_W)?).filter(|kind| is_mime_type(kind));
    let kind = kind.unwrap_or_else(|| "application/octet-stream".to_owned());
    let part = MimePart::new(
        kind,
        BodyPart::Binary(props.bytes(PR_ATTACH_DATA_BIN)?.into()),
    );
    let part = part.attachment(file_name(&props)?);
    match props.line(PR_ATTACH_CONTENT_ID_W)? {
        id if id.is_empty() => Ok((part, false)),
        id => Ok((part.cid(id), true)),
    }
}

fn file_name(props: &Props<'_>) -> Result<String, String> {
    for tag in [
        PR_ATTACH_LONG_FILENAME_W,
        PR_ATTACH_FILENAME_W,
        PR_DISPLAY_NAME_W,
    ] {
        let name = props.line(tag)?;
        if !name.is_empty() {
            return Ok(name);
        }
    }
    Ok("attachment".to_owned())
}

/// The HTML, whatever code page it is in.
fn html(props: &Props<'_>) -> Result<Option<String>, String> {
    if !props.set.contains(PR_HTML.id()) {
        return Ok(None);
    }
    let html = props.bytes(PR_HTML)?;
    let charset = match props.set.long(PR_INTERNET_CPID) {
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

fn recipients(
    store: &Store,
    message: &MessageData,
    kind: u32,
) -> Result<Vec<Address<'static>>, String> {
    let mut people = Vec::new();
    for recipient in &message.recipients {
        let props = Props {
            store,
            set: &recipient.props,
        };
        let found = props.set.long(PR_RECIPIENT_TYPE).unwrap_or_default();
        // The bits above say how it was sent.
        if found.cast_unsigned() & 0xFF != kind {
            continue;
        }
        let smtp = props.who(PR_DISPLAY_NAME_W, PR_SMTP_ADDRESS_W)?;
        let smtp = smtp.filter(|(_, address)| !address.is_empty());
        let who = match smtp {
            Some(who) => Some(who),
            None => props.who(PR_DISPLAY_NAME_W, PR_EMAIL_ADDRESS_W)?,
        };
        people.extend(who.as_ref().map(address));
    }
    Ok(people)
}

/// A name and an address; the address is not repeated as the name.
fn address((name, address): &(String, String)) -> Address<'static> {
    let name = (!name.is_empty() && name != address).then(|| name.clone());
    let bad = |letter: char| letter.is_whitespace() || matches!(letter, '<' | '>');
    Address::new_address(name, address.replace(bad, ""))
}

/// Message IDs, without their brackets.
fn ids(text: &str) -> Vec<String> {
    let ids =
        text.split(|letter: char| letter.is_whitespace() || matches!(letter, '<' | '>' | ','));
    ids.filter(|id| !id.is_empty()).map(str::to_owned).collect()
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

/// When it was sent, else when it arrived, else the beginning of time.
fn seconds(props: &PropertySet) -> i64 {
    let times = [PR_CLIENT_SUBMIT_TIME, PR_MESSAGE_DELIVERY_TIME];
    let mut times = times.into_iter().filter_map(|tag| props.time(tag));
    let time = times.find_map(|time| SystemTime::try_from(time).ok());
    let since = time.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.map_or(0, |since| since.as_secs().cast_signed())
}

/// Properties whose large values are read from the store.
struct Props<'m> {
    store: &'m Store,
    set: &'m PropertySet,
}

impl Props<'_> {
    fn value(&self, tag: PropTag) -> Result<Option<PropValue<'static>>, String> {
        match self.set.get(tag.id()) {
            None => Ok(None),
            Some(Property::Value(value)) => Ok(Some(value.clone())),
            Some(Property::Large(large)) => {
                let value = self.store.load_large(large);
                value.map(Some).map_err(|error| error.to_string())
            }
        }
    }

    /// A text; empty where there is none.
    fn text(&self, tag: PropTag) -> Result<String, String> {
        let value = self.value(tag)?;
        Ok(value.and_then(|value| value.to_text()).unwrap_or_default())
    }

    /// A text that stays within its line of the header, whatever was in it.
    fn line(&self, tag: PropTag) -> Result<String, String> {
        let text = self.text(tag)?;
        Ok(text.replace(char::is_control, " ").trim().to_owned())
    }

    /// The bytes of a binary; none where there is none, as with a link.
    fn bytes(&self, tag: PropTag) -> Result<Vec<u8>, String> {
        Ok(match self.value(tag)? {
            Some(PropValue::Binary(bytes)) => bytes.into_owned(),
            _ => Vec::new(),
        })
    }

    /// A name and an address, if there is either.
    fn who(&self, name: PropTag, address: PropTag) -> Result<Option<(String, String)>, String> {
        let (name, address) = (self.line(name)?, self.line(address)?);
        Ok((!name.is_empty() || !address.is_empty()).then_some((name, address)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stand_without_brackets() {
        assert_eq!(ids("<a@b>  <c@d>, <e@f>"), ["a@b", "c@d", "e@f"]);
        assert!(ids("<>").is_empty());
    }

    #[test]
    fn only_types_of_files_are_types() {
        assert!(is_mime_type("image/svg+xml") && is_mime_type("text/plain"));
        for bad in [
            "",
            "text",
            "text/",
            "text/plain; x",
            "multipart/mixed",
            "message/rfc822",
        ] {
            assert!(!is_mime_type(bad), "{bad}");
        }
    }
}
