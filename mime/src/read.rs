//! Octets become a message.

use std::cell::Cell;
use std::ops::Range;

use crate::body::{Body, Leaf};
use crate::error::NotMail;
use crate::fields::{self, Fields};
use crate::mail::{Attachment, Mail};
use crate::params::Value;
use crate::split::{self, Piece};
use crate::transfer::{self, Encoding};
use crate::work::Work;
use crate::{charset, header, html, names, words};

/// Multiparts within multiparts: deeper ones are attached as they are.
const DEEPEST: usize = 16;
/// Messages within messages: deeper ones are attached as they are.
const DEEPEST_MAIL: usize = 8;
/// Parts of a whole message: what is more is attached as it is.
const MOST_PARTS: usize = 1000;

/// A message that was read, and the octets it was read from.
#[derive(Debug)]
pub struct Parsed<'o> {
    octets: &'o [u8],
    mail: Mail,
    /// Where the encoded content of each file lies, in the order of [`files`](crate::original).
    places: Vec<Option<Range<usize>>>,
}

impl<'o> Parsed<'o> {
    /// The message.
    pub fn mail(&self) -> &Mail {
        &self.mail
    }

    /// The message alone.
    pub fn into_mail(self) -> Mail {
        self.mail
    }

    /// The octets it was read from.
    pub fn octets(&self) -> &'o [u8] {
        self.octets
    }

    pub(crate) fn places(&self) -> &[Option<Range<usize>>] {
        &self.places
    }
}

impl Mail {
    /// Reads a message: RFC 5322 and MIME, and what programs of all ages have made of them.
    ///
    /// Nothing in it is an error, and nothing is lost: what can't be understood, is too deep or too much is attached as
    /// the octets that it is. The work is bounded by a fixed number of looks at each octet, and so is the memory.
    ///
    /// # Errors
    ///
    /// There is nothing but white space.
    pub fn parse(octets: &[u8]) -> Result<Parsed<'_>, NotMail> {
        parse(octets, &Work::default())
    }

    /// Reads any octets at all: what is no message is one with this text, and goes back as it came for as long as nobody
    /// edits it.
    pub fn read(octets: &[u8]) -> Parsed<'_> {
        Self::parse(octets).unwrap_or_else(|NotMail| {
            let text = String::from_utf8_lossy(octets).into_owned();
            Parsed {
                octets,
                mail: Self {
                    text: Some(text).filter(|text| !text.is_empty()),
                    ..Self::default()
                },
                places: Vec::new(),
            }
        })
    }
}

/// The same, with the work counted.
pub(crate) fn parse<'o>(octets: &'o [u8], work: &Work) -> Result<Parsed<'o>, NotMail> {
    if octets.trim_ascii().is_empty() {
        return Err(NotMail);
    }
    let reader = Reader {
        work,
        parts_left: Cell::new(MOST_PARTS),
    };
    let (mail, places) = reader.mail(Piece::whole(octets), 0);
    Ok(Parsed {
        octets,
        mail,
        places,
    })
}

/// What a part is if it doesn't say so.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Otherwise {
    Text,
    Mail,
}

/// Where a part is.
#[derive(Clone, Copy)]
struct At {
    /// Within so many multiparts.
    depth: usize,
    /// Within so many messages.
    mail_depth: usize,
    /// It is what a reader sees first.
    is_first: bool,
    /// It goes with another one, which shows it.
    is_shown: bool,
    otherwise: Otherwise,
}

/// A part: its header and body.
struct Part<'o> {
    whole: Piece<'o>,
    fields: Fields<'o>,
    body: Piece<'o>,
    kind: Value,
    disposition: Value,
    encoding: Encoding,
}

impl<'o> Part<'o> {
    fn read(whole: Piece<'o>, work: &Work) -> Self {
        let fields = Fields::read(whole.octets, work);
        let value = |name: &str| fields.first(name).map(Value::parse).unwrap_or_default();
        let encoding = fields.text("Content-Transfer-Encoding", None);
        Self {
            kind: value("Content-Type"),
            disposition: value("Content-Disposition"),
            encoding: encoding.map_or(Encoding::None, |value| Encoding::of(&value)),
            body: whole.cut(fields.body()..whole.octets.len()),
            whole,
            fields,
        }
    }

    fn is_attachment(&self) -> bool {
        self.disposition.word.trim() == "attachment"
    }

    fn charset(&self) -> Option<String> {
        self.kind.token("charset")
    }

    /// The name that the sender has given the file.
    fn file_name(&self) -> Option<String> {
        let hint = self.charset();
        let name = self.disposition.text("filename", hint.as_deref());
        let name = name.filter(|name| !name.trim().is_empty());
        let name = name.or_else(|| self.kind.text("name", hint.as_deref()));
        name.filter(|name| !name.trim().is_empty())
            .map(|name| names::file_name(&name))
    }

    fn content_id(&self) -> String {
        let id = self.fields.text("Content-ID", None).unwrap_or_default();
        id.trim_matches(|letter: char| letter.is_whitespace() || matches!(letter, '<' | '>'))
            .to_owned()
    }

    /// The body as a file.
    fn file(&self, kind: &str) -> Leaf {
        let content = self.encoding.decode(self.body.octets).into_owned();
        let uuencoded = || match self.encoding {
            Encoding::Uuencode => transfer::uuencoded(self.body.octets),
            _ => None,
        };
        let name = self.file_name().or_else(|| {
            let name = words::text(&uuencoded()?.name, None);
            Some(names::file_name(&name))
        });
        let mut file =
            Attachment::file(name.unwrap_or_else(|| names::nameless(kind)), kind, content);
        file.content_id = self.content_id();
        Leaf {
            attachment: file,
            places: vec![self.body.place()],
        }
    }

    /// The whole part as a file, header included.
    fn as_it_is(&self) -> Leaf {
        let octets = self.whole.octets.to_vec();
        let file = Attachment::file(names::nameless("message/rfc822"), "message/rfc822", octets);
        Leaf {
            attachment: file,
            places: vec![self.whole.place()],
        }
    }
}

struct Reader<'w> {
    work: &'w Work,
    parts_left: Cell<usize>,
}

impl Reader<'_> {
    /// A whole message, and where its files lie.
    fn mail(&self, piece: Piece<'_>, mail_depth: usize) -> (Mail, Vec<Option<Range<usize>>>) {
        let start = fields::start(piece.octets);
        let part = Part::read(piece.cut(start..piece.octets.len()), self.work);
        let mut mail = header::read(&part.fields, part.charset().as_deref());
        let at = At {
            depth: 0,
            mail_depth,
            is_first: true,
            is_shown: false,
            otherwise: Otherwise::Text,
        };
        let body = self.part(&part, at);
        let shown = body
            .html
            .as_deref()
            .map(html::content_ids)
            .unwrap_or_default();
        // Stores and readers without HTML want to have a text.
        mail.text = body
            .text
            .or_else(|| body.html.as_deref().map(html::to_text));
        mail.html = body.html;
        let mut places = Vec::new();
        for leaf in body.leaves {
            let mut attachment = leaf.attachment;
            attachment.inline =
                !attachment.content_id.is_empty() && shown.contains(&attachment.content_id);
            mail.attachments.push(attachment);
            places.extend(leaf.places);
        }
        mail.clean();
        (mail, places)
    }

    fn part(&self, part: &Part<'_>, at: At) -> Body {
        self.work.count(part.body.octets.len());
        match part.kind.media_type() {
            Some(("multipart", subtype)) => self.multipart(part, subtype, at),
            Some(("message", "rfc822" | "global" | "news")) => self.attached_mail(part, at).into(),
            Some(("text", subtype)) => self.text(part, subtype, at),
            Some((kind, subtype)) => part.file(&format!("{kind}/{subtype}")).into(),
            None if at.otherwise == Otherwise::Mail && part.kind.word.is_empty() => {
                self.attached_mail(part, at).into()
            }
            // What has a file's name is one, whatever its type should have been.
            None if part.is_attachment() || part.file_name().is_some() => {
                part.file("application/octet-stream").into()
            }
            None => self.text(part, "plain", at),
        }
    }

    fn multipart(&self, part: &Part<'_>, subtype: &str, at: At) -> Body {
        if at.depth >= DEEPEST {
            return part.as_it_is().into();
        }
        let body = part.body;
        let named = part.kind.octets("boundary").map(<[u8]>::trim_ascii_end);
        let boundary = named
            .filter(|name| !name.is_empty())
            .or_else(|| split::missing_boundary(body.octets));
        let parts = boundary
            .map(|boundary| split::parts(body.octets, boundary, self.parts_left.get(), self.work));
        let parts = parts.unwrap_or_default();
        if parts.places.is_empty() && parts.rest.is_none() {
            return self.no_multipart(part, subtype, at);
        }
        self.parts_left
            .set(self.parts_left.get() - parts.places.len());
        let pieces = parts
            .places
            .into_iter()
            .map(|place| Part::read(body.cut(place), self.work));
        let pieces: Vec<Part<'_>> = pieces.collect();
        let mut read = match subtype {
            "alternative" => {
                let bodies = pieces.iter().map(|piece| self.part(piece, below(at, true)));
                Body::best_of(bodies.collect())
            }
            "related" => self.related(part, &pieces, at),
            _ => {
                let otherwise = if subtype == "digest" {
                    Otherwise::Mail
                } else {
                    Otherwise::Text
                };
                let bodies = pieces.iter().enumerate().map(|(number, piece)| {
                    let at = below(at, number == 0);
                    self.part(piece, At { otherwise, ..at })
                });
                Body::all_of(bodies.collect())
            }
        };
        if let Some(rest) = parts.rest {
            read.leaves.push(rest_of(body.cut(rest)));
        }
        read
    }

    /// One part that shows the others.
    fn related(&self, whole: &Part<'_>, pieces: &[Part<'_>], at: At) -> Body {
        let start = whole.kind.text("start", None).unwrap_or_default();
        let start = start
            .trim_matches(|letter: char| letter.is_whitespace() || matches!(letter, '<' | '>'));
        let is_start = |piece: &Part<'_>| !start.is_empty() && piece.content_id() == start;
        let root = pieces.iter().position(is_start).unwrap_or(0);
        let bodies = pieces.iter().enumerate().map(|(number, piece)| {
            let is_shown = number != root;
            self.part(
                piece,
                At {
                    is_shown,
                    ..below(at, !is_shown)
                },
            )
        });
        Body::all_of(bodies.collect())
    }

    /// A multipart in which no part can be found.
    fn no_multipart(&self, part: &Part<'_>, subtype: &str, at: At) -> Body {
        let decoded = part.encoding.decode(part.body.octets);
        if matches!(decoded, std::borrow::Cow::Borrowed(_)) || at.depth + 1 >= DEEPEST {
            return self.text(part, "plain", at);
        }
        // Some programs encode the whole, which is not allowed.
        let inner = Part {
            whole: Piece::decoded(&decoded),
            fields: Fields::read(b"", self.work),
            body: Piece::decoded(&decoded),
            kind: Value::parse(part.fields.first("Content-Type").unwrap_or_default()),
            disposition: Value::default(),
            encoding: Encoding::None,
        };
        self.multipart(&inner, subtype, below(at, at.is_first))
    }

    fn attached_mail(&self, part: &Part<'_>, at: At) -> Leaf {
        let decoded = part.encoding.decode(part.body.octets);
        // What says that it is encoded, and is not.
        let piece = match &decoded {
            std::borrow::Cow::Borrowed(_) => part.body,
            std::borrow::Cow::Owned(octets) => Piece::decoded(octets),
        };
        if at.mail_depth >= DEEPEST_MAIL || piece.octets.trim_ascii().is_empty() {
            return part.file("message/rfc822");
        }
        let (mail, places) = self.mail(piece, at.mail_depth + 1);
        let Ok(mut attachment) = Attachment::mail(mail) else {
            return part.file("message/rfc822");
        };
        attachment.content_id = part.content_id();
        Leaf { attachment, places }
    }

    fn text(&self, part: &Part<'_>, subtype: &str, at: At) -> Body {
        let name = part.file_name();
        let is_named_file = name.is_some() && !at.is_first;
        if part.is_attachment() || at.is_shown || is_named_file {
            return part.file(&format!("text/{subtype}")).into();
        }
        let octets = part.encoding.decode(part.body.octets);
        match subtype {
            "html" => Body::html(html_of(&octets, part.charset())),
            "plain" => plain(&octets, part),
            // Types that nobody knows are plain text (RFC 2046, 4.1.4) if there is nothing else.
            "calendar" | "csv" | "vcard" | "x-vcard" | "directory" | "rtf" | "xml" | "css"
            | "javascript" => part.file(&format!("text/{subtype}")).into(),
            _ if at.depth == 0 && name.is_none() => plain(&octets, part),
            _ => part.file(&format!("text/{subtype}")).into(),
        }
    }
}

fn below(at: At, is_first: bool) -> At {
    At {
        depth: at.depth + 1,
        is_first: at.is_first && is_first,
        is_shown: at.is_shown,
        mail_depth: at.mail_depth,
        otherwise: Otherwise::Text,
    }
}

/// Plain text; files that stand in it in uuencode are attached.
fn plain(octets: &[u8], part: &Part<'_>) -> Body {
    let label = part.charset();
    let Some((text, files)) = transfer::take_uuencoded(octets) else {
        return Body::text(charset::decode(label.as_deref(), octets));
    };
    let mut body = Body::text(charset::decode(label.as_deref(), &text));
    body.leaves.extend(files.into_iter().map(|file| {
        let name = names::file_name(&charset::decode(label.as_deref(), &file.name));
        let attachment = Attachment::file(name, "application/octet-stream", file.content);
        Leaf {
            attachment,
            places: vec![None],
        }
    }));
    body
}

/// HTML in the charset that its header names; if that says nothing, in the one that it names itself.
fn html_of(octets: &[u8], label: Option<String>) -> String {
    let vague = |label: &String| {
        matches!(
            label.to_ascii_lowercase().as_str(),
            "us-ascii" | "ascii" | ""
        )
    };
    let label = label
        .filter(|label| !vague(label))
        .or_else(|| charset::html_label(octets));
    charset::decode(label.as_deref(), octets)
}

/// The rest of a message that has too many parts.
fn rest_of(piece: Piece<'_>) -> Leaf {
    let file = Attachment::file(
        "rest of the message.eml",
        "application/octet-stream",
        piece.octets.to_vec(),
    );
    Leaf {
        attachment: file,
        places: vec![piece.place()],
    }
}

#[cfg(test)]
mod tests;
