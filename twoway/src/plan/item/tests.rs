//! All that can become of one item, as a table.

use super::*;
use crate::item::{ItemKey, LocalKey, PairId, Version};

fn set(names: &str) -> Flags {
    names.split_whitespace().collect()
}

fn pair() -> NewPair {
    NewPair {
        pair: PairId::new("p"),
        feed: 0,
        item: ItemKey::new("i"),
        folder: 1,
        local: LocalKey::new("l"),
        version: Some(Version::new("v")),
        revision: Version::new("r"),
        flags: set("a"),
        date: 0,
        identity: None,
        title: String::new(),
        print: None,
        header_only: false,
    }
}

/// What the server tells: `=` as it was, or words: `gone`, `left`, `edited`, `+x`, `-x`, `>2` (moved to folder 2), `,2` (also
/// in it).
fn remote(words: &str) -> Option<ToldRemote> {
    if words.is_empty() {
        return None;
    }
    let pair = pair();
    let mut told = ToldRemote {
        feed: 0,
        item: pair.item,
        is_gone: false,
        folders: vec![1],
        flags: pair.flags,
        date: 0,
        size: None,
        version: pair.version,
        identity: None,
        title: String::new(),
        listing: 0,
    };
    for word in words.split_whitespace() {
        match (word, word.split_at(1)) {
            ("=", _) => {}
            ("gone", _) => told.is_gone = true,
            ("left", _) => told.folders.clear(),
            ("edited", _) => told.version = Some(Version::new("v2")),
            (_, ("+", flag)) => {
                told.flags.insert(flag);
            }
            (_, ("-", flag)) => told.flags.remove(flag),
            (_, (">", folder)) => told.folders = vec![folder.parse().expect("a number")],
            (_, (",", folder)) => told.folders.push(folder.parse().expect("a number")),
            _ => panic!("{word}"),
        }
    }
    Some(told)
}

/// The same for the local side.
fn local(words: &str) -> Option<ToldLocal> {
    if words.is_empty() {
        return None;
    }
    let pair = pair();
    let mut told = ToldLocal {
        key: pair.local,
        is_gone: false,
        folder: 1,
        flags: pair.flags,
        date: 0,
        revision: pair.revision,
        identity: None,
        pair: None,
        title: String::new(),
        print: None,
    };
    for word in words.split_whitespace() {
        match (word, word.split_at(1)) {
            ("=", _) => {}
            ("gone", _) => told.is_gone = true,
            ("edited", _) => told.revision = Version::new("r2"),
            (_, ("+", flag)) => {
                told.flags.insert(flag);
            }
            (_, ("-", flag)) => told.flags.remove(flag),
            (_, (">", folder)) => told.folder = folder.parse().expect("a number"),
            _ => panic!("{word}"),
        }
    }
    Some(told)
}

/// A server that keeps any flags.
static ANY: KeptFlags = KeptFlags::any();

fn all() -> Rules<'static> {
    Rules {
        kept_flags: &ANY,
        abilities: Abilities::all(),
        scope: Scope::default(),
    }
}

/// The decision in words.
fn decided(there: &str, here: &str, rules: &Rules<'_>) -> String {
    let decision = decide(&pair(), remote(there).as_ref(), local(here).as_ref(), rules);
    let Decision { step, held_back } = decision;
    let step = step.map_or_else(|| "nothing".to_owned(), |step| step.to_string());
    match held_back.len() {
        0 => step,
        count => format!("{step}; {count} held back"),
    }
}

#[test]
fn twoway_09_all_that_can_become_of_an_item() {
    for (there, here, result) in [
        ("=", "", "note that both sides are equal"),
        ("gone", "gone", "note that it is gone on both sides"),
        ("gone", "", "delete here"),
        ("gone", "=", "delete here"),
        ("gone", "edited", "restore at the server"),
        ("gone", "+b", "restore at the server"),
        ("gone", ">2", "restore at the server"),
        ("", "gone", "delete at the server"),
        ("=", "gone", "delete at the server"),
        ("edited", "gone", "restore here"),
        ("-a", "gone", "restore here"),
        (">2", "gone", "restore here"),
        (",2", "gone", "delete at the server"),
        ("left", "", "delete here"),
        ("left", "gone", "note that it is gone on both sides"),
        ("left", "+b", "mark there +(b) -()"),
        ("+b", "", "mark here (a b)"),
        ("", "+b", "mark there +(b) -()"),
        ("+b", "+c", "mark there +(c) -(), mark here (a b c)"),
        ("-a", "+c", "mark there +(c) -(), mark here (c)"),
        ("-a", "-a", "note that both sides are equal"),
        (">2", "", "move here"),
        ("", ">2", "move there"),
        (">2", ">2", "note that both sides are equal"),
        (">2", ">3", "move here"),
        (",2", ">3", "move there"),
        (",2", ">2", "note that both sides are equal"),
        ("edited", "", "compare the server's content, and take it"),
        ("", "edited", "compare the content here, and send it"),
        ("edited", "edited", "compare both contents"),
        (
            "edited >2",
            "+b",
            "mark there +(b) -(), move here, compare the server's content, and take it",
        ),
    ] {
        assert_eq!(decided(there, here, &all()), result, "{there:?}, {here:?}");
    }
}

#[test]
fn twoway_20_what_a_server_can_not_do_is_held_back() {
    let rules = Rules {
        kept_flags: &ANY,
        abilities: Abilities::read_only(),
        scope: Scope::default(),
    };
    for (there, here, result) in [
        ("", "gone", "nothing; 1 held back"),
        ("", "+b", "nothing; 1 held back"),
        ("+c", "+b", "mark here (a b c); 1 held back"),
        ("", ">2", "nothing; 1 held back"),
        ("", "edited", "nothing; 1 held back"),
        ("edited", "", "compare the server's content, and take it"),
        ("gone", "", "delete here"),
    ] {
        assert_eq!(decided(there, here, &rules), result, "{there:?}, {here:?}");
    }
}

#[test]
fn a_run_in_one_direction_writes_nothing_on_the_other_side() {
    let one = |upload, download| Rules {
        kept_flags: &ANY,
        abilities: Abilities::all(),
        scope: Scope {
            upload,
            download,
            headers_only: false,
        },
    };
    for (there, here, up, down) in [
        ("gone", "", "nothing", "delete here"),
        ("", "gone", "delete at the server", "nothing"),
        ("+b", "+c", "mark there +(c) -()", "mark here (a b c)"),
        ("edited", "edited", "nothing", "nothing"),
        ("gone", "edited", "restore at the server", "nothing"),
        (
            "=",
            "",
            "note that both sides are equal",
            "note that both sides are equal",
        ),
    ] {
        assert_eq!(
            decided(there, here, &one(true, false)),
            up,
            "up: {there:?}, {here:?}"
        );
        assert_eq!(
            decided(there, here, &one(false, true)),
            down,
            "down: {there:?}, {here:?}"
        );
    }
}
