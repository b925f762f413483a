//! Shape of files, and what must not be left in them.

use crate::source::{rust_files, text_files};
use crate::{report, words};

const LONGEST: usize = 600;

#[test]
fn modules_are_short() {
    let problems: Vec<String> = rust_files()
        .iter()
        .filter(|file| !file.is_in(&["src/abi"]))
        .map(|file| (file, file.text().lines().count()))
        .filter(|(_, lines)| *lines > LONGEST)
        .map(|(file, lines)| format!("{}: {lines} lines", file.path))
        .collect();
    report(
        "A module has 400 lines or so, and never more than 600. Split it by idea:",
        &problems,
    );
}

#[test]
fn text_is_clean() {
    let mut problems = Vec::new();
    for file in text_files() {
        let text = file.text();
        if text.contains('\r') {
            problems.push(format!("{}: line ends are not LF", file.path));
        }
        if !text.is_empty() && !text.ends_with('\n') {
            problems.push(format!("{}: the last line has no end", file.path));
        }
        let trailing = |(number, line): (usize, &str)| {
            let place = || format!("{}:{}: white space at the end", file.path, number + 1);
            line.ends_with([' ', '\t']).then(place)
        };
        problems.extend(text.split('\n').enumerate().filter_map(trailing));
    }
    report(
        "Text files have LF line ends, the last line's too, and no white space before them:",
        &problems,
    );
}

#[test]
fn nothing_is_left_undone() {
    let mut problems = Vec::new();
    for file in rust_files() {
        let words = words::of(&file);
        for position in 0..words.len() {
            problems.extend(undone(&words, position).map(|what| format!("{}: {what}", file.path)));
        }
    }
    report(
        "A test that is ignored and a function that is to do are promises. Keep them or take them out:",
        &problems,
    );
}

fn undone(words: &[String], position: usize) -> Option<&'static str> {
    const UNDONE: [(&[&str], &str); 4] = [
        (&["#", "[", "ignore"], "#[ignore]"),
        (&["todo", "!"], "todo!"),
        (&["unimplemented", "!"], "unimplemented!"),
        (&["dbg", "!"], "dbg!"),
    ];
    let found = UNDONE
        .iter()
        .find(|(pattern, _)| words::at(words, position, pattern))?;
    Some(found.1)
}
