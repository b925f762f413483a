//! What of an object is copied.

use mapi_provider_abi::mapi::{
    PR_ATTACH_DATA_OBJ, PR_MESSAGE_ATTACHMENTS, PR_MESSAGE_RECIPIENTS, PropTag,
};

use super::copier::props_of;
use super::copying::From;

/// What of an object is copied.
pub(super) enum Which {
    /// All properties but these; recipients and attachments only if it says so.
    AllBut { tags: Vec<PropTag>, parts: bool },
    /// These, whatever their types.
    These(Vec<PropTag>),
}

impl Which {
    /// Everything.
    pub(super) const ALL: Self = Self::AllBut {
        tags: Vec::new(),
        parts: true,
    };

    /// STORE-32: by ID, whatever the type.
    pub(super) fn has(&self, id: u16) -> bool {
        let among = |tags: &[PropTag]| tags.iter().any(|tag| tag.id() == id);
        match self {
            Self::AllBut { tags, .. } => !among(tags),
            Self::These(tags) => among(tags),
        }
    }

    pub(super) fn has_part(&self, tag: PropTag) -> bool {
        let excluded = matches!(self, Self::AllBut { parts: false, .. });
        !excluded && self.has(tag.id())
    }

    /// How many problems there can be: one of each property, of each tag of the list, and of what is in the object.
    pub(super) fn most_problems(&self, from: From<'_>) -> usize {
        let listed = match self {
            Self::AllBut { .. } => 0,
            Self::These(tags) => tags.len(),
        };
        let parts = [
            PR_MESSAGE_RECIPIENTS,
            PR_MESSAGE_ATTACHMENTS,
            PR_ATTACH_DATA_OBJ,
        ];
        props_of(from).len() + listed + parts.len()
    }

    /// Where a property stands in the list of the call; where it stands in the object if there is no such list.
    pub(super) fn index(&self, id: u16, place: usize) -> usize {
        match self {
            Self::AllBut { .. } => place,
            Self::These(tags) => {
                let found = tags.iter().position(|tag| tag.id() == id);
                found.unwrap_or_default()
            }
        }
    }
}
