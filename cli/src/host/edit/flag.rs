//! Flags for follow-up, as Outlook's command “No Date” sets them ([MS-OXOFLAG]).

use std::time::SystemTime;

use mapi_provider::abi::{
    GUID, PR_FLAG_STATUS, PR_MESSAGE_DELIVERY_TIME, PR_SUBJECT_W, PSETID_Common, PSETID_Task,
    PT_BOOLEAN, PT_DOUBLE, PT_LONG, PT_SYSTIME, PT_UNICODE, PropTag,
};
use mapi_provider::store::{Message, StoreError};
use mapi_provider::view::{FileTime, NameId, PropName, PropValue, Property};

use crate::host::show::row::FLAGGED;

/// PidTagFollowupIcon, which MAPI's headers don't have: the colour. 6 is red.
const FOLLOWUP_ICON: PropTag = PropTag::new(0x1095, PT_LONG);
const RED: i32 = 6;
/// PidTagToDoItemFlags: 1 is something to do.
const TO_DO_ITEM_FLAGS: PropTag = PropTag::new(0x0E2B, PT_LONG);
const TO_DO: i32 = 1;

/// A property with a number for a name.
struct Numbered {
    set: GUID,
    number: i32,
    prop_type: u32,
}

const fn common(number: i32, prop_type: u32) -> Numbered {
    Numbered {
        set: PSETID_Common,
        number,
        prop_type,
    }
}

const fn task(number: i32, prop_type: u32) -> Numbered {
    Numbered {
        set: PSETID_Task,
        number,
        prop_type,
    }
}

const FLAG_REQUEST: Numbered = common(0x8530, PT_UNICODE);
const TO_DO_ORDINAL_DATE: Numbered = common(0x85A0, PT_SYSTIME);
const TO_DO_SUB_ORDINAL: Numbered = common(0x85A1, PT_UNICODE);
const TO_DO_TITLE: Numbered = common(0x85A4, PT_UNICODE);
const VALID_FLAG_STRING_PROOF: Numbered = common(0x85BF, PT_SYSTIME);
const TASK_STATUS: Numbered = task(0x8101, PT_LONG);
const PERCENT_COMPLETE: Numbered = task(0x8102, PT_DOUBLE);
const TASK_COMPLETE: Numbered = task(0x811C, PT_BOOLEAN);

/// What a flag may have besides, from other commands: dates and a reminder.
const DATES: [Numbered; 6] = [
    task(0x8104, PT_SYSTIME),
    task(0x8105, PT_SYSTIME),
    task(0x810F, PT_SYSTIME),
    common(0x8503, PT_BOOLEAN),
    common(0x8516, PT_SYSTIME),
    common(0x8517, PT_SYSTIME),
];

/// Where in the list of things to do one stands that was never moved by hand.
const LAST_PLACE: &str = "5555555";

impl Numbered {
    fn name(&self) -> PropName<'static> {
        PropName {
            set: self.set,
            id: NameId::Number(self.number),
        }
    }
}

/// Flags a message, and saves it.
pub(super) fn set(message: &Message) -> Result<(), StoreError> {
    let row = message.get_all(&[PR_SUBJECT_W, PR_MESSAGE_DELIVERY_TIME])?;
    let mut properties = vec![
        Property::new(PR_FLAG_STATUS, FLAGGED),
        Property::new(FOLLOWUP_ICON, RED),
        Property::new(TO_DO_ITEM_FLAGS, TO_DO),
    ];
    let title = row.text(PR_SUBJECT_W).unwrap_or_default();
    let mut named: Vec<(Numbered, PropValue<'static>)> = vec![
        (FLAG_REQUEST, "Follow up".into()),
        (TO_DO_TITLE, title.as_str().into()),
        (TO_DO_SUB_ORDINAL, LAST_PLACE.into()),
        (TASK_STATUS, 0.into()),
        (PERCENT_COMPLETE, 0.0.into()),
        (TASK_COMPLETE, false.into()),
    ];
    if let Ok(now) = FileTime::try_from(SystemTime::now()) {
        named.push((TO_DO_ORDINAL_DATE, now.into()));
    }
    if let Some(delivered) = row.time(PR_MESSAGE_DELIVERY_TIME) {
        named.push((VALID_FLAG_STRING_PROOF, delivered.into()));
    }
    for (property, value) in named {
        let tag = message.named_property(&property.name(), property.prop_type)?;
        properties.push(Property::new(tag, value));
    }
    message.set_all(&properties)?;
    message.save().map(drop)
}

/// Takes all of it away, and saves the message.
pub(super) fn clear(message: &Message) -> Result<(), StoreError> {
    let mut tags = vec![PR_FLAG_STATUS, FOLLOWUP_ICON, TO_DO_ITEM_FLAGS];
    let named = [
        FLAG_REQUEST,
        TO_DO_ORDINAL_DATE,
        TO_DO_SUB_ORDINAL,
        TO_DO_TITLE,
        VALID_FLAG_STRING_PROOF,
        TASK_STATUS,
        PERCENT_COMPLETE,
        TASK_COMPLETE,
    ];
    for property in named.iter().chain(&DATES) {
        tags.extend(message.find_named_property(&property.name(), property.prop_type)?);
    }
    message.delete(&tags)?;
    message.save().map(drop)
}
