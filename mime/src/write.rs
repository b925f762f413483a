//! A message becomes octets.

mod fields;

use mail_builder::encoders::base64::base64_encode_mime;
use mail_builder::encoders::encode::{EncodingType, get_encoding_type};
use mail_builder::encoders::quoted_printable::quoted_printable_encode;

use crate::mail::{Attachment, Content, Importance, Line, Mail, Who};
use crate::read::DEEPEST_MAIL;
use crate::{date, html};
use fields::{Header, parameter};

impl Mail {
    /// The message as octets: RFC 5322 and MIME, 7 bits wide unless an address is not.
    ///
    /// The same message gives the same octets each time. Fields of [`headers`](Self::headers) that no other member says
    /// are in it too, as they came; signatures are not, because they would be wrong.
    pub fn to_octets(&self) -> Vec<u8> {
        octets(self, 0)
    }
}

fn octets(mail: &Mail, depth: usize) -> Vec<u8> {
    let mut header = Header::default();
    header.others(&mail.headers);
    if let Some(from) = &mail.from {
        header.people("From", &[from]);
    }
    let is_other = |who: &&Who| {
        mail.from
            .as_ref()
            .is_none_or(|from| from.address != who.address)
    };
    if let Some(sender) = mail.sender.as_ref().filter(is_other) {
        header.people(
            if mail.from.is_some() {
                "Sender"
            } else {
                "From"
            },
            &[sender],
        );
    }
    for (name, line) in [("To", Line::To), ("Cc", Line::Cc), ("Bcc", Line::Bcc)] {
        let people = mail
            .recipients
            .iter()
            .filter(|recipient| recipient.line == line);
        header.people(
            name,
            &people.map(|recipient| &recipient.who).collect::<Vec<_>>(),
        );
    }
    header.text("Subject", &mail.subject);
    if let Some(sent) = mail.sent {
        header.words("Date", &date::format(sent));
    }
    header.ids("Message-ID", &mail.message_id);
    header.ids("In-Reply-To", &mail.in_reply_to);
    header.ids("References", &mail.references);
    match mail.importance {
        Importance::Normal => {}
        Importance::High => header.words("Importance", "high"),
        Importance::Low => header.words("Importance", "low"),
    }
    header.words("MIME-Version", "1.0");
    let mut out = header.into_octets();
    let mut boundaries = Boundaries {
        digest: mail.digest(),
        count: 0,
    };
    content(mail, depth, &mut boundaries).write(&mut out);
    out
}

/// Delimiters that no content has: it has none of `=_`, and would have to know the message's digest.
struct Boundaries {
    digest: u64,
    count: usize,
}

impl Boundaries {
    fn next(&mut self) -> String {
        self.count += 1;
        format!("=_{:016x}_{}", self.digest, self.count)
    }
}

/// A part: fields, and what they are about.
enum Part {
    Leaf(Header, Vec<u8>),
    Multi(Header, String, Vec<Part>),
}

impl Part {
    fn multi(kind: &str, parts: Vec<Part>, boundaries: &mut Boundaries) -> Self {
        let boundary = boundaries.next();
        let mut header = Header::default();
        header.with_parameters("Content-Type", kind, &[format!("boundary=\"{boundary}\"")]);
        Self::Multi(header, boundary, parts)
    }

    /// A part with others after it; alone if there are none.
    fn within(kind: &str, first: Part, others: Vec<Part>, boundaries: &mut Boundaries) -> Self {
        if others.is_empty() {
            return first;
        }
        let parts = std::iter::once(first).chain(others).collect();
        Self::multi(kind, parts, boundaries)
    }

    /// The fields of the part go on with those that are there.
    fn write(self, out: &mut Vec<u8>) {
        match self {
            Self::Leaf(header, content) => {
                out.extend(header.into_octets());
                out.extend_from_slice(b"\r\n");
                out.extend(content);
            }
            Self::Multi(header, boundary, parts) => {
                out.extend(header.into_octets());
                for part in parts {
                    out.extend_from_slice(format!("\r\n--{boundary}\r\n").as_bytes());
                    part.write(out);
                }
                out.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
            }
        }
    }
}

/// Text and HTML, whichever there are, and the attachments.
fn content(mail: &Mail, depth: usize, boundaries: &mut Boundaries) -> Part {
    let shown = mail
        .html
        .as_deref()
        .map(html::content_ids)
        .unwrap_or_default();
    let (mut inline, mut attached) = (Vec::new(), Vec::new());
    for attachment in &mail.attachments {
        let is_shown = !attachment.content_id.is_empty() && shown.contains(&attachment.content_id);
        let part = attached_part(attachment, is_shown, depth);
        match is_shown {
            true => inline.push(part),
            false => attached.push(part),
        }
    }
    let html = mail.html.as_deref().map(|html| text("text/html", html));
    // Files that the HTML shows go with it.
    let html = html.map(|html| Part::within("multipart/related", html, inline, boundaries));
    let plain = mail
        .text
        .as_deref()
        .filter(|text| html.is_none() || !text.is_empty());
    let body = match (plain, html) {
        (None, Some(html)) => html,
        (plain, html) => {
            let plain = text("text/plain", plain.unwrap_or_default());
            Part::within(
                "multipart/alternative",
                plain,
                html.into_iter().collect(),
                boundaries,
            )
        }
    };
    Part::within("multipart/mixed", body, attached, boundaries)
}

fn text(kind: &str, text: &str) -> Part {
    let text = with_line_ends(text);
    let mut header = Header::default();
    header.with_parameters("Content-Type", kind, &["charset=utf-8".to_owned()]);
    let mut content = Vec::new();
    let is_written = match get_encoding_type(text.as_bytes(), false, true) {
        EncodingType::None
            if !text.contains(|letter: char| letter.is_control() && !"\r\n\t".contains(letter)) =>
        {
            header.words("Content-Transfer-Encoding", "7bit");
            content = text.into_bytes();
            return Part::Leaf(header, content);
        }
        EncodingType::Base64 => {
            header.words("Content-Transfer-Encoding", "base64");
            base64_encode_mime(text.as_bytes(), &mut content, false)
        }
        _ => {
            header.words("Content-Transfer-Encoding", "quoted-printable");
            quoted_printable_encode(text.as_bytes(), &mut content, true)
        }
    };
    debug_assert!(is_written.is_ok(), "memory takes everything");
    Part::Leaf(header, content)
}

/// A text whose lines end as they do on the Internet.
fn with_line_ends(text: &str) -> String {
    let mut lines = String::with_capacity(text.len() + text.len() / 32);
    let mut rest = text;
    while let Some(place) = rest.find(['\r', '\n']) {
        lines.push_str(&rest[..place]);
        lines.push_str("\r\n");
        let end = if rest[place..].starts_with("\r\n") {
            2
        } else {
            1
        };
        rest = &rest[place + end..];
    }
    lines + rest
}

fn attached_part(attachment: &Attachment, is_shown: bool, depth: usize) -> Part {
    let content = match &attachment.content {
        Content::Mail(mail) => return attached_mail(attachment, mail, depth),
        Content::File(content) => content,
    };
    let name = fields::line(&attachment.name);
    let kind = if is_mime_type(&attachment.mime_type) {
        &*attachment.mime_type
    } else {
        "application/octet-stream"
    };
    // No other encoding is allowed for what is of type `message` (RFC 2046, 5.2.1).
    let is_message = kind.starts_with("message/");
    let kind = if is_message && !is_clean(content) {
        "application/octet-stream"
    } else {
        kind
    };
    let mut header = Header::default();
    let names = if name.is_empty() {
        Vec::new()
    } else {
        vec![parameter("name", &name)]
    };
    header.with_parameters("Content-Type", kind, &names);
    header.with_parameters(
        "Content-Disposition",
        if is_shown { "inline" } else { "attachment" },
        &fields::file_name(&name),
    );
    header.content_id(&attachment.content_id);
    if kind.starts_with("message/") {
        header.words(
            "Content-Transfer-Encoding",
            if content.is_ascii() { "7bit" } else { "8bit" },
        );
        return Part::Leaf(header, content.clone());
    }
    header.words("Content-Transfer-Encoding", "base64");
    let mut encoded = Vec::with_capacity(content.len() / 3 * 4 + content.len() / 28 + 8);
    let is_written = base64_encode_mime(content, &mut encoded, false);
    debug_assert!(is_written.is_ok(), "memory takes everything");
    Part::Leaf(header, encoded)
}

fn attached_mail(attachment: &Attachment, mail: &Mail, depth: usize) -> Part {
    let octets = match depth {
        DEEPEST_MAIL.. => b"\r\n".to_vec(),
        _ => octets(mail, depth + 1),
    };
    let mut header = Header::default();
    header.with_parameters("Content-Type", "message/rfc822", &[]);
    header.with_parameters("Content-Disposition", "attachment", &[]);
    header.content_id(&attachment.content_id);
    header.words(
        "Content-Transfer-Encoding",
        if octets.is_ascii() { "7bit" } else { "8bit" },
    );
    Part::Leaf(header, octets)
}

/// Whether octets can travel without an encoding.
fn is_clean(octets: &[u8]) -> bool {
    let lines = octets.split(|octet| *octet == b'\n');
    !octets.contains(&0) && lines.map(<[u8]>::len).all(|length| length <= 998)
}

fn is_mime_type(kind: &str) -> bool {
    let token = |part: &str| {
        let good = |letter: char| letter.is_ascii_alphanumeric() || "!#$&-^_.+".contains(letter);
        !part.is_empty() && part.len() <= 127 && part.chars().all(good)
    };
    let is_whole = kind
        .split_once('/')
        .is_some_and(|(one, other)| token(one) && token(other));
    is_whole && !kind.to_ascii_lowercase().starts_with("multipart/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_types_of_files_are_types() {
        assert!(is_mime_type("image/svg+xml") && is_mime_type("text/plain"));
        for bad in [
            "",
            "text",
            "text/",
            "text/plain\r\nX: y",
            "multipart/mixed",
            "a/b; c=d",
        ] {
            assert!(!is_mime_type(bad), "{bad}");
        }
    }

    #[test]
    fn lines_end_as_they_do_on_the_internet() {
        assert_eq!(
            with_line_ends("a\nb\r\nc\rd\n\re"),
            "a\r\nb\r\nc\r\nd\r\n\r\ne"
        );
    }
}
