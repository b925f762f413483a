//! `PR_RESOURCE_FLAGS` of each provider: the `flags` of its own table, or those of `[provider]`, which are for every
//! provider that has none.

use std::ops::Range;

use super::{Check, Words, flags::pick, raw};
use crate::{
    diag::Code,
    ir::provider::{Flag, FlagSet, Kind},
    manifest::words,
    toml_tree::{Given, Spanned},
};

/// The flags of all providers.
#[derive(Default)]
pub(super) struct ResourceFlags(Vec<(Kind, FlagSet)>);

impl ResourceFlags {
    /// Those of the store.
    pub(super) fn store(&self) -> FlagSet {
        self.first(|kind| matches!(kind, Kind::Store | Kind::WrappedStore))
    }

    /// Those of the transport.
    pub(super) fn transport(&self) -> FlagSet {
        self.first(|kind| kind == Kind::Transport)
    }

    /// Those of the address book.
    pub(super) fn address_book(&self) -> FlagSet {
        self.first(|kind| kind == Kind::AddressBook)
    }

    fn first(&self, wanted: impl Fn(Kind) -> bool) -> FlagSet {
        let found = self.0.iter().find(|(kind, _)| wanted(*kind));
        found.map_or_else(FlagSet::default, |(_, flags)| flags.clone())
    }

    /// The identity flags that one of the providers has, and how many providers there are.
    pub(super) fn identities(&self) -> (Vec<&'static str>, usize) {
        let has = |word: &str| self.0.iter().any(|(_, flags)| flags.has(word));
        let mut found: Vec<&str> = words::IDENTITY
            .into_iter()
            .filter(|word| has(word))
            .collect();
        // Who the user is one of several tells: then the service does.
        if self.0.len() > 1 && found.len() > 1 {
            found.retain(|word| *word == "primary-identity");
        }
        (found, self.0.len())
    }
}

/// Flags of a provider, with the place where they are.
type Placed = (Kind, FlagSet, Range<usize>);

impl Check<'_> {
    pub(super) fn resource_flags(&self, raw: &raw::Manifest) -> ResourceFlags {
        let kinds: Vec<Kind> = match self.kinds {
            Some(kinds) => kinds.all().collect(),
            // What is no kind is taken for a store.
            None => vec![Kind::Store],
        };
        let mut all: Vec<Placed> = Vec::new();
        let mut others = Vec::new();
        for kind in kinds {
            match own_flags(raw, kind) {
                Some(Given::Right(list)) => {
                    let flags = self.flags_with_identity(key(kind), list, known(kind));
                    all.push((kind, flags, list.span.clone()));
                }
                Some(Given::Wrong) => {}
                Some(Given::Absent) | None => others.push(kind),
            }
        }
        if let Some(provider) = &raw.provider {
            all.extend(self.shared_flags(provider, &others));
        }
        self.one_identity(&all);
        ResourceFlags(
            all.into_iter()
                .map(|(kind, flags, _)| (kind, flags))
                .collect(),
        )
    }

    /// `provider.flags`, for the providers that have none of their own.
    fn shared_flags(&self, provider: &raw::Provider, kinds: &[Kind]) -> Vec<Placed> {
        let list = match (&provider.flags, kinds) {
            (Given::Right(list), [_, ..]) => list,
            (Given::Absent, [_, ..]) => {
                self.no_identity("provider.flags", &provider.span);
                return Vec::new();
            }
            (Given::Right(list), []) => {
                let message =
                    "`provider.flags` is for nobody: each provider has `flags` of its own";
                let mistake = self.error(Code::NotForKind, &list.span, message);
                self.push(mistake.help("leave it out"));
                return Vec::new();
            }
            (Given::Wrong, _) | (Given::Absent, []) => return Vec::new(),
        };
        let list = self.known_to_all(list, kinds);
        let Some((first, rest)) = kinds.split_first() else {
            return Vec::new();
        };
        let flags = self.flags_with_identity("provider.flags", &list, known(*first));
        let words: Vec<&str> = flags.0.iter().map(|flag| flag.word).collect();
        let rest = rest.iter().map(|kind| (*kind, pick(known(*kind), &words)));
        let rest: Vec<(Kind, FlagSet)> = rest.collect();
        let all = [(*first, flags)].into_iter().chain(rest);
        all.map(|(kind, flags)| (kind, flags, list.span.clone()))
            .collect()
    }

    /// The words that all kinds know, or none: what only some know is reported.
    fn known_to_all(&self, list: &Words, kinds: &[Kind]) -> Words {
        let mut kept: Vec<Spanned<String>> = Vec::new();
        for word in &list.value {
            let knows = |kind: &&Kind| known(**kind).iter().any(|flag| flag.word == word.value);
            let (knows, lacks): (Vec<&Kind>, Vec<&Kind>) =
                kinds.iter().partition(|kind| knows(kind));
            let ([first, ..], [lacks, ..]) = (&knows[..], &lacks[..]) else {
                kept.push(word.clone());
                continue;
            };
            let (article, lacks) = name(**lacks);
            let message = format!("`{}` is no flag of {article} {lacks}", word.value);
            let help = format!(
                "write it where it is for the {} alone: `flags` in `[{}]`",
                name(**first).1,
                table(**first)
            );
            self.push(
                self.error(Code::UnknownFlag, &word.span, message)
                    .help(help),
            );
        }
        Spanned::new(kept, list.span.clone())
    }

    /// MAPI asks one provider of a service who the user is.
    fn one_identity(&self, all: &[Placed]) {
        let mut tell = all
            .iter()
            .filter(|(_, flags, _)| flags.has("primary-identity"));
        if let (Some(_), Some((_, _, span))) = (tell.next(), tell.next()) {
            self.push(
                self.error(
                    Code::ContradictingFlags,
                    span,
                    "two providers of the service are `primary-identity`",
                )
                .help("keep it for one of them: the others have `flags` of their own, in `[store]`, `[transport]` or `[address-book]`, with `no-primary-identity`"),
            );
        }
    }
}

/// The `flags` in the table of a kind; none without that table.
fn own_flags(raw: &raw::Manifest, kind: Kind) -> Option<&Given<Words>> {
    match kind {
        Kind::Store | Kind::WrappedStore => raw.store.as_ref().map(|store| &store.flags),
        Kind::Transport => raw.transport.as_ref().map(|transport| &transport.flags),
        Kind::AddressBook => raw.address_book.as_ref().map(|book| &book.flags),
    }
}

/// The flags that a kind knows.
fn known(kind: Kind) -> &'static [Flag] {
    match kind {
        Kind::Store | Kind::WrappedStore => words::RESOURCE_FLAGS,
        Kind::Transport => words::TRANSPORT_FLAGS,
        Kind::AddressBook => words::ADDRESS_BOOK_FLAGS,
    }
}

fn table(kind: Kind) -> &'static str {
    match kind {
        Kind::Store | Kind::WrappedStore => "store",
        Kind::Transport => "transport",
        Kind::AddressBook => "address-book",
    }
}

fn key(kind: Kind) -> &'static str {
    match kind {
        Kind::Store | Kind::WrappedStore => "store.flags",
        Kind::Transport => "transport.flags",
        Kind::AddressBook => "address-book.flags",
    }
}

/// What a kind is called, behind its article.
fn name(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Store => ("a", "store"),
        Kind::WrappedStore => ("a", "wrapped store"),
        Kind::Transport => ("a", "transport"),
        Kind::AddressBook => ("an", "address book"),
    }
}
