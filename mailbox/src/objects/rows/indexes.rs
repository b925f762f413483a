//! The orders that the database has an index for (STORE-20).

use mapi_provider_abi::mapi::{
    PR_CLIENT_SUBMIT_TIME, PR_CONVERSATION_ID, PR_CONVERSATION_TOPIC_W, PR_DISPLAY_CC_W,
    PR_DISPLAY_TO_W, PR_HASATTACH, PR_IMPORTANCE, PR_LAST_MODIFICATION_TIME, PR_MESSAGE_CLASS_W,
    PR_MESSAGE_DELIVERY_TIME, PR_MESSAGE_FLAGS, PR_MESSAGE_SIZE, PR_MSG_STATUS,
    PR_NORMALIZED_SUBJECT_W, PR_SENSITIVITY, PR_SENT_REPRESENTING_NAME_W, PR_SUBJECT_W, PropTag,
};
use mapi_provider_abi::view::PropValue;

use crate::database::{Column as Sorted, Direction, Key as Column, MessageId, Order, Place};
use mapi_provider_table::table::{Index, Key, SortColumn};
use mapi_provider_table::text::folded;

/// The orders that the database has an index for, as the numbers of [`Index`]: twice the place, and 1 downwards.
const INDEXES: [(Order, Option<PropTag>); 7] = [
    (Order::Id, None),
    (Order::Delivered, Some(PR_MESSAGE_DELIVERY_TIME)),
    (Order::Modified, Some(PR_LAST_MODIFICATION_TIME)),
    (Order::Submitted, Some(PR_CLIENT_SUBMIT_TIME)),
    (Order::Subject, Some(PR_NORMALIZED_SUBJECT_W)),
    (Order::Sender, Some(PR_SENT_REPRESENTING_NAME_W)),
    (Order::Size, Some(PR_MESSAGE_SIZE)),
];

/// The index that has an order. A search folder's messages are in no index in any order but that of their IDs.
pub(super) fn of(order: &[SortColumn], is_search: bool) -> Option<Index> {
    let is_ordered = |known: Order| known == Order::Id || !is_search;
    let (property, descending) = match order {
        [] => (None, false),
        [one] => (Some(one.property), one.descending),
        _ => return None,
    };
    let is_it = |tag: Option<PropTag>| tag.map(PropTag::id) == property;
    let place = INDEXES
        .iter()
        .position(|(known, tag)| is_it(*tag) && is_ordered(*known))?;
    let number = u32::try_from(place).ok()? * 2;
    Some(Index(number + u32::from(descending)))
}

/// The columns of the narrow row that the database can sort by, for an order; none where one of it is no such column.
pub(super) fn columns_of(order: &[SortColumn]) -> Option<Vec<(Sorted, Direction)>> {
    let column = |one: &SortColumn| {
        let (_, column) = COLUMNS.iter().find(|(tag, _)| tag.id() == one.property)?;
        let direction = match one.descending {
            true => Direction::Descending,
            false => Direction::Ascending,
        };
        Some((*column, direction))
    };
    order.iter().map(column).collect()
}

/// The properties that are columns of the narrow row.
const COLUMNS: [(PropTag, Sorted); 17] = [
    (PR_MESSAGE_DELIVERY_TIME, Sorted::Delivered),
    (PR_LAST_MODIFICATION_TIME, Sorted::Modified),
    (PR_CLIENT_SUBMIT_TIME, Sorted::Submitted),
    (PR_NORMALIZED_SUBJECT_W, Sorted::NormalizedSubject),
    (PR_SUBJECT_W, Sorted::Subject),
    (PR_SENT_REPRESENTING_NAME_W, Sorted::Sender),
    (PR_MESSAGE_SIZE, Sorted::Size),
    (PR_DISPLAY_TO_W, Sorted::DisplayTo),
    (PR_DISPLAY_CC_W, Sorted::DisplayCc),
    (PR_IMPORTANCE, Sorted::Importance),
    (PR_SENSITIVITY, Sorted::Sensitivity),
    (PR_MESSAGE_CLASS_W, Sorted::Class),
    (PR_CONVERSATION_TOPIC_W, Sorted::Topic),
    (PR_CONVERSATION_ID, Sorted::Conversation),
    (PR_HASATTACH, Sorted::HasAttachments),
    (PR_MSG_STATUS, Sorted::Status),
    (PR_MESSAGE_FLAGS, Sorted::Flags),
];

/// An order of the database, and its direction.
pub(super) fn order_of(index: Index) -> Option<(Order, Direction)> {
    let (order, _) = INDEXES.get(index.0 as usize / 2)?;
    let direction = match index.0 % 2 {
        0 => Direction::Ascending,
        _ => Direction::Descending,
    };
    Some((*order, direction))
}

/// Where a key stands in an order of the database.
pub(super) fn place_of(order: Order, key: &Key) -> Option<Place> {
    let value = key.values.first().and_then(Option::as_ref);
    let number = |value: &PropValue<'_>| match value {
        PropValue::SysTime(time) => i64::try_from(time.ticks()).ok(),
        PropValue::Long(number) => Some(i64::from(*number)),
        _ => None,
    };
    let key_value = match (order, value) {
        (Order::Id, _) | (_, None) => None,
        (Order::Subject | Order::Sender, Some(text)) => {
            Some(Column::Text(folded(&text.to_text()?)))
        }
        (_, Some(value)) => Some(Column::Number(number(value)?)),
    };
    let id = MessageId::from_number(key.row)?;
    Some(Place { key: key_value, id })
}

/// The ID before an ID, in the direction of an order.
pub(super) fn beside(id: MessageId, towards: Direction) -> MessageId {
    MessageId::new(match towards {
        Direction::Ascending => id.raw() - 1,
        Direction::Descending => id.raw().saturating_add(1),
    })
}
