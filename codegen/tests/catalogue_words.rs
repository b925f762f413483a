//! Every string of a definition file replaced by every word of a list of awkward ones: each definition is either
//! refused with its mistakes, or becomes Rust. Nothing panics.

use mapi_provider_codegen::{catalogue, diag::Source, emit::abi};

const CASE: &str = include_str!("emitters/case.toml");

const WORDS: [&str; 24] = [
    "",
    "_",
    "__",
    "type",
    "yield",
    "gen",
    "self",
    "crate",
    "T",
    "SLOT",
    "Object",
    "inner",
    "IUnknown",
    "IThingEx",
    "PAIR",
    "EITHER",
    "u32",
    "*mut u8",
    "*const c_void",
    "[u8; 4]",
    "a-b",
    "größe",
    "\\\"",
    "\\u0000",
];

/// The places of the strings in `text`, without their quotes.
fn strings(text: &str) -> Vec<std::ops::Range<usize>> {
    let quotes: Vec<usize> = text.match_indices('"').map(|(place, _)| place).collect();
    quotes
        .chunks_exact(2)
        .map(|pair| pair[0] + 1..pair[1])
        .collect()
}

/// Whether the definitions are right; if so, they become Rust.
fn is_right(case: &str) -> bool {
    let files = [
        ("unknown", include_str!("../interfaces/unknown.toml")),
        ("case", case),
    ];
    let sources =
        files.map(|(name, text)| (name.to_owned(), Source::new(format!("{name}.toml"), text)));
    let Ok(catalogue) = catalogue::load(sources) else {
        return false;
    };
    let module = catalogue
        .modules
        .iter()
        .find(|module| module.name == "case")
        .expect("it is loaded");
    let tokens = abi::module(&catalogue, module);
    if let Err(error) = syn::parse2::<syn::File>(tokens) {
        panic!("{error} in what becomes of\n{case}");
    }
    true
}

#[test]
fn a_definition_is_refused_or_becomes_rust() {
    assert!(is_right(CASE));
    let (mut right, mut wrong) = (0, 0);
    for place in strings(CASE) {
        for word in WORDS {
            let mut case = CASE.to_owned();
            case.replace_range(place.clone(), word);
            let count = if is_right(&case) {
                &mut right
            } else {
                &mut wrong
            };
            *count += 1;
        }
    }
    assert!(
        right > 100 && wrong > 100,
        "{right} right, {wrong} wrong: the words are badly chosen"
    );
}
