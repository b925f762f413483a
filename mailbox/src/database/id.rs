//! What objects of a store are called: numbers that are given out once and never again (STORE-05).

use std::fmt;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            /// The number, as it stands in entry IDs.
            pub const fn number(self) -> u64 {
                self.0.cast_unsigned()
            }

            /// The ID of a number; none where no object can have it.
            pub const fn from_number(number: u64) -> Option<Self> {
                let number = number.cast_signed();
                if number > 0 { Some(Self(number)) } else { None }
            }

            #[allow(dead_code, reason = "not every kind of ID is made inside")]
            pub(crate) const fn new(number: i64) -> Self {
                Self(number)
            }

            #[allow(dead_code, reason = "not every kind of ID is told to SQLite")]
            pub(crate) const fn raw(self) -> i64 {
                self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl rusqlite::ToSql for $name {
            fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
                self.0.to_sql()
            }
        }

        impl rusqlite::types::FromSql for $name {
            fn column_result(
                value: rusqlite::types::ValueRef<'_>,
            ) -> rusqlite::types::FromSqlResult<Self> {
                value.as_i64().map(Self)
            }
        }
    )*};
}

ids! {
    /// A folder of a store.
    FolderId
    /// A message of a store, associated ones included. It keeps its ID when it moves to another folder.
    MessageId
    /// An attachment of a message. Copies have IDs of their own.
    AttachmentId
    /// A value that is too large to lie beside the others.
    BlobId
    /// A process that has the store open, or had it.
    SessionId
}

/// A folder or a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectId {
    /// A folder.
    Folder(FolderId),
    /// A message.
    Message(MessageId),
}

/// Which save of an object this is. Later saves have greater numbers, in the whole store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Version(pub(crate) i64);

impl Version {
    /// The number of the commit that saved the object.
    pub const fn number(self) -> u64 {
        self.0.cast_unsigned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_no_object_has_are_no_ids() {
        assert_eq!(FolderId::from_number(0), None);
        assert_eq!(MessageId::from_number(u64::MAX), None);
        let id = MessageId::from_number(7).map(MessageId::number);
        assert_eq!(id, Some(7));
    }
}
