//! People, as MAPI knows them: a name, the type of an address, the address, and an Internet address beside it.

use mapi_provider_abi::mapi::{
    MAPI_BCC, MAPI_CC, MAPI_P1, MAPI_SUBMITTED, MAPI_TO, PR_ADDRTYPE_W, PR_DISPLAY_NAME_W,
    PR_EMAIL_ADDRESS_W, PR_RECIPIENT_TYPE, PR_SMTP_ADDRESS_W, PropTag,
};
use mapi_provider_abi::view::Property;

use crate::mail::{Line, Recipient, Who, clean};

/// The type of Internet addresses.
const SMTP: &str = "SMTP";

/// Where somebody stands.
#[derive(Clone, Copy)]
pub(super) struct Tags {
    pub(super) name: PropTag,
    pub(super) kind: PropTag,
    pub(super) address: PropTag,
    pub(super) smtp: PropTag,
}

/// A recipient.
const RECIPIENT: Tags = Tags {
    name: PR_DISPLAY_NAME_W,
    kind: PR_ADDRTYPE_W,
    address: PR_EMAIL_ADDRESS_W,
    smtp: PR_SMTP_ADDRESS_W,
};

impl Tags {
    /// Somebody with an Internet address; without a name, that is the name.
    pub(super) fn properties(self, who: &Who) -> [Property<'static>; 3] {
        [
            Property::new(self.name, who.shown()),
            Property::new(self.kind, SMTP),
            Property::new(self.address, &*who.address),
        ]
    }
}

/// Somebody, as far as their properties were read.
#[derive(Default)]
pub(super) struct Somebody {
    name: String,
    kind: String,
    address: String,
    smtp: String,
}

impl Somebody {
    /// Takes a property, if it is one of theirs.
    pub(super) fn take(&mut self, tags: &Tags, property: &Property<'_>) -> bool {
        let places = [
            (tags.name, &mut self.name),
            (tags.kind, &mut self.kind),
            (tags.address, &mut self.address),
            (tags.smtp, &mut self.smtp),
        ];
        let id = property.tag.id();
        match places.into_iter().find(|(tag, _)| tag.id() == id) {
            Some((_, place)) => {
                *place = property.value.to_text().unwrap_or_default();
                clean(place);
                true
            }
            None => false,
        }
    }

    /// Who they are; nobody without name and address.
    pub(super) fn who(self) -> Option<Who> {
        let is_internet = self.kind.is_empty() || self.kind.eq_ignore_ascii_case(SMTP);
        let mut who = Who::new(self.name, self.smtp);
        if who.address.is_empty() {
            // An address of another kind, such as Exchange's, names nobody on the Internet. It may be all there is.
            if is_internet || self.address.contains('@') {
                who.address = self.address;
            } else if who.name.is_empty() {
                who.name = self.address;
            }
        }
        (who != Who::default()).then_some(who)
    }
}

impl Recipient {
    /// What [`from_properties`](Self::from_properties) wants to know.
    pub const TAGS: [PropTag; 5] = [
        PR_RECIPIENT_TYPE,
        RECIPIENT.name,
        RECIPIENT.kind,
        RECIPIENT.address,
        RECIPIENT.smtp,
    ];

    /// What a store keeps of them.
    pub fn properties(&self) -> Vec<Property<'static>> {
        let line = match self.line {
            Line::To => MAPI_TO,
            Line::Cc => MAPI_CC,
            Line::Bcc => MAPI_BCC,
        };
        let mut properties = vec![Property::new(PR_RECIPIENT_TYPE, line.cast_signed())];
        properties.extend(RECIPIENT.properties(&self.who));
        properties
    }

    /// A recipient with what properties say, of which [`TAGS`](Self::TAGS) are looked at; none who is in no line of mail,
    /// such as a room.
    pub fn from_properties<'p>(properties: impl IntoIterator<Item = Property<'p>>) -> Option<Self> {
        let mut line = None;
        let mut somebody = Somebody::default();
        for property in properties {
            if property.tag.id() == PR_RECIPIENT_TYPE.id() {
                line = property.value.as_long();
            } else {
                somebody.take(&RECIPIENT, &property);
            }
        }
        // The other bits say how it was sent.
        let line = match line?.cast_unsigned() & !(MAPI_P1 | MAPI_SUBMITTED) {
            MAPI_TO => Line::To,
            MAPI_CC => Line::Cc,
            MAPI_BCC => Line::Bcc,
            _ => return None,
        };
        let who = somebody.who().unwrap_or_default();
        Some(Self { line, who })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipient(properties: &[(PropTag, &str)], line: u32) -> Option<Recipient> {
        let texts = properties
            .iter()
            .map(|(tag, text)| Property::new(*tag, *text));
        let line = Property::new(PR_RECIPIENT_TYPE, line.cast_signed());
        Recipient::from_properties(texts.chain([line]))
    }

    #[test]
    fn a_recipient_comes_back() {
        for line in [Line::To, Line::Cc, Line::Bcc] {
            let who = Who::new("Ann", "ann@example.org");
            let ann = Recipient { line, who };
            assert_eq!(Recipient::from_properties(ann.properties()), Some(ann));
        }
    }

    #[test]
    fn bits_that_say_how_it_was_sent_are_no_line() {
        let line = |code| recipient(&[], code).map(|one| one.line);
        assert_eq!(line(MAPI_CC | MAPI_SUBMITTED | MAPI_P1), Some(Line::Cc));
        assert_eq!(line(0), None, "who has sent the original");
        assert_eq!(line(7), None);
        assert_eq!(Recipient::from_properties([]), None);
    }

    #[test]
    fn an_address_of_the_internet_goes_before_one_of_another_kind() {
        let dn = "/O=ORG/CN=ANN";
        let exchange = [(PR_ADDRTYPE_W, "EX"), (PR_EMAIL_ADDRESS_W, dn)];
        let who = |more: &[(PropTag, &str)]| {
            let all = [&exchange[..], more].concat();
            recipient(&all, MAPI_TO).map(|one| one.who)
        };
        let smtp = (PR_SMTP_ADDRESS_W, "ann@example.org");
        assert_eq!(who(&[smtp]), Some(Who::new("", "ann@example.org")));
        let name = (PR_DISPLAY_NAME_W, "Ann");
        assert_eq!(who(&[name]), Some(Who::new("Ann", "")));
        assert_eq!(who(&[]), Some(Who::new(dn, "")));
    }
}
