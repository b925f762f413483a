//! Everything that is deleted passes here.
//!
//! A verb that deletes takes a [`Deletion`], and nothing outside this module can make one. The gate makes it of a proof
//! that the thing is gone on the other side, and only if that side has not lost too much at once.

use crate::options::Options;

/// Leave to delete one thing, made by the gate alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion<K> {
    what: K,
}

impl<K> Deletion<K> {
    /// What is to be deleted.
    pub fn what(&self) -> &K {
        &self.what
    }
}

/// Which side has lost something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The server.
    Remote,
    /// The local side.
    Local,
}

/// How many items a side had when both were last equal, and how many of them are gone there now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Census {
    /// Items that both sides have had.
    pub known: u64,
    /// Those of them that are gone on this side.
    pub gone: u64,
}

impl Census {
    // TWOWAY-08: what empties a side at once is rarely what somebody wanted.
    fn is_suspicious(self, options: &Options) -> bool {
        let is_emptied = self.known >= options.empty_from && self.gone == self.known;
        let is_most = self.known >= options.most_from && self.gone > self.known / 2;
        !options.allow_mass_deletion && (is_emptied || is_most)
    }
}

/// That something which both sides have had is gone on one of them, by that side's own word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Absence(());

impl Absence {
    /// What is told of an item that both sides have had. `None` where it is still there, or was never on both.
    ///
    /// `is_known`: both sides had it when they were last equal. TWOWAY-06: without a common state nothing is gone.
    /// `is_told_gone`: the side said so, or proved it by a complete listing. TWOWAY-07: silence is no proof.
    pub(crate) fn proven(is_known: bool, is_told_gone: bool) -> Option<Self> {
        (is_known && is_told_gone).then_some(Self(()))
    }
}

/// Decides what may be deleted in one run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gate {
    remote: bool,
    local: bool,
}

impl Gate {
    /// The gate of a run, which stays closed for what only a suspicious side says.
    pub(crate) fn new(options: &Options, remote: Census, local: Census) -> Self {
        Self {
            remote: !remote.is_suspicious(options),
            local: !local.is_suspicious(options),
        }
    }

    /// Whether what is gone on a side may be deleted on the other.
    pub(crate) fn believes(self, side: Side) -> bool {
        match side {
            Side::Remote => self.remote,
            Side::Local => self.local,
        }
    }

    /// Leave to delete what is gone on `side`.
    pub(crate) fn pass<K>(self, side: Side, _proof: Absence, what: K) -> Option<Deletion<K>> {
        self.believes(side).then_some(Deletion { what })
    }
}

/// That a new item has taken the place of an old one: the server has answered for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Superseded(());

impl Superseded {
    /// The journal says so: it was written after the server's answer.
    pub(crate) fn journalled(_old: &crate::item::ItemKey) -> Self {
        Self(())
    }

    /// Leave to delete the old item.
    pub(crate) fn pass<K>(self, what: K) -> Deletion<K> {
        Deletion { what }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(known: u64, gone: u64) -> Gate {
        let census = Census { known, gone };
        Gate::new(&Options::default(), census, Census::default())
    }

    #[test]
    fn twoway_08_a_side_that_is_suddenly_empty_is_not_believed() {
        assert!(!gate(4, 4).believes(Side::Remote));
        assert!(!gate(10_000, 10_000).believes(Side::Remote));
        assert!(!gate(10_000, 5_001).believes(Side::Remote));
        assert!(gate(4, 4).believes(Side::Local), "the other side is asked");
        let census = Census { known: 9, gone: 9 };
        let gate = Gate::new(&Options::default(), Census::default(), census);
        assert!(!gate.believes(Side::Local));
    }

    #[test]
    fn twoway_08_ordinary_deletions_pass() {
        assert!(gate(0, 0).believes(Side::Remote));
        assert!(gate(1, 1).believes(Side::Remote));
        assert!(gate(9, 8).believes(Side::Remote));
        assert!(gate(10_000, 5_000).believes(Side::Remote));
        let all = Options {
            allow_mass_deletion: true,
            ..Options::default()
        };
        let census = Census {
            known: 100,
            gone: 100,
        };
        assert!(Gate::new(&all, census, census).believes(Side::Remote));
    }

    #[test]
    fn twoway_06_and_twoway_07_what_is_not_proven_is_not_gone() {
        assert_eq!(Absence::proven(false, true), None);
        assert_eq!(Absence::proven(true, false), None);
        let proof = Absence::proven(true, true).expect("known, and told to be gone");
        assert!(gate(100, 3).pass(Side::Remote, proof, "x").is_some());
        assert!(gate(100, 100).pass(Side::Remote, proof, "x").is_none());
    }
}
