//! What a ledger reports.

use std::fmt;

/// Something done wrong with a buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MemoryFault {
    /// `FreeBuffer` of a buffer that has been freed.
    DoubleFree {
        /// The size of the buffer.
        size: usize,
        /// Who allocated it.
        origin: &'static str,
    },
    /// `FreeBuffer` of a pointer that these allocators never gave out.
    ForeignFree {
        /// The pointer.
        address: usize,
    },
    /// `FreeBuffer` of a buffer that `AllocateMore` made: only its root can be freed.
    ChildFree {
        /// The size of the buffer.
        size: usize,
    },
    /// Bytes after the end of a buffer were written to.
    Overrun {
        /// The size of the buffer.
        size: usize,
        /// Who allocated it.
        origin: &'static str,
    },
    /// Bytes before the start of a buffer were written to.
    Underrun {
        /// The size of the buffer.
        size: usize,
        /// Who allocated it.
        origin: &'static str,
    },
    /// A buffer was written to after it had been freed.
    WriteAfterFree {
        /// The size of the buffer.
        size: usize,
        /// Who allocated it.
        origin: &'static str,
    },
    /// `AllocateMore` with a root that has been freed.
    MoreOfFreed {
        /// The size of the root.
        size: usize,
    },
    /// `AllocateMore` with a root that these allocators never gave out, or with NULL.
    MoreOfForeign {
        /// The pointer.
        address: usize,
    },
    /// `AllocateMore` with a buffer that is itself a child.
    MoreOfChild {
        /// The size of the child.
        size: usize,
    },
    /// An allocation without a place for the result.
    NoPlace,
}

impl fmt::Display for MemoryFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DoubleFree { size, origin } => {
                write!(
                    f,
                    "a buffer of {size} bytes, allocated by {origin}, was freed twice"
                )
            }
            Self::ForeignFree { address } => {
                write!(
                    f,
                    "FreeBuffer of 0x{address:X}, which AllocateBuffer never gave out"
                )
            }
            Self::ChildFree { size } => write!(
                f,
                "FreeBuffer of a buffer of {size} bytes from AllocateMore: only its root can be freed"
            ),
            Self::Overrun { size, origin } => {
                write!(
                    f,
                    "the bytes after a buffer of {size} bytes, allocated by {origin}, were written to"
                )
            }
            Self::Underrun { size, origin } => {
                write!(
                    f,
                    "the bytes before a buffer of {size} bytes, allocated by {origin}, were written to"
                )
            }
            Self::WriteAfterFree { size, origin } => {
                write!(
                    f,
                    "a buffer of {size} bytes, allocated by {origin}, was written to after it was freed"
                )
            }
            Self::MoreOfFreed { size } => {
                write!(
                    f,
                    "AllocateMore for a root of {size} bytes that has been freed"
                )
            }
            Self::MoreOfForeign { address } => {
                write!(
                    f,
                    "AllocateMore for 0x{address:X}, which AllocateBuffer never gave out"
                )
            }
            Self::MoreOfChild { size } => write!(
                f,
                "AllocateMore for a buffer of {size} bytes that is itself from AllocateMore, not a root"
            ),
            Self::NoPlace => f.write_str("an allocation without a place for the result"),
        }
    }
}

/// A root that nobody has freed, with its children.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// The size of the root.
    pub size: usize,
    /// How many children it has.
    pub children: usize,
    /// The size of root and children.
    pub total: usize,
    /// Who allocated it: `the provider`, or the method of the host that handed it out.
    pub origin: &'static str,
    /// The number of the allocation in this ledger, from 1.
    pub number: u64,
}

impl fmt::Display for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} bytes, allocated by {} (allocation {})",
            self.total, self.origin, self.number
        )?;
        match self.children {
            0 => Ok(()),
            1 => f.write_str(", with 1 child"),
            n => write!(f, ", with {n} children"),
        }
    }
}
