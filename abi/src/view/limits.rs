//! How much of other people's memory a view believes.

/// The greatest depth to which restrictions are followed or built, whatever the limits say, because each level takes
/// stack.
pub(super) const DEEPEST: u32 = 128;

/// What still counts as data. Counts and lengths come from outside, and one that exceeds the limits is an error before
/// anything is read.
///
/// The limits of [`Limits::default`] allow anything that MAPI passes around in one piece. They exist to catch wrong
/// counts.
///
/// ```
/// use mapi_provider::view::Limits;
///
/// let limits = Limits::default().with_elements(1000).with_bytes(64 * 1024);
/// assert_eq!(limits.elements(), 1000);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    elements: u32,
    bytes: u32,
    total_bytes: u32,
    depth: u32,
    nodes: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            elements: 1 << 20,
            bytes: 1 << 26,
            total_bytes: 1 << 27,
            depth: 64,
            nodes: 1 << 22,
        }
    }
}

impl Limits {
    /// Sets the most elements that one array may have.
    #[must_use]
    pub fn with_elements(mut self, elements: u32) -> Self {
        self.elements = elements;
        self
    }

    /// Sets the most bytes that a string, including its terminator, or a binary value may have.
    #[must_use]
    pub fn with_bytes(mut self, bytes: u32) -> Self {
        self.bytes = bytes;
        self
    }

    /// Sets the most bytes that all strings, binary values and arrays of one reading may have together, counting each
    /// as often as it occurs. They may be shared in memory, but a copy of the result has each of them separately: this
    /// limits its size, apart from what its parts take.
    #[must_use]
    pub fn with_total_bytes(mut self, bytes: u32) -> Self {
        self.total_bytes = bytes;
        self
    }

    /// Sets how deeply restrictions may be nested. More than 128 counts as 128, because each level takes stack.
    #[must_use]
    pub fn with_depth(mut self, depth: u32) -> Self {
        self.depth = depth.min(DEEPEST);
        self
    }

    /// Sets the most parts in one reading: rows, properties, restrictions, and strings and binary values in arrays.
    /// Parts may be shared in memory, so a few of them can look like very many.
    #[must_use]
    pub fn with_nodes(mut self, nodes: u32) -> Self {
        self.nodes = nodes;
        self
    }

    /// The most elements of an array.
    pub fn elements(&self) -> u32 {
        self.elements
    }

    /// The most bytes of a string or binary value.
    pub fn bytes(&self) -> u32 {
        self.bytes
    }

    /// The most bytes of all strings, binary values and arrays together.
    pub fn total_bytes(&self) -> u32 {
        self.total_bytes
    }

    /// The deepest nesting of restrictions.
    pub fn depth(&self) -> u32 {
        self.depth
    }

    /// The most parts in all.
    pub fn nodes(&self) -> u32 {
        self.nodes
    }
}

#[cfg(test)]
mod tests {
    use super::Limits;

    #[test]
    fn depth_is_bounded_by_the_stack() {
        assert_eq!(Limits::default().with_depth(u32::MAX).depth(), 128);
        assert_eq!(Limits::default().with_depth(3).depth(), 3);
    }
}
