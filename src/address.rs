//! Where mail goes, for transports and address books alike.

/// An address of some type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address {
    /// The type, such as `SMTP`.
    pub kind: String,
    /// The address itself.
    pub value: String,
}

impl Address {
    /// An Internet address.
    pub fn smtp(value: impl Into<String>) -> Self {
        Self {
            kind: "SMTP".to_owned(),
            value: value.into(),
        }
    }
}
