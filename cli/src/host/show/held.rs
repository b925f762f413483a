//! What is in a message, as it was told, and how programs see it.

use mapi_provider_host::untrusted::Untrusted;
use serde_json::{Value as Json, json};

use crate::host::protocol::{Attached, Inside, Part};

/// What is in a message.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub(super) attached: Vec<Attached>,
    /// None where something of the message could not be read.
    inside: Option<Inside>,
}

impl Held {
    pub(super) fn take(&mut self, part: &Part) {
        match part {
            Part::Attached(attached) => self.attached.push(attached.clone()),
            Part::Inside(inside) => self.inside = Some(inside.clone()),
            _ => {}
        }
    }

    pub(super) fn keywords(&self) -> &[Untrusted] {
        self.inside.as_ref().map_or(&[], |inside| &inside.keywords)
    }

    /// Whether everything could be read.
    pub(super) fn is_whole(&self) -> bool {
        self.inside.is_some()
    }

    /// Adds keywords and digests of the texts to what else is known of the message.
    pub(super) fn add_to(&self, mail: &mut Json) {
        let inside = self.inside.as_ref();
        let keywords = inside.map(|inside| -> Vec<&str> {
            let keywords = inside.keywords.iter();
            keywords.map(Untrusted::raw).collect()
        });
        mail["keywords"] = json!(keywords);
        mail["body_sha256"] = json!(inside.map(|inside| &inside.body_sha256));
        mail["html_sha256"] = json!(inside.map(|inside| &inside.html_sha256));
    }

    /// What is attached. There are no digests where not everything could be read: all or nothing, so that nothing is
    /// ambiguous.
    pub(super) fn attached_to_json(&self) -> Json {
        let attached = self.attached.iter().map(|attached| {
            let mut json = attached.to_json();
            if !self.is_whole() {
                json["sha256"] = Json::Null;
            }
            json
        });
        attached.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held() -> Held {
        let mut held = Held::default();
        held.take(&Part::Attached(Attached {
            name: "a.pdf".into(),
            sha256: Some("ff".to_owned()),
            ..Attached::default()
        }));
        held
    }

    #[test]
    fn what_was_read_has_digests() {
        let mut held = held();
        held.take(&Part::Inside(Inside {
            html_sha256: Some("00".to_owned()),
            ..Inside::of(["Gr\u{FC}n".to_owned()])
        }));
        let mut json = json!({});
        held.add_to(&mut json);
        let expected = json!({"keywords": ["Gr\u{FC}n"], "body_sha256": null, "html_sha256": "00"});
        assert_eq!(json, expected);
        assert_eq!(held.attached_to_json()[0]["sha256"], "ff");
    }

    #[test]
    fn what_was_not_read_has_nulls() {
        let held = held();
        let mut json = json!({});
        held.add_to(&mut json);
        let expected = json!({"keywords": null, "body_sha256": null, "html_sha256": null});
        assert_eq!(json, expected);
        let attached = held.attached_to_json();
        assert_eq!(attached[0]["name"], "a.pdf");
        assert_eq!(attached[0]["sha256"], Json::Null);
    }
}
