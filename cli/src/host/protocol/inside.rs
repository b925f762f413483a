//! What is in a message, beside what lists of mail have.

use mapi_provider_host::untrusted::Untrusted;
use serde_json::{Value as Json, json};

use super::bounded;

/// More keywords are not told: together they fit into a line of the channel's.
const MOST_KEYWORDS: usize = 1000;

/// Something that is attached.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::host) struct Attached {
    pub(in crate::host) name: Untrusted,
    pub(in crate::host) mime_type: Untrusted,
    pub(in crate::host) size: Option<u64>,
    pub(in crate::host) is_message: bool,
    /// In hexadecimal digits. None where there are no octets in the store, or none are asked for.
    pub(in crate::host) sha256: Option<String>,
}

/// Keywords and digests of a message of which everything could be read. It comes after what is attached.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::host) struct Inside {
    pub(in crate::host) keywords: Vec<Untrusted>,
    pub(in crate::host) body_sha256: Option<String>,
    pub(in crate::host) html_sha256: Option<String>,
}

impl Attached {
    /// What is attached as users see it with `--json`, too.
    pub(in crate::host) fn to_json(&self) -> Json {
        json!({"name": self.name.raw(), "mime_type": self.mime_type.raw(), "size": self.size,
               "message": self.is_message, "sha256": self.sha256})
    }

    pub(super) fn parse(json: &Json) -> Option<Self> {
        let said = |key: &str| json.get(key)?.as_str().map(Untrusted::from);
        Some(Self {
            name: said("name")?,
            mime_type: said("mime_type")?,
            size: json.get("size")?.as_u64(),
            is_message: json.get("message")?.as_bool()?,
            sha256: digest(json, "sha256"),
        })
    }
}

impl Inside {
    /// With keywords as a store has them, cut to fit into a line.
    pub(in crate::host) fn of(keywords: impl IntoIterator<Item = String>) -> Self {
        let keywords = keywords.into_iter().take(MOST_KEYWORDS);
        Self {
            keywords: keywords.map(bounded).collect(),
            ..Self::default()
        }
    }

    pub(super) fn to_json(&self) -> Json {
        let keywords: Vec<&str> = self.keywords.iter().map(Untrusted::raw).collect();
        json!({"keywords": keywords, "body_sha256": self.body_sha256, "html_sha256": self.html_sha256})
    }

    pub(super) fn parse(json: &Json) -> Option<Self> {
        let keywords = json.get("keywords")?.as_array()?.iter();
        let keywords = keywords.map(|keyword| keyword.as_str().map(Untrusted::from));
        Some(Self {
            keywords: keywords.collect::<Option<_>>()?,
            body_sha256: digest(json, "body_sha256"),
            html_sha256: digest(json, "html_sha256"),
        })
    }
}

fn digest(json: &Json, key: &str) -> Option<String> {
    json.get(key)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inside_comes_across() {
        let some = Some("00ff".to_owned());
        for sha256 in [None, some.clone()] {
            let attached = Attached {
                name: "a.pdf\u{1B}".into(),
                mime_type: "application/pdf".into(),
                size: sha256.is_some().then_some(u64::MAX),
                is_message: sha256.is_none(),
                sha256: sha256.clone(),
            };
            assert_eq!(Attached::parse(&attached.to_json()), Some(attached));
            let inside = Inside {
                body_sha256: sha256,
                html_sha256: some.clone(),
                ..Inside::of(["Green".to_owned(), "\u{202E}".to_owned()])
            };
            assert_eq!(Inside::parse(&inside.to_json()), Some(inside));
        }
        assert_eq!(Inside::parse(&json!({"keywords": [1]})), None);
        assert_eq!(Attached::parse(&json!({"name": "a.pdf"})), None);
    }

    #[test]
    fn keywords_without_end_are_bounded() {
        for letter in ["\u{1}", "\u{1F980}"] {
            let keyword = letter.repeat(100_000);
            let inside = Inside::of(std::iter::repeat_n(keyword, 5000));
            let line = inside.to_json().to_string();
            assert!(line.len() < mapi_provider_host::channel::LONGEST_LINE);
            assert_eq!(inside.keywords.len(), MOST_KEYWORDS);
        }
    }
}
