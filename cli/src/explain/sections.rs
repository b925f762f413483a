//! The pages of the manual that are explanations, taken apart.

use mapi_provider_codegen::diag;
use mapi_provider_manual::{CONTRACT, STATUS_CODES};

/// A section of a page, or a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Section {
    /// Its title: a code.
    pub(super) title: &'static str,
    /// The heading above it.
    pub(super) part: &'static str,
    /// Its text, Markdown.
    pub(super) text: &'static str,
}

/// What checks report.
pub(super) fn diagnostics() -> Vec<Section> {
    sections(diag::explanations())
}

/// What the runtime answers.
pub(super) fn status_codes() -> Vec<Section> {
    sections(STATUS_CODES)
}

/// What generated code keeps.
pub(super) fn rules() -> Vec<Section> {
    rows(CONTRACT)
}

/// The sections under `## title`, each with the `# part` before it.
fn sections(page: &'static str) -> Vec<Section> {
    let mut found = Vec::new();
    let mut part = "";
    let mut open: Option<(&str, usize)> = None;
    for (start, line) in lines(page) {
        let (title, new_part) = (line.strip_prefix("## "), line.strip_prefix("# "));
        if title.is_none() && new_part.is_none() {
            continue;
        }
        found.extend(open.take().map(|(title, from)| Section {
            title,
            part,
            text: page[from..start].trim(),
        }));
        part = new_part.unwrap_or(part);
        open = title.map(|title| (title, start + line.len()));
    }
    found.extend(open.map(|(title, from)| Section {
        title,
        part,
        text: page[from..].trim(),
    }));
    found
}

/// The rows `| ID | text |` of the tables, each with the `## part` before it.
fn rows(page: &'static str) -> Vec<Section> {
    let mut part = "";
    let mut found = Vec::new();
    for (_, line) in lines(page) {
        part = line.strip_prefix("## ").unwrap_or(part);
        let row = line
            .strip_prefix("| ")
            .and_then(|row| row.strip_suffix(" |"));
        if let Some((title, text)) = row.and_then(|row| row.split_once(" | "))
            && title.contains('-')
            && !title.starts_with('-')
        {
            found.push(Section { title, part, text });
        }
    }
    found
}

/// The lines outside code blocks, each with its place.
fn lines(page: &'static str) -> impl Iterator<Item = (usize, &'static str)> {
    let mut start = 0;
    let mut code = false;
    page.split_inclusive('\n').filter_map(move |line| {
        let place = start;
        start += line.len();
        let fence = line.starts_with("```");
        code ^= fence;
        (!code && !fence).then_some((place, line.trim_end()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_have_their_text_and_their_part() {
        let page =
            "intro\n\n# One\n\n## a\n\nfirst\n\n```text\n## no title\n```\n\n# Two\n\n## b\nlast\n";
        let found = sections(page);
        let titles: Vec<_> = found.iter().map(|s| (s.part, s.title)).collect();
        assert_eq!(titles, [("One", "a"), ("Two", "b")]);
        assert_eq!(found[0].text, "first\n\n```text\n## no title\n```");
        assert_eq!(found[1].text, "last");
    }

    #[test]
    fn rows_are_rules_where_they_have_an_id() {
        let page = "## SYNC: x\n\n| id | rule |\n|---|---|\n| SYNC-01 | a \\| b |\n\n## COM: y\n\n| COM-01 | c |\n";
        let found = rows(page);
        let rules: Vec<_> = found.iter().map(|s| (s.part, s.title, s.text)).collect();
        assert_eq!(
            rules,
            [("SYNC: x", "SYNC-01", "a \\| b"), ("COM: y", "COM-01", "c")]
        );
    }

    #[test]
    fn no_page_is_empty() {
        assert!(diagnostics().len() > 40);
        assert!(status_codes().len() > 30);
        assert!(rules().len() > 50);
    }
}
