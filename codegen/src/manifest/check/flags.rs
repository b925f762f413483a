//! Lists of flags: all known, none twice, no contradictions, one identity.

use std::ops::Range;

use super::{Check, Words, raw, resource_flags::ResourceFlags, store::is_mailbox};
use crate::{
    diag::{Code, closest},
    ir::provider::{Flag, FlagSet, Kind},
    manifest::words,
};

/// All the flags of a provider.
pub(super) struct AllFlags {
    pub(super) resource: ResourceFlags,
    pub(super) service: FlagSet,
    pub(super) support_mask: FlagSet,
}

impl Check<'_> {
    pub(super) fn all_flags(&self, raw: &raw::Manifest) -> AllFlags {
        let resource = self.resource_flags(raw);
        let service = self.service_flags(raw, &resource);
        let support_mask = self.support_mask(raw.store.as_ref());
        AllFlags {
            resource,
            service,
            support_mask,
        }
    }

    fn support_mask(&self, store: Option<&raw::Store>) -> FlagSet {
        let given = store.and_then(|store| store.support_mask.as_ref());
        match (given, self.kinds.map(|kinds| kinds.store)) {
            (Some(mask), Some(Some(Kind::WrappedStore))) => {
                self.push(
                    self.error(
                        Code::NotForKind,
                        &mask.span,
                        "`store.support-mask` is not for a wrapped store",
                    )
                    .help("leave it out: the PST provider says what the store supports"),
                );
                FlagSet::default()
            }
            (Some(mask), Some(Some(Kind::Store)))
                if store.is_some_and(|store| store.path.is_some()) =>
            {
                self.push(
                    self.error(
                        Code::NotForKind,
                        &mask.span,
                        "`store.support-mask` is not for a store with a `path`",
                    )
                    .help(
                        "leave it out: a store that keeps its mail itself knows what it supports",
                    ),
                );
                FlagSet::default()
            }
            (None, Some(Some(Kind::WrappedStore) | None)) => FlagSet::default(),
            (None, Some(Some(Kind::Store))) if store.is_some_and(is_mailbox) => FlagSet::default(),
            (Some(mask), _) => self.flags("store.support-mask", mask, words::STORE_FLAGS),
            (None, _) => pick(words::STORE_FLAGS, &["entryid-unique", "unicode-ok"]),
        }
    }

    /// A service has the identity of its provider, or of the one among several that tells it, also by default; anything
    /// else is an error.
    fn service_flags(&self, raw: &raw::Manifest, resource: &ResourceFlags) -> FlagSet {
        let (identity, providers) = resource.identities();
        let Some(list) = raw
            .service
            .as_ref()
            .and_then(|service| service.flags.as_ref())
        else {
            return pick(words::SERVICE_FLAGS, &identity);
        };
        let flags = self.flags_with_identity("service.flags", list, words::SERVICE_FLAGS);
        let own = identities(&flags);
        if let ([provider], [service]) = (&identity[..], &own[..])
            && provider != service
        {
            self.push(
                self.error(
                    Code::ContradictingFlags,
                    &list.span,
                    match providers {
                        0 | 1 => format!("the service is `{service}`, but its only provider is `{provider}`"),
                        _ if *provider == "primary-identity" => {
                            format!("the service is `{service}`, but one of its providers is `{provider}`")
                        }
                        _ => format!("the service is `{service}`, but all its providers are `{provider}`"),
                    },
                )
                .help("use the same flag in `provider.flags` and `service.flags`"),
            );
        }
        flags
    }

    pub(super) fn flags_with_identity(
        &self,
        key: &str,
        list: &Words,
        known: &'static [Flag],
    ) -> FlagSet {
        let flags = self.flags(key, list, known);
        match identities(&flags)[..] {
            // A misspelt one counts; the misspelling was reported.
            [] if list
                .value
                .iter()
                .any(|word| is_identity(&word.value, known)) => {}
            [] => self.no_identity(key, &list.span),
            [_] => {}
            _ => self.push(
                self.error(
                    Code::TwoIdentityFlags,
                    &list.span,
                    format!("`{key}` has two identity flags"),
                )
                .help("keep `no-primary-identity`, unless the provider tells MAPI who the user is"),
            ),
        }
        flags
    }

    pub(super) fn no_identity(&self, key: &str, span: &Range<usize>) {
        self.push(
            self.error(Code::NoIdentityFlag, span, format!("`{key}` has no identity flag")).help(
                "add `no-primary-identity`, or `primary-identity` if the provider tells MAPI who the user is",
            ),
        );
    }

    fn flags(&self, key: &str, list: &Words, known: &'static [Flag]) -> FlagSet {
        let mut flags: Vec<&'static Flag> = Vec::new();
        for word in &list.value {
            let Some(flag) = known.iter().find(|flag| flag.word == word.value) else {
                let choice = || known.iter().map(|flag| flag.word).collect();
                let help = self.errors.did_you_mean(&plain(&word.value), choice);
                let help = help.unwrap_or_else(|| "the manual lists all flags".into());
                let message = format!("there is no flag `{}` in `{key}`", word.value);
                self.push(
                    self.error(Code::UnknownFlag, &word.span, message)
                        .help(help),
                );
                continue;
            };
            if flags.contains(&flag) {
                self.push(
                    self.error(
                        Code::RepeatedFlag,
                        &word.span,
                        format!("`{}` is listed twice", flag.word),
                    )
                    .help("leave one out"),
                );
                continue;
            }
            flags.push(flag);
        }
        let flags = FlagSet(flags);
        for [one, other] in words::CONTRADICTIONS {
            if flags.has(one) && flags.has(other) {
                self.push(
                    self.error(
                        Code::ContradictingFlags,
                        &list.span,
                        format!("`{one}` and `{other}` in `{key}` contradict each other"),
                    )
                    .help("leave one out"),
                );
            }
        }
        flags
    }
}

/// The identity flags among the flags.
fn identities(flags: &FlagSet) -> Vec<&'static str> {
    words::IDENTITY
        .into_iter()
        .filter(|word| flags.has(word))
        .collect()
}

/// Whether a word was probably meant to be an identity flag.
fn is_identity(word: &str, known: &'static [Flag]) -> bool {
    let meant = closest(&plain(word), known.iter().map(|flag| flag.word));
    meant.is_some_and(|meant| words::IDENTITY.contains(&meant))
}

/// The flags with these names.
pub(super) fn pick(known: &'static [Flag], words: &[&str]) -> FlagSet {
    FlagSet(
        known
            .iter()
            .filter(|flag| words.contains(&flag.word))
            .collect(),
    )
}

/// `STATUS_OWN_STORE` as it would be written in a manifest.
fn plain(word: &str) -> String {
    let bare = ["STATUS_", "SERVICE_", "STORE_"]
        .iter()
        .find_map(|prefix| word.strip_prefix(prefix));
    bare.map_or_else(
        || word.into(),
        |bare| bare.to_ascii_lowercase().replace('_', "-"),
    )
}
