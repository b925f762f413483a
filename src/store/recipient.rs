//! Recipients, and addresses that no address book knows.

use super::properties::text_value;
use super::row::Row;
use mapi_provider_abi::mapi::{
    GUID, MAPI_BCC, MAPI_CC, MAPI_MAILUSER, MAPI_ONE_OFF_UID, MAPI_ORIG, MAPI_P1, MAPI_SUBMITTED,
    MAPI_TO, OneOffFlags, PR_ADDRTYPE_W, PR_DISPLAY_NAME_W, PR_EMAIL_ADDRESS_W, PR_ENTRYID,
    PR_OBJECT_TYPE, PR_RECIPIENT_TYPE, PR_ROWID, PR_SEARCH_KEY, PR_SEND_RICH_INFO,
    PR_SMTP_ADDRESS_W, PropTag,
};
use mapi_provider_abi::view::{self, MapiStr, PropValue, Property};

/// The type of Internet addresses.
const SMTP: &str = "SMTP";

/// Somebody to whom a message goes.
///
/// ```
/// use mapi_provider::store::{Message, Recipient, StoreError};
///
/// fn address(message: &Message) -> Result<(), StoreError> {
///     message.add_recipients(&[
///         Recipient::to("Ann", "ann@example.org"),
///         Recipient::cc("", "bob@example.org"),
///     ])
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The line that they are in.
    pub kind: RecipientKind,
    /// The name that is shown.
    pub name: String,
    /// The address.
    pub address: String,
    /// The type of the address: `SMTP`, as a rule.
    pub address_type: String,
    /// Which recipient of its message it is; `None` before it is one.
    row: Option<i32>,
}

/// The line of a message that a recipient is in: `PR_RECIPIENT_TYPE`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RecipientKind {
    /// `MAPI_TO`.
    To,
    /// `MAPI_CC`: gets a copy.
    Cc,
    /// `MAPI_BCC`: gets a copy without anybody else seeing that.
    Bcc,
    /// `MAPI_ORIG`: has sent the original message.
    Originator,
    /// Any other number: Outlook has more, for example for resources.
    Other(i32),
}

impl RecipientKind {
    /// MAPI’s number for it.
    pub fn code(self) -> i32 {
        match self {
            Self::To => MAPI_TO as i32,
            Self::Cc => MAPI_CC as i32,
            Self::Bcc => MAPI_BCC as i32,
            Self::Originator => MAPI_ORIG as i32,
            Self::Other(code) => code,
        }
    }

    /// What MAPI means by a number. That the message was sent to a recipient already doesn’t matter here.
    pub fn from_code(code: i32) -> Self {
        match code as u32 & !(MAPI_P1 | MAPI_SUBMITTED) {
            MAPI_TO => Self::To,
            MAPI_CC => Self::Cc,
            MAPI_BCC => Self::Bcc,
            MAPI_ORIG => Self::Originator,
            other => Self::Other(other as i32),
        }
    }
}

impl Recipient {
    /// Somebody in the line “To”, with an SMTP address. Without a name the address is shown.
    pub fn to(name: &str, address: &str) -> Self {
        Self::smtp(RecipientKind::To, name, address)
    }

    /// Somebody in the line “Cc”.
    pub fn cc(name: &str, address: &str) -> Self {
        Self::smtp(RecipientKind::Cc, name, address)
    }

    /// Somebody in the line “Bcc”.
    pub fn bcc(name: &str, address: &str) -> Self {
        Self::smtp(RecipientKind::Bcc, name, address)
    }

    fn smtp(kind: RecipientKind, name: &str, address: &str) -> Self {
        Self {
            kind,
            name: if name.is_empty() { address } else { name }.to_owned(),
            address: address.to_owned(),
            address_type: SMTP.to_owned(),
            row: None,
        }
    }

    /// The columns that a recipient is read from.
    pub(super) const COLUMNS: [PropTag; 6] = [
        PR_ROWID,
        PR_RECIPIENT_TYPE,
        PR_DISPLAY_NAME_W,
        PR_ADDRTYPE_W,
        PR_EMAIL_ADDRESS_W,
        PR_SMTP_ADDRESS_W,
    ];

    /// The recipient of a row. Missing parts are empty; the address is the one that is easier to read.
    pub(super) fn from_row(row: &Row) -> Self {
        let text = |tag| row.text(tag).unwrap_or_default();
        let smtp = row.text(PR_SMTP_ADDRESS_W);
        let smtp = smtp.filter(|address| !address.is_empty());
        let (address_type, address) = match smtp {
            Some(address) => (SMTP.to_owned(), address),
            None => (text(PR_ADDRTYPE_W), text(PR_EMAIL_ADDRESS_W)),
        };
        Self {
            kind: RecipientKind::from_code(row.long(PR_RECIPIENT_TYPE).unwrap_or_default()),
            name: text(PR_DISPLAY_NAME_W),
            address,
            address_type,
            row: row.long(PR_ROWID),
        }
    }

    /// The entry that adds the recipient to a message.
    pub(super) fn to_entry(&self) -> view::Row<'static> {
        let mailuser = PropValue::Long(MAPI_MAILUSER as i32);
        let mut entry = vec![
            Property::new(PR_RECIPIENT_TYPE, self.kind.code()),
            Property::new(PR_OBJECT_TYPE, mailuser),
            Property::new(PR_SEND_RICH_INFO, false),
        ];
        entry.extend(self.address().properties([
            PR_DISPLAY_NAME_W,
            PR_ADDRTYPE_W,
            PR_EMAIL_ADDRESS_W,
            PR_ENTRYID,
            PR_SEARCH_KEY,
        ]));
        if self.address_type == SMTP {
            entry.push(Property::new(PR_SMTP_ADDRESS_W, text_value(&self.address)));
        }
        view::Row::from(entry)
    }

    /// The entry that names the recipient among those of its message; `None` if it isn’t one of them.
    pub(super) fn to_row_id(&self) -> Option<view::Row<'static>> {
        let row = vec![Property::new(PR_ROWID, self.row?)];
        Some(view::Row::from(row))
    }

    fn address(&self) -> Address<'_> {
        Address {
            name: &self.name,
            kind: &self.address_type,
            address: &self.address,
        }
    }
}

/// A name and an address.
pub(crate) struct Address<'a> {
    pub(super) name: &'a str,
    pub(super) kind: &'a str,
    pub(super) address: &'a str,
}

impl<'a> Address<'a> {
    /// An address of any type; without a name people read the address.
    #[cfg(feature = "transport")]
    pub(crate) fn new(name: &'a str, kind: &'a str, address: &'a str) -> Self {
        Self {
            name: if name.is_empty() { address } else { name },
            kind,
            address,
        }
    }

    /// Somebody with an SMTP address; without a name, that is the name.
    pub(super) fn smtp(name: &'a str, address: &'a str) -> Self {
        Self {
            name: if name.is_empty() { address } else { name },
            kind: SMTP,
            address,
        }
    }

    /// The five properties by which MAPI knows somebody: name, type, address, entry ID, search key.
    pub(crate) fn properties(&self, tags: [PropTag; 5]) -> [Property<'static>; 5] {
        let [name, kind, address, entry_id, search_key] = tags;
        [
            Property::new(name, text_value(self.name)),
            Property::new(kind, text_value(self.kind)),
            Property::new(address, text_value(self.address)),
            Property::new(entry_id, self.one_off()),
            Property::new(search_key, self.search_key()),
        ]
    }

    /// A one-off entry ID: somebody who stands in no address book. Flags, MAPI’s own identifier, version 0, flags, then
    /// name, type and address, each terminated.
    fn one_off(&self) -> Vec<u8> {
        let flags = OneOffFlags::UNICODE | OneOffFlags::NO_RICH_INFO;
        let mut id = vec![0; 4];
        id.extend(uid_bytes(MAPI_ONE_OFF_UID));
        id.extend(0_u16.to_le_bytes());
        id.extend((flags.bits() as u16).to_le_bytes());
        for text in [self.name, self.kind, self.address] {
            let units = text.encode_utf16().filter(|unit| *unit != 0).chain([0]);
            id.extend(units.flat_map(u16::to_le_bytes));
        }
        id
    }

    /// What compares byte by byte: `SMTP:ANN@EXAMPLE.ORG`, terminated.
    fn search_key(&self) -> Vec<u8> {
        let key = format!("{}:{}", self.kind, self.address).to_uppercase();
        let mut bytes = match MapiStr::ansi(&key) {
            MapiStr::Ansi(bytes) => bytes.into_owned(),
            MapiStr::Wide(_) => Vec::new(),
        };
        bytes.push(0);
        bytes
    }
}

/// A GUID as it lies in memory on Windows.
fn uid_bytes(uid: GUID) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..4].copy_from_slice(&uid.data1.to_le_bytes());
    bytes[4..6].copy_from_slice(&uid.data2.to_le_bytes());
    bytes[6..8].copy_from_slice(&uid.data3.to_le_bytes());
    bytes[8..].copy_from_slice(&uid.data4);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_one_off_entry_id_is_laid_out_as_documented() {
        let id = Address::smtp("Ann", "a@b").one_off();
        let mut expected = vec![0, 0, 0, 0];
        expected.extend([0x81, 0x2B, 0x1F, 0xA4, 0xBE, 0xA3, 0x10, 0x19]);
        expected.extend([0x9D, 0x6E, 0x00, 0xDD, 0x01, 0x0F, 0x54, 0x02]);
        expected.extend([0, 0, 0x01, 0x80]);
        for text in ["Ann\0", "SMTP\0", "a@b\0"] {
            expected.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        }
        assert_eq!(id, expected);
    }

    #[test]
    fn a_nul_in_a_name_does_not_end_it() {
        let id = Address::smtp("A\0nn", "a@b").one_off();
        assert_eq!(id, Address::smtp("Ann", "a@b").one_off());
    }

    #[test]
    fn search_keys_don_t_tell_cases_apart() {
        let key = Address::smtp("", "Ann@Example.org").search_key();
        assert_eq!(key, b"SMTP:ANN@EXAMPLE.ORG\0");
    }

    #[test]
    fn a_row_is_read_as_it_was_written() {
        for recipient in [
            Recipient::to("Änn", "ann@example.org"),
            Recipient::bcc("", "bob@example.org"),
        ] {
            let row = Row::from(recipient.to_entry());
            assert_eq!(Recipient::from_row(&row), recipient);
        }
    }

    #[test]
    fn kinds_come_back() {
        for code in 0..6 {
            assert_eq!(RecipientKind::from_code(code).code(), code);
        }
        let sent = (MAPI_SUBMITTED | MAPI_CC) as i32;
        assert_eq!(RecipientKind::from_code(sent), RecipientKind::Cc);
    }
}
