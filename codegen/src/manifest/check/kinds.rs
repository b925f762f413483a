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
}

impl Kinds {
    /// All of them, in the order of their sections in `mapisvc.inf`.
    pub(super) fn all(self) -> impl Iterator<Item = Kind> {
        let transport = self.transport.then_some(Kind::Transport);
        self.store.into_iter().chain(transport)
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
        let known = words::GENERATED.iter().find(|(known, _)| *known == word);
        if let Some((_, kind)) = known {
            return Some(*kind);
        }
        let meant =
            words::meant("kind", word).or_else(|| closest(word, words::KINDS.iter().copied()));
        let help = match meant {
            Some(meant) if words::GENERATED.iter().any(|(known, _)| *known == meant) => {
                format!("did you mean `{meant}`?")
            }
            _ => "this version generates `kind = \"store\"`, `kind = \"wrapped-store\"` and `kind = \"transport\"`".into(),
        };
        let (code, message) = if words::KINDS.contains(&word) {
            let message = format!("this version can't generate providers of kind `{word}`");
            (Code::KindNotYet, message)
        } else {
            (
                Code::UnknownKind,
                format!("there is no provider kind `{word}`"),
            )
        };
        self.push(self.error(code, &kind.span, message).help(help));
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
            let help = "leave it out, for a transport has all that it does in `[transport]`; or add a store: \
                `kind = [\"store\", \"transport\"]`";
            for (table, span) in [sync, store].into_iter().flatten() {
                self.not_of_kind(table, span, help);
            }
        }
        if let Some(transport) = raw.transport.as_ref().filter(|_| !kinds.transport) {
            let store = match kinds.store {
                Some(Kind::WrappedStore) => "wrapped-store",
                _ => "store",
            };
            let help =
                format!("leave it out, or add the kind: `kind = [\"{store}\", \"transport\"]`");
            self.not_of_kind("transport", &transport.span, &help);
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
