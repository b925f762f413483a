//! Which fields of the old header still say what the message says. Those go out as they came, in their place: with the time
//! zone of a date, the groups of a list of people, and whatever else no member of a message says.

use crate::fields::Fields;
use crate::header;
use crate::mail::{Line, Mail, Who};
use crate::work::Work;

/// Lines may be so long (RFC 5322, 2.1.1), with the name of the field.
const LONGEST_LINE: usize = 900;

/// What fields say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Member {
    From,
    Sender,
    To,
    Cc,
    Bcc,
    Subject,
    Date,
    MessageId,
    InReplyTo,
    References,
    Importance,
}

/// Each member, and the names of its fields.
const MEMBERS: [(Member, &[&str]); 11] = [
    (Member::From, &["from"]),
    (Member::Sender, &["sender"]),
    (Member::To, &["to", "apparently-to"]),
    (Member::Cc, &["cc"]),
    (Member::Bcc, &["bcc"]),
    (Member::Subject, &["subject"]),
    (Member::Date, &["date"]),
    (Member::MessageId, &["message-id"]),
    (Member::InReplyTo, &["in-reply-to"]),
    (Member::References, &["references"]),
    (
        Member::Importance,
        &["importance", "x-msmail-priority", "x-priority", "priority"],
    ),
];

/// The members that nobody has edited, as far as their fields can go out as they came.
pub(super) struct Unedited(Vec<Member>);

impl Unedited {
    pub(super) fn of(mail: &Mail) -> Self {
        let fields = Fields::read(mail.headers.as_bytes(), &Work::default());
        let then = header::read(&fields, None);
        let is_unedited = |(member, names): &(Member, &[&str])| {
            is_same(*member, mail, &then)
                && names.iter().all(|name| fields.all(name).all(can_go_out))
        };
        let members = MEMBERS.iter().filter(|one| is_unedited(one));
        Self(members.map(|(member, _)| *member).collect())
    }

    pub(super) fn has(&self, member: Member) -> bool {
        self.0.contains(&member)
    }

    /// Whether fields with a name, in small letters, go out as they came; none if they say nothing of a member.
    pub(super) fn keeps(&self, name: &str) -> Option<bool> {
        let of_name = MEMBERS.iter().find(|(_, names)| names.contains(&name));
        of_name.map(|(member, _)| self.has(*member))
    }
}

/// Whether a field means the same to every reader: it is ASCII, and nothing in it is replaced when it goes out.
fn can_go_out(value: &[u8]) -> bool {
    let is_plain = |octet: &u8| *octet == b'\t' || *octet == b' ' || octet.is_ascii_graphic();
    let mut lines = value.split_inclusive(|octet| *octet == b'\n');
    let is_first_blank = value.trim_ascii().is_empty();
    lines.all(|line| {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let is_blank = line.trim_ascii().is_empty();
        line.len() <= LONGEST_LINE && line.iter().all(is_plain) && (is_first_blank || !is_blank)
    })
}

fn is_same(member: Member, now: &Mail, then: &Mail) -> bool {
    match member {
        Member::From => is_all_same(now, then) || is_there(&now.from, &then.from),
        Member::Sender => is_all_same(now, then) || is_there(&now.sender, &then.sender),
        Member::To => people(now, Line::To).eq(people(then, Line::To)),
        Member::Cc => people(now, Line::Cc).eq(people(then, Line::Cc)),
        Member::Bcc => people(now, Line::Bcc).eq(people(then, Line::Bcc)),
        Member::Subject => now.subject == then.subject,
        Member::Date => now.sent == then.sent,
        Member::MessageId => now.message_id == then.message_id,
        Member::InReplyTo => now.in_reply_to == then.in_reply_to,
        Member::References => now.references == then.references,
        Member::Importance => now.importance == then.importance,
    }
}

/// Whether who has sent a message, and for whom, is the same. In stores, who is only one of them is both.
fn is_all_same(now: &Mail, then: &Mail) -> bool {
    let from = |mail: &Mail| known(mail.from.as_ref().or(mail.sender.as_ref()));
    let sender = |mail: &Mail| known(mail.sender.as_ref().or(mail.from.as_ref()));
    from(now) == from(then) && sender(now) == sender(then)
}

fn is_there(now: &Option<Who>, then: &Option<Who>) -> bool {
    then.is_some() && known(now.as_ref()) == known(then.as_ref())
}

/// Somebody as stores know them: without a name, the address is the name.
fn known(who: Option<&Who>) -> Option<(String, String)> {
    who.map(|who| (who.shown().to_owned(), who.address.clone()))
}

fn people(mail: &Mail, line: Line) -> impl Iterator<Item = (&str, &str)> {
    let people = mail.recipients.iter();
    let people = people.filter(move |recipient| recipient.line == line);
    people.map(|recipient| (recipient.who.shown(), &*recipient.who.address))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = concat!(
        "Received: by a\r\n",
        "Date: Tue, 3 Mar 2026 08:12:00 -0600 (CST)\r\n",
        "From: Ann <ann@example.org>, Bob <bob@example.org>\r\n",
        "To: undisclosed-recipients:;\r\n",
        "X-Between: 1\r\n",
        "Subject: =?iso-8859-1?Q?Gr=F6=DFe?=\r\n of it\r\n",
        "X-Priority: 1 (Highest)\r\n",
        "Message-ID: <a@b> (a comment)\r\n",
    );

    fn mail(header: &str) -> Mail {
        let octets = format!("{header}\r\ntext\r\n");
        Mail::parse(octets.as_bytes())
            .expect("a message")
            .into_mail()
    }

    fn written(mail: &Mail) -> String {
        String::from_utf8(mail.to_octets().expect("not too large")).expect("text")
    }

    #[test]
    fn fields_that_nobody_has_edited_stay_where_they_are() {
        let mut edited = mail(OLD);
        edited.text = Some("new".to_owned());
        assert!(written(&edited).starts_with(&format!("{OLD}MIME-Version: 1.0\r\n")));
        // As stores have it.
        edited.sender = edited.from.clone();
        assert!(written(&edited).starts_with(&format!("{OLD}MIME-Version: 1.0\r\n")));
    }

    #[test]
    fn a_field_that_was_edited_is_written_anew_and_the_others_stay() {
        let mut edited = mail(OLD);
        edited.subject = "New".to_owned();
        let subject = "Subject: =?iso-8859-1?Q?Gr=F6=DFe?=\r\n of it\r\n";
        let others = OLD.replace(subject, "");
        let written = written(&edited);
        assert!(
            written.starts_with(&format!("{others}Subject: New\r\nMIME")),
            "{written}"
        );
    }

    #[test]
    fn nobody_is_lost_when_only_one_of_two_is_edited() {
        let ann = "From: ann@example.org\r\n";
        let mut edited = mail(ann);
        edited.sender = edited.from.replace(Who::new("", "bob@example.org"));
        let text = written(&edited);
        assert!(
            text.contains("From: bob@example.org\r\nSender: ann@example.org\r\n"),
            "{text}"
        );
        let mut edited = mail("Sender: ann@example.org\r\n");
        edited.from = edited.sender.replace(Who::new("", "bob@example.org"));
        let text = written(&edited);
        assert!(
            text.contains("From: ann@example.org\r\nSender: bob@example.org\r\n"),
            "{text}"
        );
    }

    #[test]
    fn what_readers_may_take_for_something_else_is_written_anew() {
        for value in ["Größe", "a\u{1}b", "a\r\n \r\n b", &"a ".repeat(1000)] {
            assert!(!can_go_out(value.as_bytes()), "{value}");
        }
        for value in ["", " a\r\n\tb\r\n", " \r\n"] {
            assert!(can_go_out(value.as_bytes()), "{value}");
        }
    }
}
