//! Entry IDs: how they lie in bytes, and what bytes are one (AB-06, AB-07).
//!
//! ```text
//! 4 flags, all 0 │ 16 UID │ 1 version │ 1 kind │ 2 zeros │ 4 length of the key │ key, as UTF-8
//! ```
//!
//! Numbers are little-endian: the bytes are the same on every width and in every process.

/// What an entry ID names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Name {
    /// The provider's root container.
    Root,
    /// A container, by its key.
    Container(String),
    /// A user, by its key.
    User(String),
    /// A list, by its key.
    List(String),
}

/// The UIDs that a logon has registered (AB-04).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Uids {
    /// Of users and lists.
    pub(crate) entries: [u8; 16],
    /// Of containers: the same, or the profile section's own.
    pub(crate) containers: [u8; 16],
}

/// Bytes that are no entry ID of this provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotOurs;

const VERSION: u8 = 1;
const FLAGS: usize = 4;
const UID: usize = 16;
/// Everything before the key.
const HEAD: usize = FLAGS + UID + 4 + 4;

impl Name {
    fn kind(&self) -> u8 {
        match self {
            Self::Root => 0,
            Self::Container(_) => 1,
            Self::User(_) => 2,
            Self::List(_) => 3,
        }
    }

    fn key(&self) -> &str {
        match self {
            Self::Root => "",
            Self::Container(key) | Self::User(key) | Self::List(key) => key,
        }
    }
}

impl Uids {
    fn of(&self, kind: u8) -> &[u8; 16] {
        match kind {
            0 | 1 => &self.containers,
            _ => &self.entries,
        }
    }

    /// The entry ID of something.
    pub(crate) fn entry_id(&self, name: &Name) -> Vec<u8> {
        let key = name.key();
        let mut bytes = Vec::with_capacity(HEAD + key.len());
        // AB-06: it is permanent, and so it has no flags.
        bytes.extend([0; FLAGS]);
        bytes.extend(self.of(name.kind()));
        bytes.extend([VERSION, name.kind(), 0, 0]);
        // No key is longer than that: it would not be in memory on 32 bits.
        bytes.extend(u32::try_from(key.len()).unwrap_or(u32::MAX).to_le_bytes());
        bytes.extend(key.as_bytes());
        bytes
    }

    /// What an entry ID names. The flags are not looked at (AB-07).
    ///
    /// # Errors
    ///
    /// It is another provider's, of a form that nobody knows, cut or padded.
    pub(crate) fn name(&self, entry_id: &[u8]) -> Result<Name, NotOurs> {
        let (_, rest) = entry_id.split_at_checked(FLAGS).ok_or(NotOurs)?;
        let (uid, rest) = rest.split_at_checked(UID).ok_or(NotOurs)?;
        let (form, rest) = rest.split_first_chunk::<4>().ok_or(NotOurs)?;
        let (length, key) = rest.split_first_chunk::<4>().ok_or(NotOurs)?;
        let [VERSION, kind, 0, 0] = *form else {
            return Err(NotOurs);
        };
        // The one place that compares a length with what is there.
        if usize::try_from(u32::from_le_bytes(*length)) != Ok(key.len()) || uid != self.of(kind) {
            return Err(NotOurs);
        }
        let key = str::from_utf8(key).map_err(|_| NotOurs)?.to_owned();
        match kind {
            0 if key.is_empty() => Ok(Name::Root),
            1 => Ok(Name::Container(key)),
            2 => Ok(Name::User(key)),
            3 => Ok(Name::List(key)),
            _ => Err(NotOurs),
        }
    }

    /// Whether two entry IDs name the same (AB-10). Nothing is looked up.
    ///
    /// # Errors
    ///
    /// One is not ours.
    pub(crate) fn same(&self, one: &[u8], other: &[u8]) -> Result<bool, NotOurs> {
        Ok(self.name(one)? == self.name(other)?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// What is read as an entry ID is one that was made, but for the flags.
        #[test]
        fn ab_07_whatever_is_read_would_be_made_so(
            mut bytes in proptest::collection::vec(any::<u8>(), 0..64),
            is_ours in any::<bool>(),
        ) {
            if let (true, Some(head)) = (is_ours, bytes.get_mut(..HEAD)) {
                let kind = head[0] % 4;
                let left = head[1] & 1;
                head.copy_from_slice(&UIDS.entry_id(&Name::Root)[..HEAD]);
                head[FLAGS..FLAGS + UID].copy_from_slice(UIDS.of(kind));
                head[FLAGS + UID + 1] = kind;
                let length = bytes.len() - HEAD;
                bytes[HEAD - 4] = u8::try_from(length).unwrap_or_default() ^ left;
            }
            if let Ok(name) = UIDS.name(&bytes) {
                prop_assert_eq!(&UIDS.entry_id(&name)[FLAGS..], &bytes[FLAGS..]);
            }
        }
    }

    const UIDS: Uids = Uids {
        entries: *b"entries of ours.",
        containers: *b"containers of it",
    };

    fn names() -> [Name; 6] {
        [
            Name::Root,
            Name::Container(String::new()),
            Name::Container("staff".to_owned()),
            Name::User("staff".to_owned()),
            Name::List("staff".to_owned()),
            Name::User("\u{1F600}".repeat(20_000)),
        ]
    }

    #[test]
    fn ab_06_entry_ids_are_these_bytes_for_ever() {
        let id = UIDS.entry_id(&Name::User("ab".to_owned()));
        let expected = [
            &[0; 4][..],
            b"entries of ours.",
            &[1, 2, 0, 0],
            &[2, 0, 0, 0],
            b"ab",
        ];
        assert_eq!(id, expected.concat());
        for name in names() {
            assert_eq!(UIDS.name(&UIDS.entry_id(&name)), Ok(name));
        }
    }

    #[test]
    fn ab_07_what_is_cut_or_padded_or_foreign_is_not_ours() {
        let id = UIDS.entry_id(&Name::User("ab".to_owned()));
        for length in 0..id.len() {
            assert_eq!(UIDS.name(&id[..length]), Err(NotOurs), "{length} bytes");
        }
        assert_eq!(UIDS.name(&[&id[..], &[0]].concat()), Err(NotOurs));
        for place in FLAGS..HEAD {
            let mut flipped = id.clone();
            flipped[place] ^= 0xFF;
            assert_eq!(UIDS.name(&flipped), Err(NotOurs), "byte {place}");
        }
    }

    #[test]
    fn ab_07_and_ab_10_flags_do_not_count() {
        let id = UIDS.entry_id(&Name::User("ab".to_owned()));
        let mut short = id.clone();
        short[0] = 0x80;
        assert_eq!(UIDS.same(&id, &short), Ok(true));
    }

    #[test]
    fn ab_10_each_is_the_same_as_itself_alone() {
        let ids = names().map(|name| UIDS.entry_id(&name));
        for (one, first) in ids.iter().enumerate() {
            for (other, second) in ids.iter().enumerate() {
                assert_eq!(UIDS.same(first, second), Ok(one == other));
            }
            assert_eq!(UIDS.same(first, b"other"), Err(NotOurs));
        }
    }

    #[test]
    fn ab_04_containers_have_the_uid_of_their_section() {
        let id = UIDS.entry_id(&Name::Container("staff".to_owned()));
        assert_eq!(&id[4..20], b"containers of it");
        let others = Uids {
            containers: *b"another section.",
            ..UIDS
        };
        assert_eq!(others.name(&id), Err(NotOurs));
    }
}
