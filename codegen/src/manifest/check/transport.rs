//! `[transport]`: what a transport sends, and how.

use std::time::Duration;

use quote::ToTokens;

use super::{Check, raw};
use crate::{
    diag::Code,
    ir::provider::{FlagSet, Transport, Unload},
    manifest::words,
    toml_tree::Spanned,
};

const SEND_TIMEOUT: Duration = Duration::from_secs(60);
const SEND_TIMEOUT_MAX: Duration = Duration::from_secs(600);
const RETRY_AFTER: Duration = Duration::from_secs(60);
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);

/// An address type is a word of MAPI's: `SMTP`, `EX`, `FAX`.
const TYPE_MAX: usize = 32;

impl Check<'_> {
    /// What a transport does, and how.
    pub(super) fn transport(
        &self,
        transport: &raw::Transport,
        resource_flags: FlagSet,
    ) -> Option<Transport> {
        let logic = transport.logic.as_ref();
        let logic = logic.and_then(|logic| self.type_path("logic", "crate::Smtp", logic));
        let types = transport.address_types.as_ref();
        let types = types.and_then(|types| self.address_types(&types.value));
        let classes = match &transport.classes {
            Some(classes) => self.classes(&classes.value),
            None => Some(vec!["IPM.Note".to_owned()]),
        };
        let on_temporary = transport.on_temporary.as_ref();
        let on_temporary = on_temporary.and_then(|word| self.on_temporary(word));
        let at_least = Duration::from_millis(1);
        let send_timeout = match &transport.send_timeout {
            Some(text) => {
                let range = at_least..=SEND_TIMEOUT_MAX;
                self.duration(text, range, "of at most ten minutes")
            }
            None => Some(SEND_TIMEOUT),
        };
        let retry_after = match &transport.retry_after {
            Some(text) => {
                let range = Duration::from_secs(1)..=RETRY_AFTER_MAX;
                self.duration(text, range, "of a second to an hour")
            }
            None => Some(RETRY_AFTER),
        };
        let unload = match &transport.unload {
            Some(word) => self.word("transport.unload", word, words::UNLOAD),
            None => Some(Unload::Never),
        };
        let logoff_wait = self.logoff_wait_or_default(transport.logoff_wait.as_ref());
        on_temporary?;
        let is = |given: &Option<Spanned<bool>>| given.as_ref().is_some_and(|given| given.value);
        Some(Transport {
            resource_flags,
            logic: logic?.into_token_stream(),
            address_types: types?,
            classes: classes?,
            send_timeout: send_timeout?,
            retry_after: retry_after?,
            resolve: is(&transport.resolve),
            idle: is(&transport.idle),
            unload: unload?,
            logoff_wait: logoff_wait?,
        })
    }

    fn on_temporary(&self, word: &Spanned<String>) -> Option<()> {
        if word.value != "queue" {
            return self.word("transport.on-temporary", word, words::ON_TEMPORARY);
        }
        self.push(
            self.error(
                Code::UnknownValue,
                &word.span,
                "this version has no queue of its own for messages that can't be sent now",
            )
            .help("write `on-temporary = \"wait\"`: the message stays in the Outbox"),
        );
        None
    }

    /// XP-09: words of MAPI's, or `*` alone.
    fn address_types(&self, types: &[Spanned<String>]) -> Option<Vec<String>> {
        let mut right = true;
        for (index, one) in types.iter().enumerate() {
            let is_all = one.value == "*";
            let message = if is_all && types.len() > 1 {
                "`*` is every type of address, so nothing can stand beside it".to_owned()
            } else if !is_all && !is_address_type(&one.value) {
                format!("`{}` is not a type of addresses", one.value)
            } else if types[..index].iter().any(|other| other.value == one.value) {
                format!("`{}` is listed twice", one.value)
            } else {
                continue;
            };
            self.push(self.error(Code::BadAddressType, &one.span, message).help(
                "write 1 to 32 of `A` to `Z`, `0` to `9` and `_`, such as `SMTP`, each type once, or `[\"*\"]` for all",
            ));
            right = false;
        }
        right.then(|| types.iter().map(|one| one.value.clone()).collect())
    }

    /// XP-15
    fn classes(&self, classes: &[Spanned<String>]) -> Option<Vec<String>> {
        let wrong = classes.iter().filter(|one| !is_class(&one.value));
        let mut right = true;
        for one in wrong {
            let message = format!("`{}` is not a class of messages", one.value);
            self.push(
                self.error(Code::BadMessageClass, &one.span, message)
                    .help("write words with dots between them, such as `IPM.Note`"),
            );
            right = false;
        }
        right.then(|| classes.iter().map(|one| one.value.clone()).collect())
    }
}

fn is_address_type(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=TYPE_MAX).contains(&text.len()) && text.bytes().all(known)
}

/// MAPI's classes have at most 255 characters, all of ASCII that can be seen.
fn is_class(text: &str) -> bool {
    let is_word = |word: &str| {
        let seen = |byte: u8| byte.is_ascii_graphic();
        !word.is_empty() && word.bytes().all(seen)
    };
    text.len() <= 255 && text.split('.').all(is_word)
}

#[cfg(test)]
mod tests {
    use super::{is_address_type, is_class};

    #[test]
    fn types_are_words_of_mapi() {
        assert!(is_address_type("SMTP") && is_address_type("X_400"));
        for bad in ["", "smtp", "SM TP", "SMTP:", &"A".repeat(33)] {
            assert!(!is_address_type(bad), "{bad}");
        }
    }

    #[test]
    fn classes_are_words_with_dots() {
        assert!(is_class("IPM.Note") && is_class("IPM"));
        for bad in ["", "IPM.", ".Note", "IPM..Note", "IPM Note"] {
            assert!(!is_class(bad), "{bad}");
        }
    }
}
