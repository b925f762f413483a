//! The octets that a message came as, kept beside it at little cost.
//!
//! What is kept are the octets without the contents of the files, which the store has anyway: where a file is base64 in
//! the usual form, or not encoded at all, its place is noted instead. Beside them is a digest of the message. As long as
//! the message has that digest, nobody has edited it, and the octets can be put together again, byte for byte.

use std::ops::Range;

use mapi_provider_abi::mapi::GUID;
use mapi_provider_abi::view::{NameId, PropName};

use crate::mail::{Attachment, Content, Mail, Who};
use crate::read::Parsed;

/// The property set of what is ours in a message.
const OURS: GUID = GUID::from_u128(0x5a0c_9d27_41f3_4b0e_8c6b_2f1d_77e4_a9b3);

/// The name of the property, `PT_BINARY`, that keeps [`Parsed::original`] in every store.
pub fn original_name() -> PropName<'static> {
    PropName {
        set: OURS,
        id: NameId::from("MIME Original"),
    }
}

/// What such bytes begin with: their format.
const FORMAT: &[u8; 4] = b"MIM1";

/// Files that are smaller are kept as they came.
const SMALLEST: usize = 256;

/// The letters of base64.
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

impl Parsed<'_> {
    /// What to keep beside the message, so that [`Mail::restore`] gives the octets back.
    ///
    /// It is about as long as header and texts; files count only where their encoding is unusual.
    pub fn original(&self) -> Vec<u8> {
        let mut packed = FORMAT.to_vec();
        packed.extend(self.mail().digest().to_le_bytes());
        packed.extend((self.octets().len() as u64).to_le_bytes());
        packed.extend(hash(self.octets()).to_le_bytes());
        let files = files(self.mail());
        let mut done = 0;
        for (number, (content, place)) in files.into_iter().zip(self.places()).enumerate() {
            let Some(place) = place
                .clone()
                .filter(|place| place.start >= done && content.len() >= SMALLEST)
            else {
                continue;
            };
            let Some((form, length)) = Form::of(content, &self.octets()[place.clone()]) else {
                continue;
            };
            put_literal(&mut packed, &self.octets()[done..place.start]);
            form.put(&mut packed, number);
            done = place.start + length;
        }
        put_literal(&mut packed, &self.octets()[done..]);
        packed
    }
}

impl Mail {
    /// The octets that the message came as, from what [`Parsed::original`] has kept; `None` if it was edited since, or
    /// if what was kept is damaged.
    pub fn restore(&self, original: &[u8]) -> Option<Vec<u8>> {
        let mut packed = Packed(original.strip_prefix(FORMAT)?);
        let (digest, length, hash_then) = (packed.number()?, packed.number()?, packed.number()?);
        let length = usize::try_from(length).ok()?;
        if digest != self.digest() {
            return None;
        }
        let files = files(self);
        let mut octets = Vec::new();
        let mut next_file = 0;
        while let Some((what, rest)) = packed.0.split_first() {
            packed.0 = rest;
            if *what == LITERAL {
                let count = packed.count()?;
                octets.extend_from_slice(packed.take(count)?);
            } else {
                // Each file is there once at most, so that damaged bytes can't ask for more than there is.
                let number = packed.count()?;
                let content = files.get(number).filter(|_| number >= next_file)?;
                next_file = number + 1;
                Form::take(*what, &mut packed)?.write(content, &mut octets);
            }
            if octets.len() > length {
                return None;
            }
        }
        (octets.len() == length && hash(&octets) == hash_then).then_some(octets)
    }

    /// A number that changes whenever somebody edits the message. It leaves out what stores change by themselves:
    /// times, whether the HTML shows a file, the names of attached messages.
    pub(crate) fn digest(&self) -> u64 {
        let mut digest = Digest::new();
        digest.mail(self);
        digest.0
    }
}

/// The contents of all files of a message, those in attached messages included, in order.
fn files(mail: &Mail) -> Vec<&[u8]> {
    fn add<'m>(attachments: &'m [Attachment], files: &mut Vec<&'m [u8]>) {
        for attachment in attachments {
            match &attachment.content {
                Content::File(content) => files.push(content),
                Content::Mail(inner) => add(&inner.attachments, files),
            }
        }
    }
    let mut files = Vec::new();
    add(&mail.attachments, &mut files);
    files
}

const LITERAL: u8 = 0;
const AS_IT_IS: u8 = 1;
const BASE64: u8 = 2;

/// How a file was encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    AsItIs,
    Base64 {
        /// The letters of a line; 0 for one endless line.
        width: usize,
        is_crlf: bool,
    },
}

impl Form {
    /// The form in which a file's content gives the encoded octets, and how many of them.
    fn of(content: &[u8], encoded: &[u8]) -> Option<(Self, usize)> {
        if encoded == content {
            return Some((Self::AsItIs, encoded.len()));
        }
        let end = encoded.iter().position(|octet| *octet == b'\n');
        let line = &encoded[..end.unwrap_or(encoded.len())];
        let is_crlf = line.ends_with(b"\r");
        let letters = line.len() - usize::from(is_crlf);
        // Lines that hold no whole number of letters are unusual, and kept as they are.
        if letters == 0 || !letters.is_multiple_of(4) {
            return None;
        }
        let form = Self::Base64 {
            width: end.map_or(0, |_| letters),
            is_crlf,
        };
        let length = form.length(content.len());
        let place: Range<usize> = 0..length;
        let mut same = Vec::new();
        if encoded.len() >= length {
            form.write(content, &mut same);
        }
        (encoded.get(place)? == same).then_some((form, length))
    }

    /// How long a content of so many octets becomes.
    fn length(self, content: usize) -> usize {
        match self {
            Self::AsItIs => content,
            Self::Base64 { width, is_crlf } => {
                let letters = content.div_ceil(3) * 4;
                let breaks = letters.saturating_sub(1).checked_div(width).unwrap_or(0);
                letters + breaks * (1 + usize::from(is_crlf))
            }
        }
    }

    fn write(self, content: &[u8], octets: &mut Vec<u8>) {
        let Self::Base64 { width, is_crlf } = self else {
            octets.extend_from_slice(content);
            return;
        };
        octets.reserve(self.length(content.len()));
        let mut column = 0;
        for three in content.chunks(3) {
            if width > 0 && column == width {
                octets.extend_from_slice(if is_crlf { b"\r\n" } else { b"\n" });
                column = 0;
            }
            octets.extend(four_letters(three));
            column += 4;
        }
    }

    fn put(self, packed: &mut Vec<u8>, number: usize) {
        match self {
            Self::AsItIs => {
                packed.push(AS_IT_IS);
                put_count(packed, number);
            }
            Self::Base64 { width, is_crlf } => {
                packed.push(BASE64);
                put_count(packed, number);
                put_count(packed, width);
                packed.push(u8::from(is_crlf));
            }
        }
    }

    fn take(what: u8, packed: &mut Packed<'_>) -> Option<Self> {
        match what {
            AS_IT_IS => Some(Self::AsItIs),
            BASE64 => {
                let width = packed.count()?;
                let is_crlf = packed.take(1)? == [1];
                width
                    .is_multiple_of(4)
                    .then_some(Self::Base64 { width, is_crlf })
            }
            _ => None,
        }
    }
}

fn four_letters(three: &[u8]) -> [u8; 4] {
    let octet = |place: usize| u32::from(three.get(place).copied().unwrap_or(0));
    let bits = octet(0) << 16 | octet(1) << 8 | octet(2);
    let letter = |shift: u32| LETTERS[(bits >> shift & 63) as usize];
    let or_padding = |needed: usize, letter: u8| if three.len() >= needed { letter } else { b'=' };
    [
        letter(18),
        letter(12),
        or_padding(2, letter(6)),
        or_padding(3, letter(0)),
    ]
}

fn put_literal(packed: &mut Vec<u8>, octets: &[u8]) {
    if !octets.is_empty() {
        packed.push(LITERAL);
        put_count(packed, octets.len());
        packed.extend_from_slice(octets);
    }
}

/// A number, seven bits at a time, the lowest first.
fn put_count(packed: &mut Vec<u8>, mut count: usize) {
    while count > 0x7F {
        packed.push((count & 0x7F) as u8 | 0x80);
        count >>= 7;
    }
    packed.push(count as u8);
}

/// What was kept, as far as it is not read yet.
struct Packed<'p>(&'p [u8]);

impl<'p> Packed<'p> {
    fn take(&mut self, count: usize) -> Option<&'p [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn count(&mut self) -> Option<usize> {
        let mut count = 0_usize;
        for shift in (0..usize::BITS).step_by(7) {
            let octet = *self.take(1)?.first()?;
            let bits = usize::from(octet & 0x7F);
            count |= bits
                .checked_shl(shift)
                .filter(|shifted| shifted >> shift == bits)?;
            if octet & 0x80 == 0 {
                return Some(count);
            }
        }
        None
    }
}

/// FNV-1a of 64 bits: it is kept in stores, so that it must be the same in every version of this crate.
struct Digest(u64);

impl Digest {
    fn new() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }

    fn octets(&mut self, octets: &[u8]) {
        for octet in octets {
            self.0 = (self.0 ^ u64::from(*octet)).wrapping_mul(0x0000_0100_0000_01B3);
        }
    }

    /// A text or content, with its length, so that nothing can move from one to the next.
    fn piece(&mut self, octets: &[u8]) {
        self.octets(&(octets.len() as u64).to_le_bytes());
        self.octets(octets);
    }

    fn who(&mut self, who: Option<&Who>) {
        self.piece(who.map(Who::shown).unwrap_or_default().as_bytes());
        self.piece(who.map(|who| &*who.address).unwrap_or_default().as_bytes());
    }

    fn mail(&mut self, mail: &Mail) {
        let lines = [
            &mail.subject,
            &mail.message_id,
            &mail.in_reply_to,
            &mail.references,
            &mail.headers,
        ];
        for line in lines {
            self.piece(line.as_bytes());
        }
        self.octets(&[mail.importance as u8]);
        self.who(mail.from.as_ref());
        self.who(mail.sender.as_ref().or(mail.from.as_ref()));
        self.octets(&(mail.recipients.len() as u64).to_le_bytes());
        for recipient in &mail.recipients {
            self.octets(&[recipient.line as u8]);
            self.who(Some(&recipient.who));
        }
        for text in [&mail.text, &mail.html] {
            self.piece(text.as_deref().unwrap_or_default().as_bytes());
        }
        // No message comes with one. So the digest of one without is what it always was.
        if let Some(rtf) = &mail.rtf {
            self.piece(rtf);
        }
        self.octets(&(mail.attachments.len() as u64).to_le_bytes());
        for attachment in &mail.attachments {
            self.piece(attachment.content_id.as_bytes());
            match &attachment.content {
                Content::File(content) => {
                    self.piece(attachment.name.as_bytes());
                    self.piece(attachment.mime_type.as_bytes());
                    self.piece(content);
                }
                Content::Mail(inner) => self.mail(inner),
            }
        }
    }
}

fn hash(octets: &[u8]) -> u64 {
    let mut digest = Digest::new();
    digest.octets(octets);
    digest.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn with_file(content: &[u8], end: &str, width: usize, tail: &str) -> Vec<u8> {
        let mut octets = format!(
            "Subject: a{end}Content-Type: application/pdf{end}Content-Transfer-Encoding: base64{end}{end}"
        );
        let mut encoded = Vec::new();
        Form::Base64 {
            width,
            is_crlf: end.len() == 2,
        }
        .write(content, &mut encoded);
        octets.push_str(&String::from_utf8(encoded).expect("ASCII"));
        octets.push_str(tail);
        octets.into_bytes()
    }

    #[test]
    fn files_are_not_kept_twice() {
        let content: Vec<u8> = (0..100_000_u32).map(|number| (number * 7) as u8).collect();
        for (end, width, tail) in [
            ("\r\n", 76, "\r\n"),
            ("\n", 72, ""),
            ("\r\n", 60, "\r\n\r\n"),
            ("\n", 0, ""),
        ] {
            let octets = with_file(&content, end, width, tail);
            let parsed = Mail::parse(&octets).expect("a message");
            let original = parsed.original();
            assert!(original.len() < 400, "{} bytes for {width}", original.len());
            assert_eq!(
                parsed.into_mail().restore(&original).as_deref(),
                Some(&*octets)
            );
        }
    }

    #[test]
    fn what_was_edited_is_not_restored() {
        let octets = with_file(&[7; 1000], "\r\n", 76, "\r\n");
        let parsed = Mail::parse(&octets).expect("a message");
        let original = parsed.original();
        let mail = parsed.into_mail();
        let edits: [fn(&mut Mail); 6] = [
            |mail| mail.subject.push('!'),
            |mail| mail.text = Some("new".to_owned()),
            |mail| mail.rtf = Some(b"rich".to_vec()),
            |mail| mail.attachments.clear(),
            |mail| mail.attachments[0].content = Content::File(vec![7; 999]),
            |mail| mail.from = Some(Who::new("", "ann@example.org")),
        ];
        for edit in edits {
            let mut edited = mail.clone();
            edit(&mut edited);
            assert_eq!(edited.restore(&original), None);
        }
        let mut same = mail;
        same.sent = None;
        assert!(same.restore(&original).is_some());
    }

    #[test]
    fn numbers_of_any_size_come_back() {
        for count in [0, 1, 127, 128, 300, 1 << 20, usize::MAX] {
            let mut packed = Vec::new();
            put_count(&mut packed, count);
            assert_eq!(Packed(&packed).count(), Some(count));
        }
        assert_eq!(Packed(&[0xFF; 20]).count(), None);
        assert_eq!(Packed(&[0x80]).count(), None);
    }

    proptest! {
        #[test]
        fn damage_is_noticed(place in 0..600_usize, by in 1..=255_u8, content in proptest::collection::vec(any::<u8>(), 300..400)) {
            let octets = with_file(&content, "\r\n", 76, "\r\n");
            let parsed = Mail::parse(&octets).expect("a message");
            let mut original = parsed.original();
            let place = place % original.len();
            original[place] ^= by;
            let restored = parsed.into_mail().restore(&original);
            prop_assert!(restored.is_none_or(|restored| restored == octets));
        }

        #[test]
        fn any_bytes_are_refused_or_right(original: Vec<u8>) {
            let mail = Mail::default();
            prop_assert!(mail.restore(&original).is_none());
        }
    }
}
