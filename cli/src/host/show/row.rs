//! A message as a table has it.

use mapi_provider::abi::{
    MessageFlags, PR_CLIENT_SUBMIT_TIME, PR_ENTRYID, PR_FLAG_STATUS, PR_HASATTACH,
    PR_INTERNET_MESSAGE_ID_W, PR_MESSAGE_DELIVERY_TIME, PR_MESSAGE_FLAGS,
    PR_SENT_REPRESENTING_NAME_W, PR_SUBJECT_W, PT_LONG, PropTag,
};
use mapi_provider::store::Row;

use super::find::hexadecimal;
use crate::date::iso;
use crate::host::protocol::{Mail, bounded};

/// PidTagLastVerbExecuted, which MAPI's headers don't have.
const LAST_VERB: PropTag = PropTag::new(0x1081, PT_LONG);
const REPLIED: [i32; 2] = [102, 103];

/// `PR_FLAG_STATUS`: there is something to do still.
pub(in crate::host) const FLAGGED: i32 = 2;

/// What [`mail`] reads.
pub(in crate::host) const COLUMNS: [PropTag; 10] = [
    PR_ENTRYID,
    PR_SUBJECT_W,
    PR_SENT_REPRESENTING_NAME_W,
    PR_CLIENT_SUBMIT_TIME,
    PR_MESSAGE_DELIVERY_TIME,
    PR_INTERNET_MESSAGE_ID_W,
    PR_MESSAGE_FLAGS,
    PR_FLAG_STATUS,
    LAST_VERB,
    PR_HASATTACH,
];

pub(in crate::host) fn mail(row: &Row) -> Mail {
    let text = |tag| bounded(row.text(tag).unwrap_or_default());
    let flags = row.long(PR_MESSAGE_FLAGS).unwrap_or_default();
    let flags = MessageFlags::from_bits_retain(flags as u32);
    let delivered = row.time(PR_MESSAGE_DELIVERY_TIME);
    let time = row.time(PR_CLIENT_SUBMIT_TIME).or(delivered);
    Mail {
        entry_id: row
            .entry_id()
            .map(|id| hexadecimal(&id))
            .unwrap_or_default(),
        subject: text(PR_SUBJECT_W),
        from: text(PR_SENT_REPRESENTING_NAME_W),
        date: time.and_then(iso),
        id: text(PR_INTERNET_MESSAGE_ID_W),
        unread: !flags.contains(MessageFlags::READ),
        flagged: row.long(PR_FLAG_STATUS) == Some(FLAGGED),
        replied: row
            .long(LAST_VERB)
            .is_some_and(|verb| REPLIED.contains(&verb)),
        attachments: row.bool(PR_HASATTACH) == Some(true),
    }
}
