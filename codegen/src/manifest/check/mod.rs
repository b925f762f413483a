//! Making sense of a manifest: from what it says to an [`ir::provider::Provider`](Provider).

mod address_book;
mod dialog;
mod flags;
mod identity;
mod interfaces;
mod kinds;
mod resource_flags;
mod settings;
mod store;
mod sync;
mod tags;
mod transport;

use std::ops::Range;

use self::kinds::Kinds;
pub(super) use self::{identity::why_not, interfaces::InterfaceFile};
use super::{
    raw::{self, Words},
    words,
};
use crate::{
    diag::{Code, Diagnostic, Errors, Source},
    ir::provider::{Kind, Provider, Store},
    toml_tree::Spanned,
};

/// Where checks report to, and what they report about.
struct Check<'a> {
    source: &'a Source,
    errors: &'a Errors,
    /// What kinds of providers there are, if that is known: each has rules of its own.
    kinds: Option<Kinds>,
    /// What cargo calls the library, if that is known.
    library: Option<&'a str>,
    /// The crates that the code beside the manifest may name.
    crates: &'a [String],
}

impl Check<'_> {
    fn error(&self, code: Code, span: &Range<usize>, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, self.source, span.clone(), message)
    }

    fn push(&self, diagnostic: Diagnostic) {
        self.errors.push(diagnostic);
    }

    /// The meaning of a word that must be one of `words`.
    fn word<T: Copy>(&self, key: &str, word: &Spanned<String>, words: &[(&str, T)]) -> Option<T> {
        let known = words.iter().find(|(known, _)| *known == word.value);
        if known.is_none() {
            let message = format!("`{}` is not a value of `{key}`", word.value);
            let mistake = self.error(Code::UnknownValue, &word.span, message);
            let choice: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.push(mistake.help(self.help_for_word(key, &word.value, &choice)));
        }
        known.map(|(_, meaning)| *meaning)
    }

    /// Which of the words was meant: one that is near, one that others call by this name, or any.
    fn help_for_word(&self, key: &str, word: &str, choice: &[&str]) -> String {
        if let Some(meant) = words::meant(key, word).filter(|meant| choice.contains(meant)) {
            return format!("did you mean `{meant}`?");
        }
        let help = self.errors.did_you_mean(word, || choice.to_vec());
        help.unwrap_or_else(|| "the manual lists the words".into())
    }
}

/// What a manifest means.
pub(super) struct Checked {
    /// The provider, if nothing essential is wrong.
    pub(super) provider: Option<Provider>,
    /// The files with definitions of interfaces to look for.
    pub(super) interfaces: Vec<InterfaceFile>,
}

/// Checks a manifest, and reports everything that is wrong. The library is that of the manifest's crate.
pub(super) fn check(
    raw: &raw::Manifest,
    library: Option<&str>,
    crates: &[String],
    source: &Source,
    errors: &Errors,
) -> Checked {
    let mut check = Check {
        source,
        errors,
        kinds: None,
        library,
        crates,
    };
    let kinds = raw.provider.as_ref().and_then(|p| p.kinds.as_ref());
    check.kinds = kinds.and_then(|kinds| check.kinds(kinds));
    let files = raw.provider.as_ref().and_then(|p| p.interfaces.as_ref());
    Checked {
        provider: check.provider(raw),
        interfaces: check.interfaces(files),
    }
}

impl Check<'_> {
    fn provider(&self, raw: &raw::Manifest) -> Option<Provider> {
        // Every part is checked before the first `?`, so all mistakes are reported.
        let identity = raw
            .provider
            .as_ref()
            .map(|provider| self.identity(provider));
        let flags = self.all_flags(raw);
        let id = raw.provider.as_ref().and_then(|p| p.id.as_ref());
        let store_path = self.store_path(raw.store.as_ref(), id);
        let store_object = self.store_object(raw.store.as_ref());
        let name = raw.provider.as_ref().and_then(|p| p.name.as_ref());
        let service = raw.service.as_ref();
        let settings = self.settings(service.map_or(&[], |service| &service.settings), name);
        let test_timeout = service.and_then(|service| service.test_timeout.as_ref());
        let test_timeout = self.test_timeout(test_timeout);
        self.tables_of_kinds(raw);
        let kinds = self.kinds;
        // Without a kind it is taken for a store.
        let is_store = kinds.is_none_or(|kinds| kinds.store.is_some());
        let sync = raw.sync.as_ref().filter(|_| is_store);
        let sync = sync.and_then(|sync| self.sync(sync, &settings.tags));
        let sends = kinds.is_some_and(|kinds| kinds.transport);
        let transport = raw.transport.as_ref().filter(|_| sends);
        let transport_flags = flags.resource.transport();
        let transport = transport.and_then(|transport| self.transport(transport, transport_flags));
        let finds = kinds.is_some_and(|kinds| kinds.address_book);
        let book = raw.address_book.as_ref().filter(|_| finds);
        let book = book.and_then(|book| self.address_book(book, flags.resource.address_book()));
        let (identity, kinds) = (identity??, kinds?);
        let store = match kinds.store {
            Some(kind) => Some(Store {
                is_wrapped: kind == Kind::WrappedStore,
                resource_flags: flags.resource.store(),
                support_mask: flags.support_mask,
                object: store_object?,
                path: store_path?,
                sync: sync?,
            }),
            None => None,
        };
        let transport = match kinds.transport {
            true => Some(transport?),
            false => None,
        };
        let address_book = match kinds.address_book {
            true => Some(book?),
            false => None,
        };
        Some(Provider {
            name: identity.name,
            id: identity.id,
            uid: identity.uid,
            service_flags: flags.service,
            store,
            transport,
            address_book,
            settings: settings.settings,
            test_timeout: test_timeout?,
        })
    }
}
