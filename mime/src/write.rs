//! A message becomes octets.

mod fields;
mod unedited;

use mail_builder::encoders::base64::base64_encode_mime;
use mail_builder::encoders::encode::{EncodingType, get_encoding_type};
use mail_builder::encoders::quoted_printable::quoted_printable_encode;

use crate::error::{self, TooLarge};
use crate::mail::{Attachment, Content, Importance, Line, Mail, Who};
use crate::{date, html, rtf};
use fields::{Header, parameter};
use unedited::{Member, Unedited};

impl Mail {
    /// What a message becomes may have so many octets: 512 MiB. No server takes more, and each octet is in memory, in
    /// the process of a mail program.
    pub const LARGEST: usize = error::LARGEST;

    /// The message as octets: RFC 5322 and MIME, 7 bits wide unless an address is not.
    ///
    /// The same message gives the same octets each time. Fields of [`headers`](Self::headers) that are still true are in it
    /// as they came, and in their order: those that no other member says, and those that say the same as one. Signatures
    /// are not, because they would be wrong.
    ///
    /// # Errors
    ///
    /// There would be more than [`LARGEST`](Self::LARGEST), or more than there is memory for.
    pub fn to_octets(&self) -> Result<Vec<u8>, TooLarge> {
        self.to_octets_up_to(Self::LARGEST)
    }

    /// The same, with another limit.
    fn to_octets_up_to(&self, most: usize) -> Result<Vec<u8>, TooLarge> {
        let mut writer = Writer {
            out: Vec::new(),
            most,
            digest: self.digest(),
            boundaries: 0,
        };
        writer.reserve(at_least(self))?;
        writer.mail(self)?;
        Ok(writer.out)
    }
}

/// How many octets a message becomes at least: its texts and files.
fn at_least(mail: &Mail) -> usize {
    let texts = [&mail.text, &mail.html].into_iter().flatten();
    let texts = texts.map(String::len).fold(0, usize::saturating_add);
    let files = mail.attachments.iter().map(|one| match &one.content {
        Content::File(content) => content.len(),
        Content::Mail(inner) => at_least(inner),
    });
    let rtf = mail.rtf.as_deref().map_or(0, <[u8]>::len);
    files.fold(texts.saturating_add(rtf), usize::saturating_add)
}

/// A part: what it is made of.
enum Part<'m> {
    Text(&'static str, &'m str),
    /// A file, and whether the HTML shows it.
    File(&'m Attachment, &'m [u8], bool),
    Mail(&'m Attachment, &'m Mail),
    /// A compressed rich text.
    Rtf(&'m [u8]),
    Multi(&'static str, Vec<Part<'m>>),
}

impl<'m> Part<'m> {
    /// A part with others after it; alone if there are none.
    fn within(kind: &'static str, first: Part<'m>, others: Vec<Part<'m>>) -> Self {
        if others.is_empty() {
            return first;
        }
        Self::Multi(kind, std::iter::once(first).chain(others).collect())
    }

    /// Text and HTML, whichever there are, and the attachments.
    fn of(mail: &'m Mail) -> Self {
        let shown = mail
            .html
            .as_deref()
            .map(html::content_ids)
            .unwrap_or_default();
        let (mut inline, mut attached) = (Vec::new(), Vec::new());
        for attachment in &mail.attachments {
            let is_shown =
                !attachment.content_id.is_empty() && shown.contains(&attachment.content_id);
            let part = match &attachment.content {
                Content::File(content) => Self::File(attachment, content, is_shown),
                Content::Mail(inner) => Self::Mail(attachment, inner),
            };
            match is_shown {
                true => inline.push(part),
                false => attached.push(part),
            }
        }
        attached.extend(mail.rtf.as_deref().map(Self::Rtf));
        let html = mail.html.as_deref();
        // Files that the HTML shows go with it.
        let html = html
            .map(|html| Self::within("multipart/related", Self::Text("text/html", html), inline));
        let plain = mail.text.as_deref();
        let plain = plain.filter(|text| html.is_none() || !text.is_empty());
        let body = match (plain, html) {
            (None, Some(html)) => html,
            (plain, html) => {
                let plain = Self::Text("text/plain", plain.unwrap_or_default());
                Self::within("multipart/alternative", plain, html.into_iter().collect())
            }
        };
        Self::within("multipart/mixed", body, attached)
    }
}

/// What is written, and how much of it there may be.
struct Writer {
    out: Vec<u8>,
    most: usize,
    /// Of the whole message: what boundaries are made of.
    digest: u64,
    boundaries: usize,
}

impl Writer {
    /// Makes room.
    fn reserve(&mut self, more: usize) -> Result<(), TooLarge> {
        let length = self.out.len().checked_add(more).ok_or(TooLarge)?;
        if length > self.most {
            return Err(TooLarge);
        }
        self.out.try_reserve(more).map_err(|_| TooLarge)
    }

    fn write(&mut self, octets: &[u8]) -> Result<(), TooLarge> {
        self.reserve(octets.len())?;
        self.out.extend_from_slice(octets);
        Ok(())
    }

    /// A delimiter that no content has: it has none of `=_`, and would have to know the message's digest. None begins
    /// with another one.
    fn boundary(&mut self) -> String {
        self.boundaries += 1;
        format!("=_{:016x}_{}_", self.digest, self.boundaries)
    }

    fn mail(&mut self, mail: &Mail) -> Result<(), TooLarge> {
        self.write(&header(mail).into_octets())?;
        self.part(Part::of(mail))
    }

    /// The fields of the part go on with those that are there.
    fn part(&mut self, part: Part<'_>) -> Result<(), TooLarge> {
        match part {
            Part::Text(kind, text) => self.text(kind, text),
            Part::File(attachment, content, is_shown) => self.file(attachment, content, is_shown),
            Part::Mail(attachment, mail) => self.attached_mail(attachment, mail),
            Part::Rtf(packed) => self.rtf(packed),
            Part::Multi(kind, parts) => {
                let boundary = self.boundary();
                let mut header = Header::default();
                let parameter = format!("boundary=\"{boundary}\"");
                header.with_parameters("Content-Type", kind, &[parameter]);
                self.write(&header.into_octets())?;
                for part in parts {
                    self.write(format!("\r\n--{boundary}\r\n").as_bytes())?;
                    self.part(part)?;
                }
                self.write(format!("\r\n--{boundary}--\r\n").as_bytes())
            }
        }
    }

    /// The last fields, and what they are about.
    fn leaf(&mut self, header: Header, content: &[u8]) -> Result<(), TooLarge> {
        self.write(&header.into_octets())?;
        self.write(b"\r\n")?;
        self.write(content)
    }

    fn text(&mut self, kind: &str, text: &str) -> Result<(), TooLarge> {
        let text = with_line_ends(text);
        let mut header = Header::default();
        header.with_parameters("Content-Type", kind, &["charset=utf-8".to_owned()]);
        let is_odd = |letter: char| letter.is_control() && !"\r\n\t".contains(letter);
        match get_encoding_type(text.as_bytes(), false, true) {
            EncodingType::None if !text.contains(is_odd) => {
                header.words("Content-Transfer-Encoding", "7bit");
                self.leaf(header, text.as_bytes())
            }
            EncodingType::Base64 => {
                header.words("Content-Transfer-Encoding", "base64");
                self.leaf(header, b"")?;
                self.base64(text.as_bytes())
            }
            _ => {
                header.words("Content-Transfer-Encoding", "quoted-printable");
                self.leaf(header, b"")?;
                // Each octet becomes three at most, and a line has an end of three.
                self.reserve(text.len())?;
                let is_written = quoted_printable_encode(text.as_bytes(), &mut self.out, true);
                debug_assert!(is_written.is_ok(), "memory takes everything");
                self.reserve(0)
            }
        }
    }

    fn base64(&mut self, content: &[u8]) -> Result<(), TooLarge> {
        self.reserve(content.len() / 3 * 4 + content.len() / 28 + 8)?;
        let is_written = base64_encode_mime(content, &mut self.out, false);
        debug_assert!(is_written.is_ok(), "memory takes everything");
        Ok(())
    }

    fn file(
        &mut self,
        attachment: &Attachment,
        content: &[u8],
        is_shown: bool,
    ) -> Result<(), TooLarge> {
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
            header.words("Content-Transfer-Encoding", bits(content));
            return self.leaf(header, content);
        }
        header.words("Content-Transfer-Encoding", "base64");
        self.leaf(header, b"")?;
        self.base64(content)
    }

    /// A rich text as a file that other programs can open; as it is if it is damaged.
    fn rtf(&mut self, packed: &[u8]) -> Result<(), TooLarge> {
        let (name, kind, content) = match rtf::unpack(packed) {
            Some(rtf) => ("text.rtf", "application/rtf", rtf),
            None => ("text.rtf.lzfu", "application/octet-stream", packed.to_vec()),
        };
        let file = Attachment::file(name, kind, Vec::new());
        self.file(&file, &content, false)
    }

    fn attached_mail(&mut self, attachment: &Attachment, mail: &Mail) -> Result<(), TooLarge> {
        let start = self.out.len();
        self.mail(mail)?;
        // Only now it is known how many bits it has.
        let mut header = Header::default();
        header.with_parameters("Content-Type", "message/rfc822", &[]);
        header.with_parameters("Content-Disposition", "attachment", &[]);
        header.content_id(&attachment.content_id);
        header.words("Content-Transfer-Encoding", bits(&self.out[start..]));
        let mut fields = header.into_octets();
        fields.extend_from_slice(b"\r\n");
        self.reserve(fields.len())?;
        self.out.splice(start..start, fields);
        Ok(())
    }
}

fn bits(octets: &[u8]) -> &'static str {
    if octets.is_ascii() { "7bit" } else { "8bit" }
}

/// The fields that a message begins with: the old ones that are still true, then what was edited since.
fn header(mail: &Mail) -> Header {
    let mut header = Header::default();
    let unedited = Unedited::of(mail);
    let is_edited = |member| !unedited.has(member);
    header.old(&mail.headers, &unedited);
    let (from, sender) = match (&mail.from, &mail.sender) {
        (None, sender) => (sender.as_ref(), None),
        (Some(from), sender) => {
            let is_other = |sender: &&Who| sender.address != from.address;
            (Some(from), sender.as_ref().filter(is_other))
        }
    };
    if is_edited(Member::From) {
        header.people("From", from.as_slice());
    }
    if is_edited(Member::Sender) {
        header.people("Sender", sender.as_slice());
    }
    for (member, name, line) in [
        (Member::To, "To", Line::To),
        (Member::Cc, "Cc", Line::Cc),
        (Member::Bcc, "Bcc", Line::Bcc),
    ] {
        if is_edited(member) {
            let people = mail.recipients.iter();
            let people = people.filter(|recipient| recipient.line == line);
            header.people(name, &people.map(|one| &one.who).collect::<Vec<_>>());
        }
    }
    if is_edited(Member::Subject) {
        header.text("Subject", &mail.subject);
    }
    if let Some(sent) = mail.sent.filter(|_| is_edited(Member::Date)) {
        header.words("Date", &date::format(sent));
    }
    for (member, name, ids) in [
        (Member::MessageId, "Message-ID", &mail.message_id),
        (Member::InReplyTo, "In-Reply-To", &mail.in_reply_to),
        (Member::References, "References", &mail.references),
    ] {
        if is_edited(member) {
            header.ids(name, ids);
        }
    }
    if is_edited(Member::Importance) {
        match mail.importance {
            Importance::Normal => {}
            Importance::High => header.words("Importance", "high"),
            Importance::Low => header.words("Importance", "low"),
        }
    }
    header.words("MIME-Version", "1.0");
    header
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
    fn what_would_be_too_large_is_told() {
        let mut inner = Mail::default();
        inner
            .attachments
            .push(Attachment::file("a", "a/b", vec![1; 3000]));
        let mail = Mail {
            text: Some("ä".repeat(1000)),
            attachments: vec![Attachment::mail(inner).expect("not too deep")],
            ..Mail::default()
        };
        let octets = mail.to_octets().expect("not too large");
        assert_eq!(mail.to_octets_up_to(octets.len()).as_ref(), Ok(&octets));
        for most in [0, 1, 100, 4000, octets.len() - 1] {
            assert_eq!(mail.to_octets_up_to(most), Err(TooLarge), "{most}");
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
