//! The demo as a picture, which the README shows: `docs/demo.svg` has what it says, line by line.
//!
//! `cargo xtask picture` draws it anew. Otherwise the test that runs the demo compares: what the picture says must be what
//! the demo says now, but for what differs from run to run.

use std::env;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use regex_lite::Regex;
use unicode_width::UnicodeWidthChar;

/// The folder that the picture tells of.
const FOLDER: &str = "~/demo";

/// A column's width and a line's height, in points that belong together.
const COLUMN: f64 = 7.8;
const LINE: f64 = 17.0;
const MARGIN: f64 = 18.0;

/// Compares the picture with what the demo has said of a folder, or draws it where `BLESS` is set.
pub(crate) fn check(said: &str, folder: &Path) {
    let lines = lines(said, folder);
    let file = file();
    if env::var_os("BLESS").is_some() {
        fs::write(&file, svg(&lines)).expect("the picture is written");
    }
    let drawn = fs::read_to_string(&file).unwrap_or_default();
    let (drawn, lines) = (steady(&texts(&drawn)), steady(&lines));
    let differs = (0..drawn.len().max(lines.len())).find(|&at| drawn.get(at) != lines.get(at));
    if let Some(at) = differs {
        panic!(
            "{} is out of date; `cargo xtask picture` draws it anew. Line {}:\n  drawn: {:?}\n  now:   {:?}",
            file.display(),
            at + 1,
            drawn.get(at),
            lines.get(at)
        );
    }
}

fn file() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs the tests");
    Path::new(&package).join("../docs/demo.svg")
}

/// What is in the picture: the command, and what it says.
fn lines(said: &str, folder: &Path) -> Vec<String> {
    let said = said.replace(&*folder.to_string_lossy(), FOLDER);
    let command = format!("$ cargo mapi demo --dir {FOLDER}");
    let said = said.trim_end().lines().map(str::to_owned);
    [command].into_iter().chain(said).collect()
}

/// The lines without what differs from run to run, and from system to system.
fn steady(lines: &[String]) -> Vec<String> {
    let patterns = [
        (r"\d+\.\d s\b", "0.0 s"),
        (r"\d+ kB\b", "0 kB"),
        (r"\b(lib)?(\w+32)\.(so|dylib|dll)\b", "$2"),
        (r"\\", "/"),
    ];
    let patterns = patterns.map(|(pattern, with)| (Regex::new(pattern).expect("a pattern"), with));
    let line = |line: &String| {
        patterns.iter().fold(line.clone(), |line, (pattern, with)| {
            pattern.replace_all(&line, *with).into_owned()
        })
    };
    lines.iter().map(line).collect()
}

fn svg(lines: &[String]) -> String {
    let columns = lines.iter().map(|line| width(line)).max().unwrap_or(0);
    let wide = columns as f64 * COLUMN + 2.0 * MARGIN;
    let high = lines.len() as f64 * LINE + 2.0 * MARGIN;
    let mut svg = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide:.0} {high:.0}" width="{wide:.0}" height="{high:.0}" role="img">
<title>What cargo mapi demo says</title>
<style>
  text {{ font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #c9d1d9; white-space: pre }}
  .command {{ fill: #7ee787 }}
  .heading {{ fill: #ffffff; font-weight: bold }}
  .progress {{ fill: #8b949e }}
  .result {{ fill: #79c0ff }}
</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
"##
    );
    for (number, line) in lines.iter().enumerate() {
        let y = MARGIN + LINE * (number as f64 + 0.75);
        let class = class(line);
        // Writing to a string can't fail.
        let _ = writeln!(
            svg,
            r#"<text class="{class}" y="{y:.1}" xml:space="preserve">{}</text>"#,
            runs(line)
        );
    }
    svg + "</svg>\n"
}

/// What kind of line it is.
fn class(line: &str) -> &'static str {
    let first = line.chars().next().unwrap_or(' ');
    match first {
        '$' => "command",
        '[' => "progress",
        first if first.is_ascii_digit() => "heading",
        _ if line.starts_with("done in") || line.starts_with("nothing was") => "result",
        _ => "plain",
    }
}

/// The line, in pieces of which each begins at its column and takes as many as on a terminal, whatever font draws it. Gaps
/// are between the pieces: some programs make one blank of several.
fn runs(line: &str) -> String {
    let (mut drawn, mut column, mut rest) = (String::new(), 0, line);
    while !rest.is_empty() {
        let (run, after) = rest.split_at(run_length(rest));
        rest = after;
        let (x, long) = (MARGIN + column as f64 * COLUMN, width(run));
        column += long;
        let text = escaped(run);
        drawn += &match run.trim().is_empty() {
            true => text,
            false => format!(
                r#"<tspan x="{x:.1}" textLength="{:.1}" lengthAdjust="spacingAndGlyphs">{text}</tspan>"#,
                long as f64 * COLUMN
            ),
        };
    }
    drawn
}

/// How many bytes of a text go together: a gap, wide letters, or others up to either.
fn run_length(text: &str) -> usize {
    #[derive(PartialEq)]
    enum Kind {
        Gap,
        Wide,
        Text,
    }
    let kind = |at: usize| {
        let rest = &text[at..];
        let letter = rest.chars().next().unwrap_or(' ');
        let is_gap = rest.starts_with("  ") || letter == ' ' && text[..at].ends_with(' ');
        match letter.width() {
            _ if is_gap => Kind::Gap,
            Some(2) => Kind::Wide,
            _ => Kind::Text,
        }
    };
    let first = kind(0);
    let mut places = text.char_indices().map(|(at, _)| at);
    places.find(|&at| kind(at) != first).unwrap_or(text.len())
}

fn width(text: &str) -> usize {
    text.chars().filter_map(UnicodeWidthChar::width).sum()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// What a picture says.
fn texts(svg: &str) -> Vec<String> {
    let tags = Regex::new("<[^>]*>").expect("a pattern");
    let lines = svg.lines().filter(|line| line.starts_with("<text "));
    let text = |line: &str| {
        tags.replace_all(line, "")
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&amp;", "&")
    };
    lines.map(text).collect()
}

#[test]
fn a_picture_says_what_was_drawn() {
    let said = "1. a <b> & c in /tmp/x/y\n   見本花子  d &lt;\n\ndone in 0.2 s: S_OK\n\n";
    let lines = lines(said, Path::new("/tmp/x"));
    assert_eq!(
        lines,
        [
            "$ cargo mapi demo --dir ~/demo",
            "1. a <b> & c in ~/demo/y",
            "   見本花子  d &lt;",
            "",
            "done in 0.2 s: S_OK"
        ]
    );
    let svg = svg(&lines);
    assert_eq!(texts(&svg), lines);
    // What comes after a gap, wide letters and what comes after them begin at their columns.
    for column in [0, 3, 13] {
        let x = MARGIN + f64::from(column) * COLUMN;
        assert!(svg.contains(&format!(r#"<tspan x="{x:.1}""#)), "{svg}");
    }
}

#[test]
fn what_differs_from_run_to_run_is_no_difference() {
    let lines = |lines: [&str; 2]| steady(&lines.map(str::to_owned));
    assert_eq!(
        lines(["   libx32.so, 3577 kB, in 145.3 s", "in ~/demo/provider"]),
        lines(["   x32.dll, 12 kB, in 0.4 s", "in ~/demo\\provider"])
    );
    assert_ne!(lines(["a 22 lines", ""]), lines(["a 23 lines", ""]));
}
