//! The rooms of each crate, its top-level modules: what they import.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{File, rust_files};
use crate::{report, words};

/// Where the source of our crates lies. Examples and templates are crates as teams have them: what `provider!` makes stands
/// at their root.
const CRATES: [&str; 14] = [
    "abi/src",
    "cli/src",
    "codegen/src",
    "host/mapi32/src",
    "host/mspst/src",
    "host/src",
    "macros/src",
    "mailbox/src",
    "mime/src",
    "src",
    "table/src",
    "templates/src",
    "twoway/src",
    "xtask/src",
];

/// Rooms that nobody writes by hand: they name whatever they need, and that is no arrow.
const GENERATED: &str = "generated";

/// Where `rustfmt::skip` stands before what the generator has formatted.
const SKIPPED: [&str; 2] = ["abi/src/lib.rs", "tests/interfaces/main.rs"];

/// The source of a crate.
struct Crate<'f> {
    /// The folder with its `lib.rs` or `main.rs`.
    folder: &'static str,
    files: Vec<&'f File>,
}

/// The arrows of a crate, from room to room, each with a file that it comes from.
type Arrows<'f> = BTreeMap<&'f str, BTreeMap<String, &'f str>>;

fn crates<'f>(folders: &[&'static str], files: &'f [File]) -> Vec<Crate<'f>> {
    let one = |folder: &&'static str| Crate {
        folder,
        files: files.iter().filter(|file| file.is_in(&[folder])).collect(),
    };
    folders.iter().map(one).collect()
}

impl<'f> Crate<'f> {
    /// A file's place: `sync/job.rs`.
    fn place(&self, file: &'f File) -> &'f str {
        &file.path[self.folder.len() + 1..]
    }

    /// The room that a file belongs to; none for the crate's root.
    fn room(&self, file: &'f File) -> Option<&'f str> {
        let first = self.place(file).split('/').next()?;
        let room = first.strip_suffix(".rs").unwrap_or(first);
        // A program may have files of its own beside its root: each is a root.
        (!matches!(room, "lib" | "main" | "bin")).then_some(room)
    }

    fn rooms(&self) -> BTreeSet<&'f str> {
        let rooms = self.files.iter().filter_map(|file| self.room(file));
        rooms.collect()
    }

    /// How many modules lie above what a file says: one for `sync/mod.rs`, two for `sync/job.rs`.
    fn depth(&self, file: &'f File) -> usize {
        let place = self.place(file).trim_end_matches("/mod.rs");
        place.split('/').count()
    }

    /// The names that a file takes from the root of its crate, rooms and others.
    fn taken(&self, file: &'f File, words: &[String]) -> Vec<String> {
        let mut names = Vec::new();
        from_root(words, self.depth(file), &mut names);
        names
    }

    /// What each room imports of others, but for tests.
    fn arrows(&self) -> Arrows<'f> {
        let rooms = self.rooms();
        let mut arrows = Arrows::new();
        for file in self.files.iter().filter(|file| !file.is_test()) {
            let Some(room) = self.room(file).filter(|room| *room != GENERATED) else {
                continue;
            };
            let words = words::without_tests(&words::without_quoted(&words::of(file)));
            for name in self.taken(file, &words) {
                if name != room && rooms.contains(name.as_str()) {
                    arrows.entry(room).or_default().insert(name, &file.path);
                }
            }
        }
        arrows
    }

    /// The names that rooms, their tests included, take from the root and that are no rooms. What begins with `__` is a
    /// macro, which the compiler puts there.
    fn taken_from_root(&self) -> Vec<String> {
        let rooms = self.rooms();
        let mut problems = Vec::new();
        for file in self.files.iter().filter(|file| self.room(file).is_some()) {
            let words = words::without_quoted(&words::of(file));
            let names = self.taken(file, &words).into_iter();
            let wrong =
                names.filter(|name| !rooms.contains(name.as_str()) && !name.starts_with("__"));
            problems.extend(wrong.map(|name| format!("{}: crate::{name}", file.path)));
        }
        problems
    }
}

/// The names behind each `crate::`, and behind so many `super::` that they lead there.
fn from_root(words: &[String], depth: usize, names: &mut Vec<String>) {
    let mut position = 0;
    while position < words.len() {
        // A module within the file lies one deeper.
        if words[position] == "mod" && words::at(words, position + 2, &["{"]) {
            let inside = words::inside(words, position + 2);
            from_root(inside, depth + 1, names);
            position += inside.len() + 4;
            continue;
        }
        let end = after_supers(words, position);
        if words::at(words, position, &["crate", ":", ":"]) {
            position += 3;
            first_names(words, position, names);
        } else if end > position {
            if (end - position) / 3 == depth {
                first_names(words, end, names);
            }
            position = end;
        } else {
            position += 1;
        }
    }
}

/// Where a path goes on that begins with `super::` at a position, once or more often.
fn after_supers(words: &[String], mut position: usize) -> usize {
    while words::at(words, position, &["super", ":", ":"]) {
        position += 3;
    }
    position
}

/// The name at a position, or the first names in the braces there.
fn first_names(words: &[String], position: usize, names: &mut Vec<String>) {
    if !words::at(words, position, &["{"]) {
        names.extend(words.get(position).cloned());
        return;
    }
    let mut inside = words::inside(words, position).iter();
    let (mut depth, mut begins) = (0_usize, true);
    for word in inside.by_ref() {
        match word.as_str() {
            "{" => depth += 1,
            "}" => depth -= 1,
            "," if depth == 0 => {
                begins = true;
                continue;
            }
            _ if begins => names.push(word.clone()),
            _ => {}
        }
        begins = false;
    }
}

/// The circles of a crate, each once: the shortest way from a room back to itself.
fn circles(arrows: &Arrows<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let mut told = BTreeSet::new();
    for room in arrows.keys() {
        let Some(way) = way_back(arrows, room) else {
            continue;
        };
        if !told.insert(way.iter().cloned().collect::<BTreeSet<String>>()) {
            continue;
        }
        let mut text = (*room).to_owned();
        for (from, to) in way.iter().zip(way.iter().cycle().skip(1)) {
            text += &format!(" → {to} ({})", arrows[from.as_str()][to]);
        }
        found.push(text);
    }
    found
}

/// The rooms of the shortest way from a room back to itself, that room first.
fn way_back(arrows: &Arrows<'_>, room: &str) -> Option<Vec<String>> {
    let mut ways = vec![vec![room.to_owned()]];
    let mut seen = BTreeSet::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            let next = arrows.get(way.last()?.as_str()).into_iter().flatten();
            for (to, _) in next {
                if to == room {
                    return Some(way);
                }
                if seen.insert(to.clone()) {
                    longer.push([way.as_slice(), std::slice::from_ref(to)].concat());
                }
            }
        }
        ways = longer;
    }
    None
}

#[test]
fn no_two_rooms_import_each_other() {
    let files = rust_files();
    let crates = crates(&CRATES, &files);
    for one in &crates {
        assert!(!one.files.is_empty(), "{} has no files", one.folder);
    }
    let circles = crates.iter().flat_map(|one| circles(&one.arrows()));
    let problems: Vec<String> = circles.collect();
    report(
        "The arrows between the top-level modules of a crate make no circle. Move what both need into a room below, or \
         let the lower one ask by a trait of its own:",
        &problems,
    );
}

#[test]
fn no_room_imports_from_the_crates_root() {
    let files = rust_files();
    let mut problems: Vec<String> = crates(&CRATES, &files)
        .iter()
        .flat_map(Crate::taken_from_root)
        .collect();
    let names_itself = |file: &&File| {
        let words = words::of(file);
        (0..words.len()).any(|at| words::at(&words, at, &["extern", "crate", "self"]))
    };
    let selves = files.iter().filter(names_itself);
    problems.extend(selves.map(|file| format!("{}: extern crate self", file.path)));
    report(
        "What a crate's root re-exports is for others. Import it from the room where it is:",
        &problems,
    );
}

#[test]
fn what_people_write_is_formatted() {
    let skips = |file: &&File| {
        let words = words::of(file);
        (0..words.len()).any(|at| words::at(&words, at, &["rustfmt", ":", ":", "skip"]))
    };
    let files = rust_files();
    let problems: Vec<String> = files
        .iter()
        .filter(|file| !file.is_in(&SKIPPED))
        .filter(skips)
        .map(|file| file.path.clone())
        .collect();
    report(
        "`rustfmt::skip` is for what the generator has formatted. Let rustfmt format the rest:",
        &problems,
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(texts: &[(&str, &str)]) -> Vec<File> {
        let file = |(path, text): &(&str, &str)| File {
            path: format!("x/src/{path}"),
            bytes: (*text).into(),
        };
        texts.iter().map(file).collect()
    }

    fn circles_of(texts: &[(&str, &str)]) -> Vec<String> {
        let files = files(texts);
        circles(&crates(&["x/src"], &files)[0].arrows())
    }

    fn taken_from_root(texts: &[(&str, &str)]) -> Vec<String> {
        let files = files(texts);
        crates(&["x/src"], &files)[0].taken_from_root()
    }

    #[test]
    fn a_circle_is_told_once_with_its_files() {
        let circle = [
            ("lib.rs", "mod a; mod b; mod c; mod d;"),
            ("a.rs", "use crate::b::B;"),
            ("b/mod.rs", "mod deep; use super::d;"),
            ("b/deep.rs", "fn f() { super::super::c::g() }"),
            ("c.rs", "use crate::{a::{A, d}, d::D};"),
            ("d.rs", "use std::fmt;"),
        ];
        assert_eq!(
            circles_of(&circle),
            ["a → b (x/src/a.rs) → c (x/src/b/deep.rs) → a (x/src/c.rs)"]
        );
    }

    #[test]
    fn arrows_one_way_are_no_circle_nor_are_those_of_tests_and_generated_code() {
        let lines = [
            (
                "lib.rs",
                "mod a; mod b; mod generated; pub use crate::a::A;",
            ),
            (
                "a/mod.rs",
                "mod c; use crate::{b, generated::G}; use self::c::C;",
            ),
            ("a/c.rs", "use super::A; use crate::a::B;"),
            (
                "b.rs",
                "mod inner { use super::B; } #[cfg(test)] mod tests { use crate::a::A; }",
            ),
            ("b/tests.rs", "use crate::a::A;"),
            ("generated/mod.rs", "use crate::a::A;"),
        ];
        assert_eq!(circles_of(&lines), <[&str; 0]>::default());
    }

    #[test]
    fn an_import_from_the_root_is_noticed_wherever_it_stands() {
        let texts = [
            ("main.rs", "mod a; mod b; struct A; use crate::A;"),
            (
                "a.rs",
                "use super::A; use crate::{b::C, B}; mod inner { use super::super::C; use super::D; }",
            ),
            (
                "b.rs",
                "pub use crate::__macro; #[cfg(test)] mod tests { use crate::D; } // crate::E",
            ),
        ];
        assert_eq!(
            taken_from_root(&texts),
            [
                "x/src/a.rs: crate::A",
                "x/src/a.rs: crate::B",
                "x/src/a.rs: crate::C",
                "x/src/b.rs: crate::D"
            ]
        );
    }
}
