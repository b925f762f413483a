//! How two texts differ, line by line.

use std::collections::VecDeque;

/// How many lines around a change are shown with it.
const CONTEXT: usize = 2;
/// The most lines that are shown.
const MOST: usize = 100;
/// If texts have more to compare than this, everything between their first and last difference counts as one.
const MOST_PAIRS: usize = 1 << 22;

/// The lines to remove (`-`) and to add (`+`) to turn the first text into the second, with some context.
pub(super) fn difference(old: &str, new: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let mut shown = Vec::new();
    let mut before: VecDeque<String> = VecDeque::new();
    let mut after = 0;
    for (mark, line) in compare(&old, &new) {
        let line = format!("{mark} {line}");
        if mark != ' ' {
            shown.extend(before.drain(..));
            shown.push(line);
            after = CONTEXT;
        } else if after > 0 {
            after -= 1;
            shown.push(line);
        } else {
            before.push_back(line);
            if before.len() > CONTEXT {
                before.pop_front();
                // A mark shows that something is left out between two changes.
                if shown.last().is_some_and(|last| last != "…") {
                    shown.push("…".to_owned());
                }
            }
        }
    }
    if shown.last().is_some_and(|last| last == "…") {
        shown.pop();
    }
    if shown.len() > MOST {
        let more = shown.len() - MOST;
        shown.truncate(MOST);
        shown.push(format!("… and {more} more lines"));
    }
    if shown.is_empty() {
        // All lines are the same.
        return "the last line ends differently".to_owned();
    }
    shown.join("\n")
}

fn compare<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<(char, &'t str)> {
    let same = |(one, other): &(&&str, &&str)| one == other;
    let start = old.iter().zip(new).take_while(same).count();
    let (old_rest, new_rest) = (&old[start..], &new[start..]);
    let end = old_rest.iter().rev().zip(new_rest.iter().rev());
    let end = end.take_while(same).count();
    let old_middle = &old_rest[..old_rest.len() - end];
    let new_middle = &new_rest[..new_rest.len() - end];
    let mut lines: Vec<(char, &str)> = old[..start].iter().map(|line| (' ', *line)).collect();
    lines.extend(middle(old_middle, new_middle));
    lines.extend(old[old.len() - end..].iter().map(|line| (' ', *line)));
    lines
}

/// The longest lines in common stay.
fn middle<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<(char, &'t str)> {
    let width = new.len() + 1;
    if (old.len() + 1).saturating_mul(width) > MOST_PAIRS {
        let gone = old.iter().map(|line| ('-', *line));
        return gone.chain(new.iter().map(|line| ('+', *line))).collect();
    }
    // How many lines the remainders have in common, for each pair of places.
    let mut common = vec![0_u32; (old.len() + 1) * width];
    for one in (0..old.len()).rev() {
        for other in (0..new.len()).rev() {
            common[one * width + other] = if old[one] == new[other] {
                common[(one + 1) * width + other + 1] + 1
            } else {
                common[(one + 1) * width + other].max(common[one * width + other + 1])
            };
        }
    }
    let (mut one, mut other, mut lines) = (0, 0, Vec::new());
    while one < old.len() && other < new.len() {
        if old[one] == new[other] {
            lines.push((' ', old[one]));
            (one, other) = (one + 1, other + 1);
        } else if common[(one + 1) * width + other] >= common[one * width + other + 1] {
            lines.push(('-', old[one]));
            one += 1;
        } else {
            lines.push(('+', new[other]));
            other += 1;
        }
    }
    lines.extend(old[one..].iter().map(|line| ('-', *line)));
    lines.extend(new[other..].iter().map(|line| ('+', *line)));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_and_comes_is_shown_with_what_is_around_it() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let new = "1\n2\n3\nfour\n5\n6\n7\n8\n9\n10\n";
        assert_eq!(
            difference(old, new),
            "  2\n  3\n- 4\n+ four\n  5\n  6\n…\n  8\n  9\n+ 10"
        );
        assert_eq!(difference("", "a\n"), "+ a");
        assert_eq!(difference("a\nb\nc\n", "c\n"), "- a\n- b\n  c");
        assert_eq!(difference("a", "a\n"), "the last line ends differently");
    }

    #[test]
    fn much_is_counted() {
        let many = |first: usize| (first..first + 4000).map(|n| format!("{n}\n"));
        let shown = difference(
            &many(0).collect::<String>(),
            &many(9000).collect::<String>(),
        );
        assert_eq!(shown.lines().count(), MOST + 1);
        assert!(shown.ends_with("… and 7900 more lines"), "{shown}");
    }
}
