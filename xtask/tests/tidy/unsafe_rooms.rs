//! Where unsafe code may live.

use crate::source::{File, rust_files};
use crate::{report, words};

/// The rooms, and why each may.
const ROOMS: [(&str, &str); 12] = [
    ("abi/src/generated", "vtables, clients and thunks"),
    ("abi/src/object", "COM objects"),
    ("src/entry", "what MAPI calls by name"),
    ("abi/src/platform", "what the operating system gives"),
    ("abi/src/view", "MAPI's structures as values, and back"),
    ("mailbox/src/objects", "a mailbox as COM objects"),
    ("src/store/calls", "calls of an open store's interfaces"),
    ("src/platform", "what the operating system gives"),
    (
        "table/src/table/object",
        "tables as COM objects, and who is told of their changes",
    ),
    ("host", "plays MAPI: it is the caller of all of the above"),
    (
        "examples/own-store/src/store.rs",
        "a COM object of a team's own: what MAPI calls has raw pointers",
    ),
    ("benches", "calls through vtables, to measure the calls"),
];

#[test]
fn unsafe_code_lives_in_its_rooms() {
    let rooms = ROOMS.map(|(room, _)| room);
    let problems: Vec<String> = rust_files()
        .iter()
        .filter(|file| !file.is_in(&rooms) && !file.is_test())
        .filter_map(|file| Some(format!("{}: {}", file.path, first_unsafe(file)?)))
        .collect();
    report(
        "Unsafe code lives in the rooms of abi/, src/entry, src/store/calls, src/platform and mailbox/'s and table/'s objects (and in \
         tests and the host). \
         Give the room that it belongs to a safe function, and call that:",
        &problems,
    );
}

/// The first `unsafe` outside tests and quoted code, with what follows it.
fn first_unsafe(file: &File) -> Option<String> {
    let words = words::without_tests(&words::without_quoted(&words::of(file)));
    let position = words.iter().position(|word| word == "unsafe")?;
    let shown = &words[position..words.len().min(position + 8)];
    Some(shown.join(" "))
}

#[test]
fn an_unsafe_block_is_found() {
    let file = |text: &str| File {
        path: "x.rs".to_owned(),
        bytes: text.into(),
    };
    assert!(first_unsafe(&file("fn f() { unsafe { g() } }")).is_some());
    assert!(first_unsafe(&file("#[unsafe(no_mangle)] fn f() {}")).is_some());
    assert_eq!(
        first_unsafe(&file("fn f() { quote!(unsafe { g() }) }")),
        None
    );
}
