//! What the settings dialog shows: the `label` of each setting, and its `page` (ENTRY-14).

use std::ops::Range;

use super::{Check, raw};
use crate::{diag::Code, toml_tree::Spanned};

/// What a line of the dialog has room for.
const TEXT_MAX: usize = 40;

/// The pages of the dialog so far, in order, and the labels on them.
pub(super) struct Pages {
    /// The title of the first page, if no setting names one.
    first: String,
    pages: Vec<Page>,
}

struct Page {
    title: String,
    /// Where it was first named, or the name of its first setting.
    span: Range<usize>,
    labels: Vec<Label>,
}

struct Label {
    /// As it is read: without the letter that is marked.
    read: String,
    /// The setting's name.
    setting: String,
    /// The place that gives it.
    span: Range<usize>,
}

/// Where a setting is in the dialog, and what it is called there.
pub(super) struct Shown {
    pub(super) label: String,
    pub(super) page: String,
}

impl Pages {
    /// None yet; the first has the provider's name, where settings name no other.
    pub(super) fn new(provider: Option<&Spanned<String>>) -> Self {
        Self {
            first: provider.map_or_else(String::new, |name| name.value.clone()),
            pages: Vec::new(),
        }
    }
}

impl Check<'_> {
    /// How the dialog shows a setting that comes after those on these pages.
    pub(super) fn shown(&self, raw: &raw::Setting, pages: &mut Pages) -> Option<Shown> {
        let name = raw.name.as_ref()?;
        let page = self.page(raw.page.as_ref(), name, pages);
        let label = match &raw.label {
            Some(label) => self.dialog_text(Code::BadLabel, "label", label),
            None => Some(label_of(&name.value)),
        };
        let (page, label) = (page?, label?);
        let span = raw.label.as_ref().map_or(&name.span, |label| &label.span);
        let read = Label {
            read: label.replace('&', "").to_lowercase(),
            setting: name.value.clone(),
            span: span.clone(),
        };
        let page = pages.pages.get_mut(page)?;
        self.take_label(page, &label, read)?;
        let page = page.title.clone();
        Some(Shown { label, page })
    }

    /// Which of the pages it is on: the one that it names, or that of the setting before it.
    fn page(
        &self,
        named: Option<&Spanned<String>>,
        setting: &Spanned<String>,
        pages: &mut Pages,
    ) -> Option<usize> {
        let Some(named) = named else {
            if pages.pages.is_empty() {
                pages.pages.push(Page {
                    title: pages.first.clone(),
                    span: setting.span.clone(),
                    labels: Vec::new(),
                });
            }
            return pages.pages.len().checked_sub(1);
        };
        let title = self.dialog_text(Code::BadPage, "page", named)?;
        let last = pages.pages.len().checked_sub(1);
        match pages.pages.iter().position(|page| page.title == title) {
            Some(known) if Some(known) == last => return Some(known),
            Some(known) => {
                self.push(
                    self.error(
                        Code::SplitPage,
                        &named.span,
                        format!("the settings of the page `{title}` don't stand together"),
                    )
                    .context(
                        self.source,
                        pages.pages[known].span.clone(),
                        "it begins here",
                    )
                    .help("move this setting to the others of that page, or name another page"),
                );
                return None;
            }
            None => {}
        }
        pages.pages.push(Page {
            title,
            span: named.span.clone(),
            labels: Vec::new(),
        });
        Some(pages.pages.len() - 1)
    }

    fn take_label(&self, page: &mut Page, label: &str, new: Label) -> Option<()> {
        let mut known = page.labels.iter();
        // Of two settings with one name another check tells.
        let first = known.find(|known| known.read == new.read && known.setting != new.setting);
        if let Some(first) = first {
            self.push(
                self.error(
                    Code::DuplicateLabel,
                    &new.span,
                    format!(
                        "two settings on the page `{}` are called `{label}`",
                        page.title
                    ),
                )
                .context(self.source, first.span.clone(), "the first is here")
                .help("give one of them another `label`: users could not tell them apart"),
            );
            return None;
        }
        page.labels.push(new);
        Some(())
    }

    /// A text that the dialog has room for.
    pub(super) fn dialog_text(
        &self,
        code: Code,
        key: &str,
        text: &Spanned<String>,
    ) -> Option<String> {
        let problem = if text.value.trim().is_empty() {
            "is empty"
        } else if text.value.chars().any(char::is_control) {
            "contains control characters"
        } else if text.value.chars().count() > TEXT_MAX {
            "is longer than 40 characters"
        } else {
            return Some(text.value.clone());
        };
        self.push(
            self.error(code, &text.span, format!("the {key} {problem}"))
                .help(format!(
                    "write a few words on one line, such as `{key} = \"Server\"`"
                )),
        );
        None
    }
}

/// `server_name` is shown as `Server name`.
fn label_of(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut characters = words.trim().chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    let label: String = first.into_iter().chain(characters).collect();
    label.chars().take(TEXT_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::label_of;

    #[test]
    fn a_label_is_made_of_the_name() {
        assert_eq!(label_of("server"), "Server");
        assert_eq!(label_of("user_name_"), "User name");
        assert_eq!(label_of("_"), "");
        assert_eq!(label_of(&"a".repeat(64)).len(), 40);
    }
}
