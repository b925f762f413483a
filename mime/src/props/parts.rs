//! Attachments, as MAPI knows them.

use mapi_provider_abi::mapi::{
    ATTACH_BY_VALUE, ATTACH_EMBEDDED_MSG, PR_ATTACH_CONTENT_ID_W, PR_ATTACH_DATA_BIN,
    PR_ATTACH_EXTENSION_W, PR_ATTACH_FILENAME_W, PR_ATTACH_LONG_FILENAME_W, PR_ATTACH_METHOD,
    PR_ATTACH_MIME_TAG_W, PR_DISPLAY_NAME_W, PR_RENDERING_POSITION, PT_BOOLEAN, PT_LONG, PropTag,
};
use mapi_provider_abi::view::{PropValue, Property};

use crate::error::TooDeep;
use crate::mail::{Attachment, Content, Mail, clean};

/// PidTagAttachFlags, which MAPI's headers don't have, and its bit for what the HTML shows.
const ATTACH_FLAGS: PropTag = PropTag::new(0x3714, PT_LONG);
const RENDERED_IN_BODY: i32 = 4;
/// PidTagAttachmentHidden, which MAPI's headers don't have: Outlook doesn't list the attachment.
const ATTACHMENT_HIDDEN: PropTag = PropTag::new(0x7FFE, PT_BOOLEAN);

impl Attachment {
    /// What [`from_properties`](Self::from_properties) wants to know.
    pub const TAGS: [PropTag; 7] = [
        PR_ATTACH_LONG_FILENAME_W,
        PR_ATTACH_FILENAME_W,
        PR_DISPLAY_NAME_W,
        PR_ATTACH_MIME_TAG_W,
        PR_ATTACH_CONTENT_ID_W,
        ATTACH_FLAGS,
        PR_ATTACH_DATA_BIN,
    ];

    /// What a store keeps of it; of a message, all but the message itself. The content is borrowed.
    pub fn properties(&self) -> Vec<Property<'_>> {
        let mut properties = vec![
            // Not at any place in the text.
            Property::new(PR_RENDERING_POSITION, -1),
            Property::new(PR_DISPLAY_NAME_W, &*self.name),
        ];
        if !self.content_id.is_empty() {
            properties.push(Property::new(PR_ATTACH_CONTENT_ID_W, &*self.content_id));
        }
        if self.inline {
            properties.push(Property::new(ATTACH_FLAGS, RENDERED_IN_BODY));
            properties.push(Property::new(ATTACHMENT_HIDDEN, true));
        }
        match &self.content {
            Content::Mail(_) => {
                let method = ATTACH_EMBEDDED_MSG.cast_signed();
                properties.push(Property::new(PR_ATTACH_METHOD, method));
            }
            Content::File(content) => properties.extend(self.file_properties(content)),
        }
        properties
    }

    fn file_properties<'c>(&self, content: &'c [u8]) -> Vec<Property<'c>> {
        let mut properties = vec![
            Property::new(PR_ATTACH_METHOD, ATTACH_BY_VALUE.cast_signed()),
            Property::new(PR_ATTACH_FILENAME_W, &*self.name),
            Property::new(PR_ATTACH_LONG_FILENAME_W, &*self.name),
            Property::new(PR_ATTACH_DATA_BIN, content),
        ];
        if let Some((_, extension)) = self.name.rsplit_once('.') {
            let extension = format!(".{extension}");
            properties.push(Property::new(PR_ATTACH_EXTENSION_W, &*extension));
        }
        if !self.mime_type.is_empty() {
            properties.push(Property::new(PR_ATTACH_MIME_TAG_W, &*self.mime_type));
        }
        properties
    }

    /// An attachment with what properties say, of which [`TAGS`](Self::TAGS) are looked at; with the message that it is,
    /// if it is one.
    ///
    /// # Errors
    ///
    /// The message has as many messages in one another as may be attached to one.
    pub fn from_properties<'p>(
        properties: impl IntoIterator<Item = Property<'p>>,
        message: Option<Mail>,
    ) -> Result<Self, TooDeep> {
        let mut names = [const { String::new() }; 3];
        let mut attachment = Self::file("", "", Vec::new());
        let mut content = Vec::new();
        for Property { tag, value } in properties {
            let id = tag.id();
            let name = Self::TAGS[..names.len()]
                .iter()
                .position(|tag| tag.id() == id);
            let text = || {
                let mut text = value.to_text().unwrap_or_default();
                clean(&mut text);
                text
            };
            if let Some(name) = name.and_then(|name| names.get_mut(name)) {
                *name = text();
            } else if id == PR_ATTACH_MIME_TAG_W.id() {
                attachment.mime_type = text();
            } else if id == PR_ATTACH_CONTENT_ID_W.id() {
                attachment.content_id = text();
            } else if id == ATTACH_FLAGS.id() {
                let flags = value.as_long().unwrap_or_default();
                attachment.inline = flags & RENDERED_IN_BODY != 0;
            } else if id == PR_ATTACH_DATA_BIN.id()
                && let PropValue::Binary(octets) = value
            {
                content = octets.into_owned();
            }
        }
        let Some(mail) = message else {
            let mut names = names.into_iter();
            attachment.name = names.find(|name| !name.is_empty()).unwrap_or_default();
            attachment.content = Content::File(content);
            return Ok(attachment);
        };
        Ok(Self {
            content_id: attachment.content_id,
            inline: attachment.inline,
            ..Self::mail(mail)?
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attachment_comes_back() {
        let mut file = Attachment::file("Größe.txt", "text/plain", vec![0, 1, 2]);
        file.content_id = "a@b".to_owned();
        file.inline = true;
        let again = Attachment::from_properties(file.properties(), None);
        assert_eq!(again, Ok(file));
        let inner = Mail {
            subject: "Within".to_owned(),
            ..Mail::default()
        };
        let mail = Attachment::mail(inner.clone()).expect("not too deep");
        let again = Attachment::from_properties(mail.properties(), Some(inner));
        assert_eq!(again, Ok(mail));
    }

    #[test]
    fn the_longest_name_is_the_name() {
        let name = |tags: &[PropTag]| {
            let properties = tags.iter().map(|tag| {
                let text = format!("{:04x}", tag.id());
                Property::new(*tag, &*text)
            });
            let read = Attachment::from_properties(properties, None);
            read.expect("no message").name
        };
        let [long, short, shown] = [
            PR_ATTACH_LONG_FILENAME_W,
            PR_ATTACH_FILENAME_W,
            PR_DISPLAY_NAME_W,
        ];
        assert_eq!(name(&[shown, short, long]), "3707");
        assert_eq!(name(&[shown, short]), "3704");
        assert_eq!(name(&[shown]), "3001");
        assert_eq!(name(&[]), "");
    }
}
