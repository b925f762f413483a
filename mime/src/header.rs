//! What the header of a message says.

use crate::fields::Fields;
use crate::mail::{Importance, Line, Mail, Recipient, Who};
use crate::{address, charset, date, words};

/// What the header says.
pub(crate) fn read(fields: &Fields<'_>, hint: Option<&str>) -> Mail {
    let people = |name: &'static str| {
        fields
            .all(name)
            .flat_map(move |value| address::parse(value, hint))
    };
    let mut recipients = Vec::new();
    let lines = [
        ("To", Line::To),
        ("Apparently-To", Line::To),
        ("Cc", Line::Cc),
        ("Bcc", Line::Bcc),
    ];
    for (name, line) in lines {
        recipients.extend(people(name).map(|who| Recipient { line, who }));
    }
    let ids = |name: &str| fields.first(name).map(message_ids).unwrap_or_default();
    Mail {
        subject: one_line(fields.text("Subject", hint)),
        from: best(people("From")),
        sender: best(people("Sender")),
        recipients,
        sent: fields
            .all("Date")
            .find_map(|value| date::parse(&words::text(value, None))),
        importance: importance(fields),
        message_id: ids("Message-ID").into_iter().next().unwrap_or_default(),
        in_reply_to: ids("In-Reply-To").join(" "),
        references: ids("References").join(" "),
        headers: charset::decode(hint.filter(|_| !is_utf8(fields.header())), fields.header()),
        ..Mail::default()
    }
}

fn is_utf8(octets: &[u8]) -> bool {
    std::str::from_utf8(octets).is_ok()
}

fn one_line(text: Option<String>) -> String {
    text.unwrap_or_default().replace(['\r', '\n'], " ")
}

/// The first who has an address; if nobody has, the first.
fn best(people: impl Iterator<Item = Who>) -> Option<Who> {
    let mut nobody = None;
    for who in people {
        if !who.address.is_empty() {
            return Some(who);
        }
        nobody.get_or_insert(who);
    }
    nobody
}

/// Message IDs as Outlook keeps them: each in angle brackets.
fn message_ids(value: &[u8]) -> Vec<String> {
    let text = words::text(value, None);
    let mut ids = Vec::new();
    for piece in text.split('<').skip(1) {
        if let Some((id, _)) = piece.split_once('>') {
            let id: String = id.split_whitespace().collect();
            if !id.is_empty() {
                ids.push(format!("<{id}>"));
            }
        }
    }
    if ids.is_empty() {
        let bare = text
            .split_whitespace()
            .map(|id| id.trim_matches(['<', '>', ',']));
        ids.extend(
            bare.filter(|id| id.contains('@'))
                .map(|id| format!("<{id}>")),
        );
    }
    ids
}

fn importance(fields: &Fields<'_>) -> Importance {
    let value = |name: &str| {
        fields
            .text(name, None)
            .unwrap_or_default()
            .to_ascii_lowercase()
    };
    for name in ["Importance", "X-MSMail-Priority", "X-Priority", "Priority"] {
        match value(name).split_whitespace().next() {
            Some("high" | "urgent" | "1" | "2") => return Importance::High,
            Some("low" | "non-urgent" | "4" | "5") => return Importance::Low,
            Some("normal" | "3") => return Importance::Normal,
            _ => {}
        }
    }
    Importance::Normal
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(value: &str) -> Vec<String> {
        message_ids(value.as_bytes())
    }

    #[test]
    fn identifiers_are_each_in_brackets() {
        assert_eq!(ids("<a@b>\r\n <c@d>,<e@f>"), ["<a@b>", "<c@d>", "<e@f>"]);
        assert_eq!(ids("a@b"), ["<a@b>"]);
        assert_eq!(ids("<a\r\n @b>"), ["<a@b>"]);
        assert_eq!(ids("Your message of \"Tue, 3 Mar\" <a@b>"), ["<a@b>"]);
        assert!(ids("Your message of Tuesday").is_empty());
        assert!(ids(">><<").is_empty());
    }

    #[test]
    fn who_has_an_address_goes_before_who_has_none() {
        let people = [Who::new("Ann", ""), Who::new("Bob", "bob@example.org")];
        let best = best(people.into_iter()).map(|who| who.name);
        assert_eq!(best.as_deref(), Some("Bob"));
    }
}
