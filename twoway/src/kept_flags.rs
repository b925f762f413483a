//! Which flags the server keeps where, as far as it says so (TWOWAY-11, TWOWAY-20).

use std::collections::BTreeMap;

use crate::item::Flags;
use crate::remote::Keeps;
use crate::state::{FolderId, State, StateError};

/// Flags that folders of the server keep; a folder that is not here keeps any.
#[derive(Debug, Clone)]
pub(crate) struct KeptFlags(BTreeMap<FolderId, Flags>);

impl KeptFlags {
    /// Every folder keeps any.
    #[cfg(test)]
    pub(crate) const fn any() -> Self {
        Self(BTreeMap::new())
    }

    /// As they were told last.
    pub(crate) fn load(state: &State) -> Result<Self, StateError> {
        Ok(Self(state.kept_flags()?))
    }

    /// A folder was listed.
    pub(crate) fn hear(
        &mut self,
        state: &mut State,
        folder: FolderId,
        keeps: Keeps,
    ) -> Result<(), StateError> {
        let kept = match keeps {
            Keeps::AsBefore => return Ok(()),
            Keeps::Any => None,
            Keeps::Only(kept) => Some(kept),
        };
        if self.0.get(&folder) == kept.as_ref() {
            return Ok(());
        }
        state.set_kept_flags(folder, kept.as_ref())?;
        match kept {
            Some(kept) => self.0.insert(folder, kept),
            None => self.0.remove(&folder),
        };
        Ok(())
    }

    /// Those of some flags that a folder keeps.
    pub(crate) fn kept(&self, folder: FolderId, flags: &Flags) -> Flags {
        flags.without(&self.lost(folder, flags))
    }

    /// Those of some flags that a folder does not keep.
    pub(crate) fn lost(&self, folder: FolderId, flags: &Flags) -> Flags {
        match self.0.get(&folder) {
            Some(kept) => flags.without(kept),
            None => Flags::new(),
        }
    }

    /// The flags of an item in a folder, if what the server can't have there is as both sides had it.
    pub(crate) fn as_meant(&self, folder: FolderId, told: &Flags, common: &Flags) -> Flags {
        let lost = self.lost(folder, common);
        told.iter().chain(lost.iter()).collect()
    }
}
