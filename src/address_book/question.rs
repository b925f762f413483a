//! What is asked of the logic, as values that belong to the lookup.

use super::logic::{Address, Entry, Query, What};
use mapi_provider_abi::mapi::{PR_ACCOUNT_W, PR_EMAIL_ADDRESS_W, PR_SMTP_ADDRESS_W, PropTag};
use mapi_provider_table::table::NameWords;
use mapi_provider_table::text::{folded, loose};

/// What the entries have to be like; the owned side of [`What`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// All there are.
    All,
    /// Those whom a name may mean.
    Words(NameWords),
    /// Those whose name begins so.
    Prefix(String),
    /// Those with this very address.
    Address(Address),
}

/// A search in a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Question {
    /// The container's key.
    pub(crate) container: String,
    pub(crate) wanted: Wanted,
}

impl Question {
    /// The question as the logic sees it.
    pub(super) fn query(&self, limit: usize) -> Query<'_> {
        Query {
            container: &self.container,
            what: self.wanted.what(),
            limit,
        }
    }
}

impl Wanted {
    fn what(&self) -> What<'_> {
        match self {
            Self::All => What::All,
            Self::Words(words) => What::Words(words.typed()),
            Self::Prefix(prefix) => What::Prefix(prefix),
            Self::Address(address) => What::Address(address),
        }
    }

    /// Whether an entry is what is looked for: the logic may find more than that. `kind` is the type of an address that
    /// names none.
    pub(super) fn means(&self, entry: &Entry, kind: &str) -> bool {
        match self {
            Self::All => true,
            Self::Words(words) => words.mean(entry.names()),
            // With marks left out, because some restrictions do so; the others look at the rows again.
            Self::Prefix(prefix) => loose(&entry.name).starts_with(&loose(prefix)),
            Self::Address(wanted) => entry.has_address(wanted, kind),
        }
    }
}

impl Entry {
    /// What it is found by: name, alias and addresses (AB-17), as its row has them.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let set = |tag: PropTag| {
            let mut set = self.others.iter().rev();
            let found = set.find(|(own, _)| PropTag(*own).id() == tag.id());
            found.map(|(_, text)| &**text)
        };
        let alias = self.alias.as_deref().or_else(|| set(PR_ACCOUNT_W));
        let address = self.address.as_ref().map(|address| &*address.value);
        let address = address.or_else(|| set(PR_EMAIL_ADDRESS_W));
        let all = [Some(&*self.name), alias, address, set(PR_SMTP_ADDRESS_W)];
        all.into_iter().flatten()
    }

    /// Whether it has this address, or is called so.
    pub(super) fn is_exactly(&self, text: &str) -> bool {
        let text = folded(text.trim());
        let address = self.address.as_ref().map(|address| &*address.value);
        let all = [Some(&*self.name), address, self.smtp_address()];
        all.into_iter().flatten().any(|one| folded(one) == text)
    }

    /// Its type of address, where it has one; `kind` is that of an address that names none.
    pub(super) fn address_type<'a>(&'a self, kind: &'a str) -> Option<&'a str> {
        let address = self.address.as_ref()?;
        Some(address.kind.as_deref().unwrap_or(kind))
    }

    fn has_address(&self, wanted: &Address, kind: &str) -> bool {
        let is = |one_kind: &str, value: &str| {
            folded(one_kind) == folded(&wanted.kind) && folded(value) == folded(&wanted.value)
        };
        let own = self.address.as_ref().zip(self.address_type(kind));
        own.is_some_and(|(address, kind)| is(kind, &address.value))
            || self.smtp_address().is_some_and(|smtp| is("SMTP", smtp))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ann() -> Entry {
        Entry::user("1", "Ann Lee")
            .alias("lee7")
            .address("ann@example.org")
    }

    #[test]
    fn ab_17_an_alias_and_an_address_are_names_too() {
        for (text, means) in [
            ("lee", true),
            ("LEE7", true),
            ("ann@", true),
            ("ee", false),
            ("", false),
        ] {
            let wanted = Wanted::Words(NameWords::new(text));
            assert_eq!(wanted.means(&ann(), "SMTP"), means, "{text}");
        }
        let set = Entry::user("1", "Ann").set(PR_ACCOUNT_W.ansi().0, "lee7");
        assert!(Wanted::Words(NameWords::new("lee")).means(&set, "SMTP"));
        assert!(Wanted::Prefix("ANN l".to_owned()).means(&ann(), "SMTP"));
        assert!(!Wanted::Prefix("Lee".to_owned()).means(&ann(), "SMTP"));
        let marked = Entry::user("2", "Müller");
        assert!(Wanted::Prefix("mull".to_owned()).means(&marked, "SMTP"));
    }

    #[test]
    fn ab_24_an_address_is_looked_for_with_its_type() {
        let smtp = Address::smtp("ANN@example.org");
        let wanted = Wanted::Address(smtp);
        assert!(wanted.means(&ann(), "SMTP"));
        assert!(!wanted.means(&ann(), "FAX"));
        let both = Entry::user("1", "Ann").addressed(Address {
            kind: "FAX".to_owned(),
            value: "1".to_owned(),
        });
        let both = both.set(PR_SMTP_ADDRESS_W.0, "ann@example.org");
        assert!(wanted.means(&both, "FAX"));
        assert!(ann().is_exactly(" ann lee ") && ann().is_exactly("Ann@Example.org"));
        assert!(!ann().is_exactly("Ann"));
    }
}
