//! What is written to a section of the profile at once.

use super::properties::Value;
use mapi_provider_abi::mapi::PropTag;

/// Properties to be set, and properties to be taken out: all of them or none.
#[derive(Clone, Default)]
pub(super) struct Changes {
    /// What is set.
    pub(super) set: Vec<(PropTag, Value)>,
    /// What is taken out. It is there.
    pub(super) gone: Vec<PropTag>,
}

impl Changes {
    /// Which properties change.
    pub(super) fn tags(&self) -> Vec<PropTag> {
        let set = self.set.iter().map(|(tag, _)| *tag);
        set.chain(self.gone.iter().copied()).collect()
    }

    /// Whether nothing changes.
    pub(super) fn is_empty(&self) -> bool {
        self.set.is_empty() && self.gone.is_empty()
    }

    /// Those of the properties that are meant, and the others.
    pub(super) fn split(self, meant: impl Fn(PropTag) -> bool) -> (Self, Self) {
        let (set, other_set) = self.set.into_iter().partition(|(tag, _)| meant(*tag));
        let (gone, other_gone) = self.gone.into_iter().partition(|tag| meant(*tag));
        let others = Self {
            set: other_set,
            gone: other_gone,
        };
        (Self { set, gone }, others)
    }
}

impl From<Vec<(PropTag, Value)>> for Changes {
    fn from(set: Vec<(PropTag, Value)>) -> Self {
        Self {
            set,
            gone: Vec::new(),
        }
    }
}
