//! How a side tells what it has.

use crate::outcome::Answer;

/// Where a side tells what it has: what is new or different, and what is gone. Nothing is kept in memory.
///
/// The same may be told twice; the later one holds.
pub trait Listing<E, K> {
    /// The keys that were told before mean nothing any more (`UIDVALIDITY` has changed). Called before anything else; all
    /// that is there has to be told then.
    ///
    /// # Errors
    ///
    /// The run ends: give it back by `?`.
    fn reset(&mut self) -> Answer<()>;

    /// This is there, as it is now. It need not be different from before.
    ///
    /// # Errors
    ///
    /// The run ends: give it back by `?`.
    fn entry(&mut self, entry: E) -> Answer<()>;

    /// This is there, and nothing else is said of it: it may be one that was never told, or one that can't be read.
    ///
    /// # Errors
    ///
    /// The run ends: give it back by `?`.
    fn present(&mut self, key: K) -> Answer<()>;

    /// This is gone, by the side's own word: `VANISHED`, `destroyed`, a log of changes. Never say so because it was not
    /// in some answer.
    ///
    /// # Errors
    ///
    /// The run ends: give it back by `?`.
    fn gone(&mut self, key: K) -> Answer<()>;
}

/// What a listing proves about what it did not name (TWOWAY-07).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Nothing. What is gone was told by [`Listing::gone`].
    Told,
    /// Everything that is there was named, by [`Listing::entry`] or [`Listing::present`], and the side said by itself that
    /// this is all: what was not named is gone.
    Complete {
        /// How many the side says there are (`EXISTS`). If as many were not named, nothing is taken as gone.
        count: u64,
    },
}

/// Where a listing goes on next time. It means nothing here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(pub Vec<u8>);

/// How a listing ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// What is proven about what was not named.
    pub proof: Proof,
    /// Where the next listing goes on. It is kept in the same transaction as what was told. None: everything is told
    /// again next time.
    pub cursor: Option<Cursor>,
}
