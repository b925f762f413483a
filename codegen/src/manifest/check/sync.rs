//! `[sync]`: how the provider synchronises.

use std::{ops::RangeInclusive, time::Duration};

use quote::ToTokens;
use syn::parse::Parser;

use super::{
    Check, raw,
    tags::{Taken, is_secure},
};
use crate::{
    diag::Code,
    ir::provider::{Overlap, Sync, Unload},
    manifest::words,
    toml_tree::{Given, Spanned},
};

const LOGOFF_WAIT: Duration = Duration::from_secs(5);
const LOGOFF_WAIT_MAX: Duration = Duration::from_secs(60);
const TEST_TIMEOUT: Duration = Duration::from_secs(30);
const TEST_TIMEOUT_MAX: Duration = Duration::from_secs(300);
const CURSOR_TAG: u16 = 0x67E0;

impl Check<'_> {
    pub(super) fn sync(&self, sync: &raw::Sync, settings: &[Taken]) -> Option<Sync> {
        let logic = sync.logic.as_ref().and_then(|logic| self.logic(logic));
        let overlap = match &sync.overlap {
            Some(word) => self.word("sync.overlap", word, words::OVERLAP),
            None => Some(Overlap::Merge),
        };
        let unload = match &sync.unload {
            Some(word) => self.word("sync.unload", word, words::UNLOAD),
            None => Some(Unload::Never),
        };
        let logoff_wait = self.logoff_wait_or_default(sync.logoff_wait.as_ref());
        let cursor_tag = match &sync.cursor_tag {
            Given::Right(tag) => self.cursor_tag(tag, settings),
            Given::Absent => self.default_cursor_tag(settings),
            Given::Wrong => None,
        };
        Some(Sync {
            logic: logic?.into_token_stream(),
            overlap: overlap?,
            unload: unload?,
            logoff_wait: logoff_wait?,
            cursor_tag: cursor_tag?,
        })
    }

    fn logic(&self, logic: &Spanned<String>) -> Option<syn::Path> {
        self.type_path("logic", "crate::Contoso", logic)
    }

    /// The path of a type that the team writes, which a key names.
    pub(super) fn type_path(
        &self,
        key: &str,
        example: &str,
        text: &Spanned<String>,
    ) -> Option<syn::Path> {
        let path = parse_path(&text.value);
        if path.is_none() {
            self.push(
                self.error(
                    Code::BadLogicPath,
                    &text.span,
                    format!("`{}` is not the path of a Rust type", text.value),
                )
                .help(path_help(key, example, &text.value)),
            );
        }
        path
    }

    /// How long a logoff waits for the worker, of any kind of provider.
    pub(super) fn logoff_wait_or_default(
        &self,
        text: Option<&Spanned<String>>,
    ) -> Option<Duration> {
        let Some(text) = text else {
            return Some(LOGOFF_WAIT);
        };
        let range = Duration::ZERO..=LOGOFF_WAIT_MAX;
        self.duration(text, range, "of at most a minute")
    }

    /// How long the logic may try settings.
    pub(super) fn test_timeout(&self, text: Option<&Spanned<String>>) -> Option<Duration> {
        match text {
            Some(text) => {
                let range = Duration::from_millis(1)..=TEST_TIMEOUT_MAX;
                self.duration(text, range, "of at most five minutes")
            }
            None => Some(TEST_TIMEOUT),
        }
    }

    pub(super) fn duration(
        &self,
        text: &Spanned<String>,
        range: RangeInclusive<Duration>,
        allowed: &str,
    ) -> Option<Duration> {
        let duration = parse_duration(&text.value).filter(|duration| range.contains(duration));
        if duration.is_none() {
            self.push(
                self.error(
                    Code::BadDuration,
                    &text.span,
                    format!("`{}` is not a duration {allowed}", text.value),
                )
                .help("write a whole number and `ms`, `s` or `m`, such as `\"5s\"` or `\"500ms\"`"),
            );
        }
        duration
    }

    fn cursor_tag(&self, tag: &Spanned<i64>, settings: &[Taken]) -> Option<u16> {
        let id = self.private_tag(tag)?;
        if is_secure(id) {
            self.push(
                self.error(
                    Code::SecureTag,
                    &tag.span,
                    "the cursor is not a secret, but its tag is in the secure range",
                )
                .help("use one from 0x6600 to 0x67EF"),
            );
            return None;
        }
        if let Some(setting) = settings.iter().find(|setting| setting.tag == id) {
            self.tag_taken(id, &tag.span, setting);
            return None;
        }
        Some(id)
    }

    fn default_cursor_tag(&self, settings: &[Taken]) -> Option<u16> {
        let Some(setting) = settings.iter().find(|setting| setting.tag == CURSOR_TAG) else {
            return Some(CURSOR_TAG);
        };
        self.push(
            self.error(
                Code::DuplicateTag,
                &setting.span,
                format!("tag {CURSOR_TAG:#06X} is where the cursor is kept if `sync.cursor-tag` is not set"),
            )
            .help("use another one, or set `sync.cursor-tag`"),
        );
        None
    }
}

/// A plain path: no generics, no `$crate`, nothing but names.
fn parse_path(text: &str) -> Option<syn::Path> {
    // The tokenizer would accept comments and much else that has no place in a name.
    if !text
        .chars()
        .all(|c| c.is_alphanumeric() || matches!(c, '_' | ':' | '#'))
    {
        return None;
    }
    let path = syn::Path::parse_mod_style.parse_str(text).ok()?;
    let last = path.segments.last()?.ident.to_string();
    let type_like = !matches!(last.as_str(), "crate" | "self" | "super" | "try" | "_");
    type_like.then_some(path)
}

fn path_help(key: &str, example: &str, text: &str) -> String {
    let bare = text.split('<').next().unwrap_or_default().trim();
    let path = bare.replace(['.', '/', '\\'], "::");
    if path != text && parse_path(&path).is_some() {
        return format!("write `{key} = \"{path}\"`");
    }
    format!("name the type as seen from the place of `provider!`, such as `{example}`")
}

/// `500ms`, `5s`, `1m`.
fn parse_duration(text: &str) -> Option<Duration> {
    let unit = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit);
    let number: u64 = number.parse().ok()?;
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => number.checked_mul(60).map(Duration::from_secs),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{parse_duration, parse_path};
    use std::time::Duration;

    #[test]
    fn durations_have_a_number_and_a_unit() {
        assert_eq!(parse_duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(parse_duration("5s"), Some(Duration::from_secs(5)));
        assert_eq!(parse_duration("1m"), Some(Duration::from_secs(60)));
        for bad in [
            "",
            "5",
            "s",
            "-5s",
            "5 s",
            "1.5s",
            "5h",
            "99999999999999999999s",
            "999999999999999999m",
            "５s",
        ] {
            assert_eq!(parse_duration(bad), None, "{bad}");
        }
    }

    #[test]
    fn paths_are_plain_names() {
        for good in [
            "Contoso",
            "crate::Contoso",
            "crate::a::B",
            "self::A",
            "super::A",
            "::a::B",
            "crate::r#type",
        ] {
            assert!(parse_path(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "crate",
            "crate::",
            "a b",
            "A<B>",
            "crate::1A",
            "a:b",
            "a::::b",
            "fn",
            "$crate::A",
            "a/**/",
            "((",
            "#",
            "r#",
            "_",
        ] {
            assert!(parse_path(bad).is_none(), "{bad}");
        }
    }
}
