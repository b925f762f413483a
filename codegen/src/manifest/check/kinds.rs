//! `provider.kind`: which providers there are, one or several.

use super::{Check, Words, raw};
use crate::{
    diag::{Code, closest},
    ir::provider::Kind,
    manifest::words,
    toml_tree::Spanned,
};

/// The kinds of providers that a manifest asks for: at most one store, and at most one of each other kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kinds {
    /// Which kind of store.
    pub(super) store: Option<Kind>,
    /// Whether there is a transport.
    pub(super) transport: bool,
    /// Whether there is an address book.
    pub(super) address_book: bool,
}

impl Kinds {
    /// All of them, in the order of their sections in `mapisvc.inf`.
    pub(super) fn all(self) -> impl Iterator<Item = Kind> {
        let transport = self.transport.then_some(Kind::Transport);
        let book = self.address_book.then_some(Kind::AddressBook);
        self.store.into_iter().chain(transport).chain(book)
    }

    /// Them as a list in a manifest: `["store", "transport"]`.
    fn listed(self) -> String {
        let words = self.all().filter_map(|kind| {
            let known = words::KINDS.iter().find(|(_, known)| *known == kind);
            known.map(|(word, _)| format!("\"{word}\""))
        });
        format!("[{}]", words.collect::<Vec<_>>().join(", "))
    }

    /// What is said where a store's table stands and none of the kinds is a store.
    fn without_store(self) -> String {
        let has = match (self.transport, self.address_book) {
            (_, false) => "a transport has all that it does in `[transport]`",
            (false, true) => "an address book has all that it does in `[address-book]`",
            (true, true) => {
                "a transport and an address book have all that they do in tables of their own"
            }
        };
        let with_store = Kinds {
            store: Some(Kind::Store),
            ..self
        };
        format!(
            "leave it out, for {has}; or add a store: `kind = {}`",
            with_store.listed()
        )
    }
}

impl Check<'_> {
    /// Whether there is a store of this kind.
    pub(super) fn has_store(&self, kind: Kind) -> bool {
        self.kinds.and_then(|kinds| kinds.store) == Some(kind)
    }

    /// What the words mean; `None` if one of them means nothing.
    pub(super) fn kinds(&self, kinds: &Words) -> Option<Kinds> {
        if kinds.value.is_empty() {
            let message = "`provider.kind` names no kind";
            let help = "name one or several, such as `kind = \"store\"` or `kind = [\"store\", \"transport\"]`";
            self.push(self.error(Code::NoKind, &kinds.span, message).help(help));
            return None;
        }
        let mut is_right = true;
        let mut seen: Vec<(Kind, &Spanned<String>)> = Vec::new();
        for word in &kinds.value {
            let Some(kind) = self.kind(word) else {
                is_right = false;
                continue;
            };
            if self.goes_with(kind, word, &seen) {
                seen.push((kind, word));
            }
        }
        let kinds = Kinds {
            store: seen
                .iter()
                .map(|(kind, _)| *kind)
                .find(|kind| is_store(*kind)),
            transport: seen.iter().any(|(kind, _)| *kind == Kind::Transport),
            address_book: seen.iter().any(|(kind, _)| *kind == Kind::AddressBook),
        };
        is_right.then_some(kinds)
    }

    /// Whether a kind goes with those before it: each is there once, and there is one store.
    fn goes_with(
        &self,
        kind: Kind,
        word: &Spanned<String>,
        seen: &[(Kind, &Spanned<String>)],
    ) -> bool {
        if seen.iter().any(|(other, _)| *other == kind) {
            let message = format!("`{}` is listed twice", word.value);
            let help = "leave one out: a service has one provider of a kind";
            self.push(
                self.error(Code::RepeatedKind, &word.span, message)
                    .help(help),
            );
            return false;
        }
        let other = seen
            .iter()
            .find(|(other, _)| is_store(*other) && is_store(kind));
        let Some((_, other)) = other else {
            return true;
        };
        let message = format!("`{}` can't stand beside `{}`", word.value, other.value);
        self.push(
            self.error(Code::TwoStores, &word.span, message)
                .help("keep one of the two: a service has one store")
                .note("both would be `MSProviderInit`, and a DLL exports that once"),
        );
        false
    }

    fn kind(&self, kind: &Spanned<String>) -> Option<Kind> {
        let word = kind.value.as_str();
        let known = words::KINDS.iter().find(|(known, _)| *known == word);
        if let Some((_, kind)) = known {
            return Some(*kind);
        }
        let names = words::KINDS.iter().map(|(known, _)| *known);
        let meant = words::meant("kind", word).or_else(|| closest(word, names));
        let help = match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "the kinds are `store`, `wrapped-store`, `transport` and `address-book`".into(),
        };
        let message = format!("there is no provider kind `{word}`");
        self.push(
            self.error(Code::UnknownKind, &kind.span, message)
                .help(help),
        );
        None
    }

    /// Reports tables that belong to a kind that is not there.
    pub(super) fn tables_of_kinds(&self, raw: &raw::Manifest) {
        let Some(kinds) = self.kinds else {
            return;
        };
        if kinds.store.is_none() {
            let sync = raw.sync.as_ref().map(|sync| ("sync", &sync.span));
            let store = raw.store.as_ref().map(|store| ("store", &store.span));
            for (table, span) in [sync, store].into_iter().flatten() {
                self.not_of_kind(table, span, &kinds.without_store());
            }
        }
        let add =
            |kinds: Kinds| format!("leave it out, or add the kind: `kind = {}`", kinds.listed());
        if let Some(transport) = raw.transport.as_ref().filter(|_| !kinds.transport) {
            let with = Kinds {
                transport: true,
                ..kinds
            };
            self.not_of_kind("transport", &transport.span, &add(with));
        }
        if let Some(book) = raw.address_book.as_ref().filter(|_| !kinds.address_book) {
            let with = Kinds {
                address_book: true,
                ..kinds
            };
            self.not_of_kind("address-book", &book.span, &add(with));
        }
    }

    fn not_of_kind(&self, table: &str, span: &std::ops::Range<usize>, help: &str) {
        let message = format!("`[{table}]` is not for this kind of provider");
        self.push(self.error(Code::NotForKind, span, message).help(help));
    }
}

fn is_store(kind: Kind) -> bool {
    matches!(kind, Kind::Store | Kind::WrappedStore)
}
