//! Links between pages lead somewhere: the manual is read as a book and on GitHub, and neither reports those that
//! don't.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use crate::report;
use crate::source::{File, root, text_files};

/// The pages. What the template generates has links of its own, and the explanations have the links of the chapter
/// that is made from them.
fn pages() -> Vec<File> {
    let mut files = text_files();
    files.retain(|file| {
        file.path.ends_with(".md")
            && !file.is_in(&["codegen/src/diag/explanations.md", "templates/provider"])
    });
    files
}

/// The lines of a page outside code blocks.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut code = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        !code && !fence
    })
}

/// The targets of `[text](target)`.
fn links(text: &str) -> Vec<String> {
    let targets = prose(text).flat_map(|line| line.split("](").skip(1));
    targets
        .filter_map(|rest| Some(rest.split_once(')')?.0.to_owned()))
        .collect()
}

/// The anchors of a page's headings, as GitHub and mdBook make them.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = prose(text).filter(|line| line.starts_with('#'));
    headings
        .map(|line| anchor(line.trim_start_matches('#')))
        .collect()
}

fn anchor(heading: &str) -> String {
    let kept = heading.trim().chars().filter_map(|c| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        c if c.is_alphanumeric() => Some(c.to_ascii_lowercase()),
        _ => None,
    });
    kept.collect()
}

/// A path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut normal, part| {
        match part {
            Component::ParentDir => {
                normal.pop();
            }
            Component::CurDir => {}
            part => normal.push(part),
        }
        normal
    })
}

/// Why a link of a page leads nowhere.
fn broken(page: &File, link: &str) -> Option<String> {
    if link.contains("://") {
        return None;
    }
    let (path, wanted) = link.split_once('#').unwrap_or((link, ""));
    let folder = Path::new(&page.path).parent().unwrap_or(Path::new(""));
    let target = match path {
        "" => PathBuf::from(&page.path),
        path => normal(&folder.join(path)),
    };
    let file = root().join(&target);
    if !file.exists() {
        return Some(format!("{}: {link}: there is no such file", page.path));
    }
    let text = std::fs::read_to_string(&file).unwrap_or_default();
    (!wanted.is_empty() && !anchors(&text).contains(wanted))
        .then(|| format!("{}: {link}: there is no such heading", page.path))
}

#[test]
fn links_lead_somewhere() {
    let mut problems = Vec::new();
    let mut checked = 0;
    for page in pages() {
        for link in links(page.text()) {
            checked += 1;
            problems.extend(broken(&page, &link));
        }
    }
    assert!(checked > 60, "only {checked} links: the walk is broken");
    report(
        "Links between pages lead somewhere. These don't:",
        &problems,
    );
}

/// Every page of `docs` is a chapter of the book, and every chapter a page.
#[test]
fn the_book_has_every_page() {
    let pages = pages();
    let summary = pages.iter().find(|page| page.path == "docs/SUMMARY.md");
    let chapters: BTreeSet<String> = links(summary.expect("the summary").text())
        .into_iter()
        .map(|link| format!("docs/{link}"))
        .collect();
    let files: BTreeSet<String> = pages
        .iter()
        .filter(|page| page.is_in(&["docs"]) && page.path != "docs/SUMMARY.md")
        .map(|page| page.path.clone())
        .collect();
    let alone = files
        .symmetric_difference(&chapters)
        .cloned()
        .collect::<Vec<_>>();
    report(
        "docs/SUMMARY.md names every page of docs, and nothing else. These are in one alone:",
        &alone,
    );
}

#[test]
fn headings_become_anchors() {
    assert_eq!(anchor(" `[[service.setting]]`"), "servicesetting");
    assert_eq!(anchor(" 1. The command"), "1-the-command");
    assert_eq!(
        links("a [b](c.md#d) e\n```\n[x](y)\n```\n[f](g)"),
        ["c.md#d", "g"]
    );
    assert_eq!(
        normal(Path::new("docs/manual/../adr")),
        Path::new("docs/adr")
    );
}
