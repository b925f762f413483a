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

const GIVE_UP_AFTER: Duration = Duration::from_secs(2 * 24 * 3600);
const GIVE_UP_AFTER_MAX: Duration = Duration::from_secs(30 * 24 * 3600);
const RECEIVE_EVERY: Duration = Duration::from_secs(300);
const RECEIVE_EVERY_MAX: Duration = Duration::from_secs(24 * 3600);
const RETRIES: u32 = 3;
const RETRIES_MAX: u32 = 1000;

/// An address type is a word of MAPI's: `SMTP`, `EX`, `FAX`.
const TYPE_MAX: usize = 32;

/// What is said of a type of addresses that is none.
pub(super) const TYPE_HELP: &str =
    "write 1 to 32 of `A` to `Z`, `0` to `9` and `_`, such as `SMTP`";

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
        let on_temporary = on_temporary
            .and_then(|word| self.word("transport.on-temporary", word, words::ON_TEMPORARY));
        let queue = self.queue(transport, on_temporary);
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
        let receive_every = self.receive_every(transport);
        let retries = self.retries(transport.retries.as_ref());
        let unload = match &transport.unload {
            Some(word) => self.word("transport.unload", word, words::UNLOAD),
            None => Some(Unload::Never),
        };
        let logoff_wait = self.logoff_wait_or_default(transport.logoff_wait.as_ref());
        let is = |given: &Option<Spanned<bool>>| given.as_ref().is_some_and(|given| given.value);
        Some(Transport {
            resource_flags,
            logic: logic?.into_token_stream(),
            address_types: types?,
            classes: classes?,
            send_timeout: send_timeout?,
            retry_after: retry_after?,
            queue: queue?,
            receive_every: receive_every?,
            retries: retries?,
            resolve: is(&transport.resolve),
            idle: is(&transport.idle),
            unload: unload?,
            logoff_wait: logoff_wait?,
        })
    }

    /// XP-19: the folder, and how long a message is tried; `Some(None)` where it waits in the Outbox.
    fn queue(
        &self,
        transport: &raw::Transport,
        is_queued: Option<bool>,
    ) -> Option<Option<(String, Duration)>> {
        let give_up_after = match &transport.give_up_after {
            Some(text) => self.give_up_after(text),
            None => Some(GIVE_UP_AFTER),
        };
        let folder = transport
            .queue
            .as_ref()
            .map(|path| self.whole_path(path, "queue"));
        let wants = is_queued?;
        if wants && folder.is_none() {
            self.push(
                self.error(
                    Code::MissingKey,
                    &transport.span,
                    "the queue has no folder: `queue` is missing in `[transport]`",
                )
                .help("write `queue = '%LOCALAPPDATA%\\Contoso\\queue'`, or `on-temporary = \"wait\"`"),
            );
            return None;
        }
        let (folder, give_up_after) = (folder.unwrap_or(Some(String::new()))?, give_up_after?);
        Some(wants.then_some((folder, give_up_after)))
    }

    fn give_up_after(&self, text: &Spanned<String>) -> Option<Duration> {
        let range = Duration::from_secs(1)..=GIVE_UP_AFTER_MAX;
        let long = long_duration(&text.value).filter(|duration| range.contains(duration));
        long.or_else(|| self.duration(text, range, "of a second to 30 days"))
    }

    /// How often mail is fetched: `Some(None)` where none comes in.
    fn receive_every(&self, transport: &raw::Transport) -> Option<Option<Duration>> {
        let receives = match &transport.receive {
            Some(word) if word.value == "notify" => {
                let message =
                    "`NOTIFY_NEWMAIL` never replaces asking: Outlook may fetch nothing for it";
                self.push(
                    self.error(Code::UnknownValue, &word.span, message)
                        .help("write `receive = \"poll\"`: Outlook is notified too"),
                );
                None
            }
            Some(word) => self.word("transport.receive", word, words::RECEIVE),
            None => Some(false),
        };
        let every = match &transport.receive_every {
            Some(text) => {
                let range = Duration::from_secs(1)..=RECEIVE_EVERY_MAX;
                self.duration(text, range, "of a second to a day")
            }
            None => Some(RECEIVE_EVERY),
        };
        let (receives, every) = (receives?, every?);
        Some(receives.then_some(every))
    }

    /// XP-26
    fn retries(&self, retries: Option<&Spanned<i64>>) -> Option<u32> {
        let Some(retries) = retries else {
            return Some(RETRIES);
        };
        let number = u32::try_from(retries.value)
            .ok()
            .filter(|number| *number <= RETRIES_MAX);
        if number.is_none() {
            let message = format!("a message can't come again {} times", retries.value);
            self.push(
                self.error(Code::UnknownValue, &retries.span, message)
                    .help(format!("write a number from 0 to {RETRIES_MAX}")),
            );
        }
        number
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
            let help = format!("{TYPE_HELP}, each type once, or `[\"*\"]` for all");
            self.push(
                self.error(Code::BadAddressType, &one.span, message)
                    .help(help),
            );
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

/// Hours and days, which no other key has.
fn long_duration(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds = match unit {
        "h" => 3600,
        "d" => 24 * 3600,
        _ => return None,
    };
    let is_plain = number.bytes().all(|byte| byte.is_ascii_digit());
    let number: u64 = number.parse().ok().filter(|_| is_plain)?;
    number.checked_mul(seconds).map(Duration::from_secs)
}

pub(super) fn is_address_type(text: &str) -> bool {
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
    use super::{is_address_type, is_class, long_duration};

    #[test]
    fn types_are_words_of_mapi() {
        assert!(is_address_type("SMTP") && is_address_type("X_400"));
        for bad in ["", "smtp", "SM TP", "SMTP:", &"A".repeat(33)] {
            assert!(!is_address_type(bad), "{bad}");
        }
    }

    #[test]
    fn long_times_have_hours_and_days() {
        let hours = |text| long_duration(text).map(|time| time.as_secs() / 3600);
        assert_eq!((hours("2d"), hours("3h")), (Some(48), Some(3)));
        for bad in ["", "d", "+2d", "2D", "5m", "99999999999999999999d"] {
            assert_eq!(hours(bad), None, "{bad}");
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
