//! Which parts are the text, and which are attached. Every part is one or the other.

use std::ops::Range;

use crate::html;
use crate::mail::Attachment;

/// What a part comes to.
#[derive(Debug, Default)]
pub(crate) struct Body {
    pub(crate) text: Option<String>,
    pub(crate) html: Option<String>,
    pub(crate) leaves: Vec<Leaf>,
}

/// Something that is attached, and where the encoded content of each file in it lies.
#[derive(Debug)]
pub(crate) struct Leaf {
    pub(crate) attachment: Attachment,
    pub(crate) places: Vec<Option<Range<usize>>>,
}

impl From<Leaf> for Body {
    fn from(leaf: Leaf) -> Self {
        Self {
            leaves: vec![leaf],
            ..Self::default()
        }
    }
}

impl Body {
    pub(crate) fn text(text: String) -> Self {
        Self {
            text: Some(text),
            ..Self::default()
        }
    }

    pub(crate) fn html(html: String) -> Self {
        Self {
            html: Some(html),
            ..Self::default()
        }
    }

    fn is_empty(&self) -> bool {
        self.text.is_none() && self.html.is_none()
    }

    /// All of several parts, one after the other: Apple Mail puts text, a picture, text. If any of them is HTML, the
    /// others become HTML as well.
    pub(crate) fn all_of(bodies: Vec<Body>) -> Self {
        let mut all = Self::default();
        let mut texts = Vec::new();
        for body in bodies {
            all.leaves.extend(body.leaves);
            if body.text.is_some() || body.html.is_some() {
                texts.push((body.text, body.html));
            }
        }
        if texts.len() == 1 {
            (all.text, all.html) = texts.remove(0);
            return all;
        }
        if texts.iter().any(|(_, html)| html.is_some()) {
            let pieces = texts.iter().map(|(text, html)| match (html, text) {
                (Some(html), _) => html.clone(),
                (None, text) => html::from_text(text.as_deref().unwrap_or_default()),
            });
            all.html = Some(html::joined(&pieces.collect::<Vec<_>>()));
        }
        let texts = texts
            .into_iter()
            .filter_map(|(text, html)| text.or_else(|| Some(html::to_text(&html?))));
        all.text = joined(texts);
        all
    }

    /// Of several forms of one text, the first that is plain, and the last that is HTML. Forms that are neither, and
    /// other texts, are attached.
    pub(crate) fn best_of(bodies: Vec<Body>) -> Self {
        let mut best = Self::default();
        let last_html = bodies.iter().rposition(|body| body.html.is_some());
        let plain = bodies
            .iter()
            .position(|body| body.text.is_some() && body.html.is_none());
        for (number, mut body) in bodies.into_iter().enumerate() {
            best.leaves.append(&mut body.leaves);
            if Some(number) == last_html {
                best.html = body.html.take();
                best.text = best.text.or(body.text.take());
            } else if Some(number) == plain {
                // A form that is only plain goes before the text of one that has HTML, too.
                best.text = body.text.take();
            }
            if !body.is_empty() {
                best.leaves.extend(other_form(body));
            }
        }
        best
    }
}

/// A form of the text that is not the one that is shown.
fn other_form(body: Body) -> impl Iterator<Item = Leaf> {
    let text = body.text.filter(|text| !text.trim().is_empty());
    let html = body.html.filter(|html| !html.trim().is_empty());
    let text =
        text.map(|text| Attachment::file("alternative.txt", "text/plain", text.into_bytes()));
    let html =
        html.map(|html| Attachment::file("alternative.html", "text/html", html.into_bytes()));
    [text, html].into_iter().flatten().map(|attachment| Leaf {
        attachment,
        places: vec![None],
    })
}

fn joined(texts: impl Iterator<Item = String>) -> Option<String> {
    let mut all: Option<String> = None;
    for text in texts {
        match &mut all {
            None => all = Some(text),
            Some(all) => {
                if !all.is_empty() && !all.ends_with('\n') {
                    all.push_str("\r\n");
                }
                all.push_str(&text);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Body {
        Body::text(text.to_owned())
    }

    fn html(html: &str) -> Body {
        Body::html(html.to_owned())
    }

    #[test]
    fn texts_one_after_the_other_are_one() {
        let all = Body::all_of(vec![text("a"), text("b\n"), text("c")]);
        assert_eq!((all.text.as_deref(), all.html), (Some("a\r\nb\nc"), None));
        let all = Body::all_of(vec![html("<p>a</p>"), text("<b>")]);
        assert!(
            all.html
                .is_some_and(|html| html.starts_with("<p>a</p>") && html.contains("&lt;b&gt;"))
        );
        assert!(
            all.text
                .is_some_and(|text| text.contains('a') && text.contains("<b>"))
        );
    }

    #[test]
    fn of_several_forms_the_best_are_taken_and_none_is_lost() {
        let best = Body::best_of(vec![
            text("a"),
            html("<p>a</p>"),
            html("<p>b</p>"),
            text("c"),
        ]);
        assert_eq!(
            (best.text.as_deref(), best.html.as_deref()),
            (Some("a"), Some("<p>b</p>"))
        );
        let names: Vec<&str> = best
            .leaves
            .iter()
            .map(|leaf| &*leaf.attachment.name)
            .collect();
        assert_eq!(names, ["alternative.html", "alternative.txt"]);
    }
}
