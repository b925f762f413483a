//! Attachments of messages.

use std::ops::Deref;

use super::calls::Object;
use super::error::StoreError;
use super::message::Message;
use super::properties::{Properties, text_value};
use mapi_provider_abi::mapi::{
    ATTACH_BY_VALUE, ATTACH_EMBEDDED_MSG, IAttach, MAPI_E_NOT_FOUND, MessageFlags,
    OpenPropertyFlags, PR_ATTACH_CONTENT_ID_W, PR_ATTACH_DATA_BIN, PR_ATTACH_DATA_OBJ,
    PR_ATTACH_EXTENSION_W, PR_ATTACH_FILENAME_W, PR_ATTACH_LONG_FILENAME_W, PR_ATTACH_METHOD,
    PR_ATTACH_MIME_TAG_W, PR_DISPLAY_NAME_W, PR_RENDERING_POSITION, PT_BOOLEAN, PT_LONG, PropTag,
};
use mapi_provider_abi::view::Property;

/// PidTagAttachFlags, which MAPI’s headers don’t have: where an attachment belongs.
const ATTACH_FLAGS: PropTag = PropTag::new(0x3714, PT_LONG);

/// Of [`ATTACH_FLAGS`]: the text of the message shows the attachment.
const RENDERED_IN_BODY: i32 = 4;

/// PidTagAttachmentHidden, which MAPI’s headers don’t have: Outlook doesn’t list the attachment.
const ATTACHMENT_HIDDEN: PropTag = PropTag::new(0x7FFE, PT_BOOLEAN);

/// A file to attach to a message with [`Message::attach`].
///
/// ```
/// use mapi_provider::store::{FileAttachment, Message, StoreError};
///
/// fn illustrate(message: &Message, photo: &[u8]) -> Result<(), StoreError> {
///     message.attach(&FileAttachment::new("photo.jpg", "image/jpeg", photo))?;
///     // Shown in the text, where that says <img src="cid:logo@example.org">.
///     message.attach(&FileAttachment::new("logo.png", "image/png", photo).inline("logo@example.org"))?;
///     Ok(())
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileAttachment<'a> {
    /// The name of the file.
    pub name: &'a str,
    /// The MIME type of its content.
    pub mime_type: &'a str,
    /// The content.
    pub content: &'a [u8],
    /// The identifier by which the text refers to it (`cid:`), if it is shown there.
    pub content_id: Option<&'a str>,
}

impl<'a> FileAttachment<'a> {
    /// A file.
    pub fn new(name: &'a str, mime_type: &'a str, content: &'a [u8]) -> Self {
        Self {
            name,
            mime_type,
            content,
            content_id: None,
        }
    }

    /// The same, shown in the message’s text and not in its list of attachments. The identifier is without
    /// angle brackets.
    #[must_use]
    pub fn inline(mut self, content_id: &'a str) -> Self {
        self.content_id = Some(content_id);
        self
    }

    /// All properties of the attachment.
    pub(super) fn properties(&self) -> Vec<Property<'a>> {
        let name = text_value(self.name);
        let mut properties = vec![
            Property::new(PR_ATTACH_METHOD, ATTACH_BY_VALUE as i32),
            // Not at any place in the text.
            Property::new(PR_RENDERING_POSITION, -1),
            Property::new(PR_ATTACH_LONG_FILENAME_W, name.clone()),
            Property::new(PR_DISPLAY_NAME_W, name),
            Property::new(PR_ATTACH_DATA_BIN, self.content),
        ];
        if let Some((_, extension)) = self.name.rsplit_once('.') {
            let extension = text_value(&format!(".{extension}"));
            properties.push(Property::new(PR_ATTACH_EXTENSION_W, extension));
        }
        if !self.mime_type.is_empty() {
            let mime_type = text_value(self.mime_type);
            properties.push(Property::new(PR_ATTACH_MIME_TAG_W, mime_type));
        }
        if let Some(id) = self.content_id {
            properties.push(Property::new(PR_ATTACH_CONTENT_ID_W, text_value(id)));
            properties.push(Property::new(ATTACH_FLAGS, RENDERED_IN_BODY));
            properties.push(Property::new(ATTACHMENT_HIDDEN, true));
        }
        properties
    }
}

/// An open attachment. Changes last once it, and then its message, are saved.
///
/// It is cheap to clone, and can be used from any thread; the clones are the same attachment.
///
/// ```
/// use mapi_provider::store::{Message, StoreError};
///
/// /// The files that are attached to a message, and those attached to messages in it.
/// fn files(message: &Message, found: &mut Vec<(String, Vec<u8>)>) -> Result<(), StoreError> {
///     for attachment in message.attachments()? {
///         match attachment.message()? {
///             Some(inner) => files(&inner, found)?,
///             None => found.push((attachment.name()?, attachment.read_to_vec()?)),
///         }
///     }
///     Ok(())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Attachment<'run> {
    properties: Properties<'run>,
    number: u32,
}

impl<'run> Attachment<'run> {
    pub(super) fn new(number: u32, attachment: &Object<'run, IAttach>) -> Self {
        Self {
            properties: Properties::new(attachment.properties()),
            number,
        }
    }

    /// The attachment’s number in its message (`PR_ATTACH_NUM`), which is valid as long as the message is
    /// open.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// The name of the file, or any other name that it has; may be empty.
    ///
    /// # Errors
    ///
    /// The attachment can’t be read.
    pub fn name(&self) -> Result<String, StoreError> {
        let tags = [
            PR_ATTACH_LONG_FILENAME_W,
            PR_ATTACH_FILENAME_W,
            PR_DISPLAY_NAME_W,
        ];
        let row = self.get_all(&tags)?;
        let mut names = tags.into_iter().filter_map(|tag| row.text(tag));
        Ok(names.find(|name| !name.is_empty()).unwrap_or_default())
    }

    /// The MIME type of the content; may be empty.
    ///
    /// # Errors
    ///
    /// The attachment can’t be read.
    pub fn mime_type(&self) -> Result<String, StoreError> {
        Ok(self.text(PR_ATTACH_MIME_TAG_W)?.unwrap_or_default())
    }

    /// The content of a file.
    ///
    /// More than 1 GiB can’t be read as a whole; [`reader`](Properties::reader) of `PR_ATTACH_DATA_BIN` reads any size.
    ///
    /// # Errors
    ///
    /// The attachment is not a file, or can’t be read.
    pub fn read_to_vec(&self) -> Result<Vec<u8>, StoreError> {
        let content = self.binary(PR_ATTACH_DATA_BIN)?;
        content.ok_or_else(|| StoreError::new("read an attachment", MAPI_E_NOT_FOUND, None))
    }

    /// The message that the attachment is; `None` if it is something else.
    ///
    /// # Errors
    ///
    /// The attachment can’t be read, or the message not opened.
    pub fn message(&self) -> Result<Option<Message<'run>>, StoreError> {
        if self.long(PR_ATTACH_METHOD)? != Some(ATTACH_EMBEDDED_MSG as i32) {
            return Ok(None);
        }
        let open = |flags| self.object().open_message(PR_ATTACH_DATA_OBJ, flags);
        let message = match open(OpenPropertyFlags::MAPI_MODIFY) {
            Err(error) if error.is_no_access() => open(OpenPropertyFlags::empty())?,
            message => message?,
        };
        Ok(Some(Message::embedded(message)))
    }

    /// Makes the attachment a new message, which its owner must fill and save before saving the
    /// attachment.
    pub(super) fn create_message(&self, mark: MessageFlags) -> Result<Message<'run>, StoreError> {
        self.set_all(&[
            Property::new(PR_ATTACH_METHOD, ATTACH_EMBEDDED_MSG as i32),
            Property::new(PR_RENDERING_POSITION, -1),
        ])?;
        let flags = OpenPropertyFlags::MAPI_CREATE | OpenPropertyFlags::MAPI_MODIFY;
        let message = self.object().open_message(PR_ATTACH_DATA_OBJ, flags)?;
        Message::created_within(message, mark)
    }

    /// Saves the attachment into its message, which has to be saved after it.
    ///
    /// # Errors
    ///
    /// The attachment can’t be saved.
    pub fn save(&self) -> Result<(), StoreError> {
        self.object().save("save an attachment")
    }
}

impl<'run> Deref for Attachment<'run> {
    type Target = Properties<'run>;

    fn deref(&self) -> &Properties<'run> {
        &self.properties
    }
}
