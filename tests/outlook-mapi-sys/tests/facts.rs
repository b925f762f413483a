//! Everything that both sides define is the same on both, except for what `exceptions.toml`
//! lists.
#![cfg(windows)]

use std::collections::{BTreeMap, BTreeSet};

use outlook_mapi_sys_tests::{EXCEPTIONS, FACTS, Fact};

/// The facts on which the two sides differ.
fn differences() -> impl Iterator<Item = &'static Fact> {
    FACTS.iter().filter(|fact| fact.ours != fact.theirs)
}

#[test]
fn both_sides_say_the_same() {
    let excepted: BTreeSet<_> = EXCEPTIONS
        .iter()
        .map(|known| (known.item, known.what))
        .collect();
    let unknown: Vec<String> = differences()
        .filter(|fact| !excepted.contains(&(fact.item, fact.what)))
        .map(|fact| {
            format!(
                "{}, {}: ours {:?}, theirs {:?}",
                fact.item, fact.what, fact.ours, fact.theirs
            )
        })
        .collect();
    assert!(
        unknown.is_empty(),
        "Not the same. Who is wrong? If they are, say so in exceptions.toml:\n  {}\n",
        unknown.join("\n  ")
    );
}

#[test]
fn every_exception_is_needed() {
    let differing: BTreeSet<_> = differences().map(|fact| (fact.item, fact.what)).collect();
    let mut seen = BTreeSet::new();
    for known in EXCEPTIONS {
        let key = (known.item, known.what);
        assert!(
            differing.contains(&key),
            "{key:?} is the same now: take it out of exceptions.toml"
        );
        assert!(seen.insert(key), "{key:?} is in exceptions.toml twice");
        assert!(!known.reason.is_empty(), "{key:?} has no reason");
    }
}

/// A build script that finds nothing to compare would make the other tests pass.
#[test]
fn there_is_something_to_compare() {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for fact in FACTS {
        *counts.entry(fact.what).or_default() += 1;
    }
    for (what, least) in LEAST {
        let count = counts.get(what).copied().unwrap_or_default();
        assert!(
            count >= least,
            "only {count} facts of {what}; there were {least}"
        );
    }
}

/// How many facts of a kind there are at least.
const LEAST: [(&str, usize); 8] = [
    ("IID", 70),
    ("base", 70),
    ("slot", 450),
    ("signature", 460),
    ("size", 570),
    ("alignment", 105),
    ("offset", 390),
    ("value", 3000),
];
