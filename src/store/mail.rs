//! What makes a message mail: subject, texts, headers, times, sender.

use super::error::StoreError;
use super::message::Message;
use super::properties::text_value;
use super::recipient::Address;
use mapi_provider_abi::mapi::{
    PR_BODY_W, PR_CLIENT_SUBMIT_TIME, PR_HTML, PR_INTERNET_CPID, PR_MESSAGE_DELIVERY_TIME,
    PR_SENDER_ADDRTYPE_W, PR_SENDER_EMAIL_ADDRESS_W, PR_SENDER_ENTRYID, PR_SENDER_NAME_W,
    PR_SENDER_SEARCH_KEY, PR_SENT_REPRESENTING_ADDRTYPE_W, PR_SENT_REPRESENTING_EMAIL_ADDRESS_W,
    PR_SENT_REPRESENTING_ENTRYID, PR_SENT_REPRESENTING_NAME_W, PR_SENT_REPRESENTING_SEARCH_KEY,
    PR_SUBJECT_W, PR_TRANSPORT_MESSAGE_HEADERS_W,
};
use mapi_provider_abi::view::{FileTime, Property};

/// The code page of UTF-8.
const UTF_8: i32 = 65001;

/// What most mail has, by name; anything else is a property to [`set`](super::Properties::set).
impl<'run> Message<'run> {
    /// Sets the subject.
    ///
    /// # Errors
    ///
    /// The message refuses it.
    pub fn set_subject(&self, subject: &str) -> Result<(), StoreError> {
        self.set(PR_SUBJECT_W, text_value(subject))
    }

    /// Sets the plain text.
    ///
    /// # Errors
    ///
    /// The message refuses it.
    pub fn set_body(&self, text: &str) -> Result<(), StoreError> {
        self.set(PR_BODY_W, text_value(text))
    }

    /// Sets the text as HTML, which is kept in UTF-8; what it says about its own encoding is ignored.
    /// Text in another encoding goes into `PR_HTML` as it is, with the number of its code page in
    /// `PR_INTERNET_CPID`.
    ///
    /// # Errors
    ///
    /// The message refuses it.
    pub fn set_html(&self, html: &str) -> Result<(), StoreError> {
        self.set_all(&[
            Property::new(PR_INTERNET_CPID, UTF_8),
            Property::new(PR_HTML, html.as_bytes()),
        ])
    }

    /// Sets the headers as they came over the Internet, all in one text.
    ///
    /// # Errors
    ///
    /// The message refuses them.
    pub fn set_headers(&self, headers: &str) -> Result<(), StoreError> {
        self.set(PR_TRANSPORT_MESSAGE_HEADERS_W, text_value(headers))
    }

    /// Sets when the message was sent, and when it arrived.
    ///
    /// # Errors
    ///
    /// The message refuses them.
    pub fn set_times(&self, sent: FileTime, arrived: FileTime) -> Result<(), StoreError> {
        self.set_all(&[
            Property::new(PR_CLIENT_SUBMIT_TIME, sent),
            Property::new(PR_MESSAGE_DELIVERY_TIME, arrived),
        ])
    }

    /// Sets whom the message is from, with an SMTP address. If somebody else has sent it for them, call
    /// [`set_sender`](Self::set_sender) after this.
    ///
    /// # Errors
    ///
    /// The message refuses it.
    pub fn set_from(&self, name: &str, address: &str) -> Result<(), StoreError> {
        let from = Address::smtp(name, address);
        self.set_all(&from.properties([
            PR_SENT_REPRESENTING_NAME_W,
            PR_SENT_REPRESENTING_ADDRTYPE_W,
            PR_SENT_REPRESENTING_EMAIL_ADDRESS_W,
            PR_SENT_REPRESENTING_ENTRYID,
            PR_SENT_REPRESENTING_SEARCH_KEY,
        ]))?;
        self.set_sender(name, address)
    }

    /// Sets who has sent the message, for themselves or on behalf of whom it is from.
    ///
    /// # Errors
    ///
    /// The message refuses it.
    pub fn set_sender(&self, name: &str, address: &str) -> Result<(), StoreError> {
        self.set_all(&Address::smtp(name, address).properties([
            PR_SENDER_NAME_W,
            PR_SENDER_ADDRTYPE_W,
            PR_SENDER_EMAIL_ADDRESS_W,
            PR_SENDER_ENTRYID,
            PR_SENDER_SEARCH_KEY,
        ]))
    }
}
