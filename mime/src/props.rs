//! What a store keeps of a message, as properties; and back.

use mapi_provider_abi::mapi::{
    PR_BODY_W, PR_HTML, PR_IMPORTANCE, PR_IN_REPLY_TO_W, PR_INTERNET_CPID,
    PR_INTERNET_MESSAGE_ID_W, PR_INTERNET_REFERENCES_W, PR_SUBJECT_W,
    PR_TRANSPORT_MESSAGE_HEADERS_W, PropTag,
};
use mapi_provider_abi::view::{PropValue, Property};

use crate::charset;
use crate::mail::{Importance, Mail};

/// The code page of UTF-8.
const UTF_8: i32 = 65001;

impl Mail {
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
        owned(properties)
    }

    /// Both.
    pub fn properties(&self) -> Vec<Property<'static>> {
        let mut properties = self.header_properties();
        properties.extend(self.body_properties());
        properties
    }

    /// A message with what properties say: those of [`properties`](Self::properties), however a store answers them.
    ///
    /// HTML may be in any code page, which `PR_INTERNET_CPID` names, or a string; text may be in the ANSI code page.
    pub fn from_properties<'p>(properties: impl IntoIterator<Item = Property<'p>>) -> Self {
        let mut mail = Self::default();
        let (mut html, mut page) = (None, None);
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
            } else if is(PR_INTERNET_CPID) {
                page = property.value.as_long();
            } else if is(PR_HTML) {
                html = Some(property.value);
            }
        }
        mail.html = html.and_then(|html| html_in(&html, page));
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
