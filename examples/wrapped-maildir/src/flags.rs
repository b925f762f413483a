//! The flags of a Maildir, and what Outlook has instead.
//!
//! | Maildir | Outlook |
//! |---|---|
//! | S, seen | read: `PR_MESSAGE_FLAGS` |
//! | F, flagged | flagged for follow-up: `PR_FLAG_STATUS` |
//! | R, replied; P, passed | the last that was done with it: `PR_LAST_VERB_EXECUTED` |
//! | D, T and others | nothing: they stay as the server has them |

use mapi_provider::abi::{
    MessageFlags, PR_FLAG_STATUS, PR_ICON_INDEX, PR_MESSAGE_FLAGS, PT_LONG, PropTag,
};
use mapi_provider::store::Row;
use mapi_provider::view::Property;

use crate::maildir::Flags;

/// PidTagLastVerbExecuted, which MAPI's headers don't have.
const LAST_VERB: PropTag = PropTag::new(0x1081, PT_LONG);
/// PidTagFollowupIcon, which MAPI's headers don't have: the colour of a flag.
const FLAG_COLOUR: PropTag = PropTag::new(0x1095, PT_LONG);
const RED: i32 = 6;

/// `PR_FLAG_STATUS`: there is still something to do.
const FLAGGED: i32 = 2;

const REPLIED: i32 = 102;
const REPLIED_TO_ALL: i32 = 103;
const FORWARDED: i32 = 104;

const REPLIED_ICON: i32 = 0x105;
const FORWARDED_ICON: i32 = 0x106;

/// The properties that say a message's flags.
pub(crate) const COLUMNS: [PropTag; 3] = [PR_MESSAGE_FLAGS, PR_FLAG_STATUS, LAST_VERB];

/// A message's flags, which once were the agreed ones.
pub(crate) fn read(row: &Row, agreed: Flags) -> Flags {
    let seen = message_flags(row).contains(MessageFlags::READ);
    let flagged = row.long(PR_FLAG_STATUS) == Some(FLAGGED);
    let flags = agreed.with('S', seen).with('F', flagged);
    // Outlook remembers only one of the two: if the last one is unchanged, that says nothing about the other.
    let (verb, known) = (row.long(LAST_VERB), last_verb(agreed));
    let replied = matches!(verb, Some(REPLIED | REPLIED_TO_ALL));
    if replied == (known == Some(REPLIED))
        && (verb == Some(FORWARDED)) == (known == Some(FORWARDED))
    {
        return flags;
    }
    flags
        .with('R', replied || (agreed.has('R') && verb == Some(FORWARDED)))
        .with('P', verb == Some(FORWARDED) || (agreed.has('P') && replied))
}

/// What a row says about a message's state.
pub(crate) fn message_flags(row: &Row) -> MessageFlags {
    let bits = row.long(PR_MESSAGE_FLAGS).unwrap_or_default();
    MessageFlags::from_bits_retain(bits as u32)
}

/// All flags but S as properties: those to be set, and those to be deleted.
pub(crate) fn properties(flags: Flags) -> (Vec<Property<'static>>, Vec<PropTag>) {
    let verb = last_verb(flags);
    let icon = match verb {
        Some(FORWARDED) => Some(FORWARDED_ICON),
        Some(_) => Some(REPLIED_ICON),
        None => None,
    };
    let flagged = flags.has('F');
    let mut set = Vec::new();
    let mut delete = Vec::new();
    for (tag, value) in [
        (PR_FLAG_STATUS, flagged.then_some(FLAGGED)),
        (FLAG_COLOUR, flagged.then_some(RED)),
        (LAST_VERB, verb),
        (PR_ICON_INDEX, icon),
    ] {
        match value {
            Some(value) => set.push(Property::new(tag, value)),
            None => delete.push(tag),
        }
    }
    (set, delete)
}

/// What was done last with a message.
fn last_verb(flags: Flags) -> Option<i32> {
    if flags.has('R') {
        Some(REPLIED)
    } else if flags.has('P') {
        Some(FORWARDED)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The row of a message with these flags, as properties.
    fn row(flags: Flags) -> Row {
        let (mut set, _) = properties(flags);
        let read = if flags.has('S') {
            MessageFlags::READ
        } else {
            MessageFlags::empty()
        };
        set.push(Property::new(PR_MESSAGE_FLAGS, read.bits() as i32));
        Row::from(set)
    }

    fn done(verb: i32) -> Row {
        Row::from(vec![Property::new(LAST_VERB, verb)])
    }

    #[test]
    fn what_is_done_with_a_message_is_a_flag() {
        let read = |row: &Row, agreed: &str| read(row, Flags::parse(agreed)).to_string();
        assert_eq!(read(&done(REPLIED), ""), "R");
        assert_eq!(read(&done(REPLIED_TO_ALL), ""), "R");
        assert_eq!(read(&done(FORWARDED), ""), "P");
        assert_eq!(read(&done(FORWARDED), "R"), "PR");
        assert_eq!(read(&done(REPLIED), "P"), "PR");
        assert_eq!(read(&done(0), "PR"), "");
        assert_eq!(read(&done(1), "S"), "");
    }

    proptest! {
        /// What is written can be read back, whatever else both sides agreed on: no flag changes by itself.
        #[test]
        fn flags_come_back(letters in "[A-Z]{0,8}") {
            let flags = Flags::parse(&letters);
            prop_assert_eq!(read(&row(flags), flags), flags);
        }
    }
}
