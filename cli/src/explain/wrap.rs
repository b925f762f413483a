//! Text for a terminal of any width: paragraphs are filled, everything else is left as it is.

/// The number of columns in a line.
const COLUMNS: usize = 96;

/// Refills the paragraphs of a text. Code, lists, tables and quotes keep their lines, except a list's line that is
/// too long.
pub(super) fn fill(text: &str) -> String {
    let mut filled = Vec::new();
    let mut code = false;
    let mut paragraph = String::new();
    for line in text.lines() {
        let fence = line.trim_start().starts_with("```");
        if code || fence || line.trim().is_empty() || starts_something(line) {
            filled.extend(wrapped(&std::mem::take(&mut paragraph)));
        }
        code ^= fence;
        if code || fence || line.trim().is_empty() {
            filled.push(line.to_owned());
        } else {
            join(&mut paragraph, line);
        }
    }
    filled.extend(wrapped(&paragraph));
    filled.join("\n")
}

/// At most that many characters of a text; a cut text ends with `…`.
pub(super) fn cut(text: &str, columns: usize) -> String {
    if text.chars().count() <= columns {
        return text.to_owned();
    }
    let kept: String = text.chars().take(columns - 1).collect();
    format!("{}…", kept.trim_end())
}

/// Whether a line begins an item or a row.
fn starts_something(line: &str) -> bool {
    let line = line.trim_start();
    ["- ", "* ", "| ", "> "]
        .iter()
        .any(|mark| line.starts_with(mark))
}

fn join(paragraph: &mut String, line: &str) {
    if paragraph.is_empty() {
        paragraph.push_str(line.trim_end());
    } else {
        paragraph.push(' ');
        paragraph.push_str(line.trim());
    }
}

/// The lines of a paragraph; an item's have its indentation.
fn wrapped(paragraph: &str) -> Vec<String> {
    let body = paragraph.trim_start();
    let mut indent = " ".repeat(paragraph.len() - body.len());
    let mut lines = Vec::new();
    let mut line = indent.clone();
    if body.starts_with("- ") {
        indent.push_str("  ");
    }
    for word in body.split(' ') {
        let empty = line.trim().is_empty();
        if !empty && line.chars().count() + 1 + word.chars().count() > COLUMNS {
            lines.push(std::mem::replace(&mut line, format!("{indent}{word}")));
        } else {
            line.push_str(if empty { "" } else { " " });
            line.push_str(word);
        }
    }
    if !body.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, cut, fill};

    #[test]
    fn paragraphs_are_filled_and_code_is_not() {
        let text = "one\ntwo\n\n```toml\na = 1\nb = 2\n```\n\n- item\n  goes on\n- next";
        assert_eq!(
            fill(text),
            "one two\n\n```toml\na = 1\nb = 2\n```\n\n- item goes on\n- next"
        );
    }

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(cut("ab cd", 5), "ab cd");
        assert_eq!(cut("ab cd", 4), "ab…");
    }

    #[test]
    fn no_line_is_longer_than_it_may_be_and_no_word_is_lost() {
        let text = format!("- {}", "word ".repeat(100).trim());
        let filled = fill(&text);
        assert!(filled.lines().count() > 4);
        assert!(filled.lines().all(|line| line.chars().count() <= COLUMNS));
        assert!(
            filled
                .lines()
                .skip(1)
                .all(|line| line.starts_with("  word"))
        );
        assert_eq!(filled.split_whitespace().count(), 101);
        let long = "x".repeat(200);
        assert_eq!(fill(&long), long);
        assert_eq!(fill(""), "");
    }
}
