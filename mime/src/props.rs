//! What a store keeps of a message, as properties; and back. Whoever has a store uses this, so that each property means the
//! same everywhere.

mod bodies;
mod parts;
mod people;

use mapi_provider_abi::mapi::{
    PR_BODY_W, PR_CLIENT_SUBMIT_TIME, PR_HTML, PR_IMPORTANCE, PR_IN_REPLY_TO_W, PR_INTERNET_CPID,
    PR_INTERNET_MESSAGE_ID_W, PR_INTERNET_REFERENCES_W, PR_MESSAGE_DELIVERY_TIME,
    PR_RTF_COMPRESSED, PR_RTF_IN_SYNC, PR_SENDER_ADDRTYPE_W, PR_SENDER_EMAIL_ADDRESS_W,
    PR_SENDER_NAME_W, PR_SENDER_SMTP_ADDRESS_W, PR_SENT_REPRESENTING_ADDRTYPE_W,
    PR_SENT_REPRESENTING_EMAIL_ADDRESS_W, PR_SENT_REPRESENTING_NAME_W,
    PR_SENT_REPRESENTING_SMTP_ADDRESS_W, PR_SUBJECT_W, PR_TRANSPORT_MESSAGE_HEADERS_W, PropTag,
};
use mapi_provider_abi::view::{PropValue, Property};

use crate::charset;
use crate::mail::{Importance, Mail};
use bodies::RichText;
use people::Somebody;

/// The code page of UTF-8.
const UTF_8: i32 = 65001;

/// Whom a message is from.
const FROM: people::Tags = people::Tags {
    name: PR_SENT_REPRESENTING_NAME_W,
    kind: PR_SENT_REPRESENTING_ADDRTYPE_W,
    address: PR_SENT_REPRESENTING_EMAIL_ADDRESS_W,
    smtp: PR_SENT_REPRESENTING_SMTP_ADDRESS_W,
};

/// Who has sent it for them.
const SENDER: people::Tags = people::Tags {
    name: PR_SENDER_NAME_W,
    kind: PR_SENDER_ADDRTYPE_W,
    address: PR_SENDER_EMAIL_ADDRESS_W,
    smtp: PR_SENDER_SMTP_ADDRESS_W,
};

impl Mail {
    /// What [`from_properties`](Self::from_properties) wants to know. What a message has of these is not true any more
    /// when it becomes another mail; of the last, `PR_MESSAGE_DELIVERY_TIME`, mail itself says nothing.
    pub const TAGS: [PropTag; 21] = [
        PR_SUBJECT_W,
        PR_IMPORTANCE,
        PR_TRANSPORT_MESSAGE_HEADERS_W,
        PR_INTERNET_MESSAGE_ID_W,
        PR_IN_REPLY_TO_W,
        PR_INTERNET_REFERENCES_W,
        FROM.name,
        FROM.kind,
        FROM.address,
        FROM.smtp,
        SENDER.name,
        SENDER.kind,
        SENDER.address,
        SENDER.smtp,
        PR_CLIENT_SUBMIT_TIME,
        PR_BODY_W,
        PR_INTERNET_CPID,
        PR_HTML,
        PR_RTF_COMPRESSED,
        PR_RTF_IN_SYNC,
        PR_MESSAGE_DELIVERY_TIME,
    ];

    /// What the header says, as properties: all but people, times and attachments, for which stores have ways of their
    /// own.
    pub fn header_properties(&self) -> Vec<Property<'static>> {
        let mut properties = vec![
            Property::new(PR_SUBJECT_W, &*self.subject),
            Property::new(PR_IMPORTANCE, self.importance.code()),
        ];
        for (tag, text) in [
            (PR_TRANSPORT_MESSAGE_HEADERS_W, &self.headers),
            (PR_INTERNET_MESSAGE_ID_W, &self.message_id),
            (PR_IN_REPLY_TO_W, &self.in_reply_to),
            (PR_INTERNET_REFERENCES_W, &self.references),
        ] {
            if !text.is_empty() {
                properties.push(Property::new(tag, &**text));
            }
        }
        owned(properties)
    }

    /// Whom it is from and who has sent it, as properties: by names and Internet addresses. Who is only one of them is both.
    pub fn people_properties(&self) -> Vec<Property<'static>> {
        let from = self.from.as_ref().or(self.sender.as_ref());
        let sender = self.sender.as_ref().or(from);
        let people = [(from, FROM), (sender, SENDER)];
        let properties = people
            .into_iter()
            .filter_map(|(who, tags)| Some(tags.properties(who?)));
        properties.flatten().collect()
    }

    /// The texts, as properties. HTML is in UTF-8, whatever it says of itself, because `PR_INTERNET_CPID` counts.
    pub fn body_properties(&self) -> Vec<Property<'static>> {
        let mut properties = Vec::new();
        if let Some(html) = &self.html {
            properties.push(Property::new(PR_INTERNET_CPID, UTF_8));
            properties.push(Property::new(PR_HTML, html.as_bytes()));
        }
        properties.push(Property::new(
            PR_BODY_W,
            self.text.as_deref().unwrap_or_default(),
        ));
        if let Some(rtf) = &self.rtf {
            properties.push(Property::new(PR_RTF_COMPRESSED, &**rtf));
            properties.push(Property::new(PR_RTF_IN_SYNC, true));
        }
        owned(properties)
    }

    /// All of them, and when it was sent. Recipients and attachments have [properties](crate::Recipient::properties) of
    /// [their own](crate::Attachment::properties).
    pub fn properties(&self) -> Vec<Property<'static>> {
        let mut properties = self.header_properties();
        properties.extend(self.people_properties());
        properties.extend(
            self.sent
                .map(|sent| Property::new(PR_CLIENT_SUBMIT_TIME, sent)),
        );
        properties.extend(self.body_properties());
        properties
    }

    /// A message with what properties say, of which [`TAGS`](Self::TAGS) are looked at, however a store answers them. It
    /// has no recipients and attachments yet.
    ///
    /// HTML may be in any code page, which `PR_INTERNET_CPID` names, or a string; text may be in the ANSI code page. What
    /// only rich text says becomes text or HTML, too. A message that does not say when it was sent was sent when it arrived.
    pub fn from_properties<'p>(properties: impl IntoIterator<Item = Property<'p>>) -> Self {
        let mut mail = Self::default();
        let (mut html, mut page) = (None, None);
        let (mut from, mut sender) = (Somebody::default(), Somebody::default());
        let (mut rich, mut arrived) = (RichText::default(), None);
        for property in properties {
            let id = property.tag.id();
            let text = || property.value.to_text().unwrap_or_default();
            let is = |tag: PropTag| tag.id() == id;
            if is(PR_SUBJECT_W) {
                mail.subject = text();
            } else if is(PR_TRANSPORT_MESSAGE_HEADERS_W) {
                mail.headers = text();
            } else if is(PR_INTERNET_MESSAGE_ID_W) {
                mail.message_id = text();
            } else if is(PR_IN_REPLY_TO_W) {
                mail.in_reply_to = text();
            } else if is(PR_INTERNET_REFERENCES_W) {
                mail.references = text();
            } else if is(PR_BODY_W) {
                mail.text = property.value.to_text();
            } else if is(PR_IMPORTANCE) {
                mail.importance = property
                    .value
                    .as_long()
                    .map_or(Importance::Normal, Importance::from_code);
            } else if is(PR_CLIENT_SUBMIT_TIME) {
                mail.sent = property.value.as_time();
            } else if is(PR_MESSAGE_DELIVERY_TIME) {
                arrived = property.value.as_time();
            } else if is(PR_INTERNET_CPID) {
                page = property.value.as_long();
            } else if is(PR_HTML) {
                html = Some(property.value);
            } else if is(PR_RTF_COMPRESSED) {
                rich.packed = property.value.as_binary().unwrap_or_default().to_vec();
            } else if is(PR_RTF_IN_SYNC) {
                rich.is_in_sync = property.value.as_bool() == Some(true);
            } else if !from.take(&FROM, &property) {
                sender.take(&SENDER, &property);
            }
        }
        mail.from = from.who();
        mail.sender = sender.who();
        mail.sent = mail.sent.or(arrived);
        mail.html = html.and_then(|html| html_in(&html, page));
        rich.add_to(&mut mail);
        mail.clean();
        mail
    }
}

/// HTML as a store has it: octets in a code page, or a string.
fn html_in(html: &PropValue<'_>, page: Option<i32>) -> Option<String> {
    match html {
        PropValue::Binary(octets) => {
            let by_page = page.and_then(|page| charset::decode_page(page, octets));
            // A page that nobody knows: then the HTML has to say it itself.
            Some(
                by_page.unwrap_or_else(|| {
                    charset::decode(charset::html_label(octets).as_deref(), octets)
                }),
            )
        }
        text => text.to_text(),
    }
}

impl Importance {
    /// MAPI's number for it.
    pub fn code(self) -> i32 {
        match self {
            Self::Low => 0,
            Self::Normal => 1,
            Self::High => 2,
        }
    }

    /// What MAPI means by a number.
    pub fn from_code(code: i32) -> Self {
        match code {
            0 => Self::Low,
            2 => Self::High,
            _ => Self::Normal,
        }
    }
}

/// The same, borrowing nothing.
fn owned(properties: Vec<Property<'_>>) -> Vec<Property<'static>> {
    let own = |property: Property<'_>| Property {
        tag: property.tag,
        value: property.value.into_owned(),
    };
    properties.into_iter().map(own).collect()
}
