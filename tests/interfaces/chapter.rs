//! The chapter `docs/interfaces.md` shows only code that is compiled and called here.

const CHAPTER: &str = include_str!("../../docs/interfaces.md");
const DEFINITIONS: &str = include_str!("proxy.toml");
const CODE: &str = include_str!("wrapped.rs");

/// The code blocks of a language.
fn blocks(language: &str) -> Vec<&str> {
    let fence = format!("```{language}\n");
    let after = CHAPTER.split(&fence).skip(1);
    after.filter_map(|rest| rest.split("```").next()).collect()
}

#[test]
fn its_definitions_are_those_of_the_example() {
    let blocks = blocks("toml");
    assert_eq!(blocks.len(), 3);
    for block in blocks {
        assert!(DEFINITIONS.contains(block), "not in proxy.toml:\n{block}");
    }
}

#[test]
fn its_code_is_all_of_the_example() {
    let shown = blocks("rust").join("\n");
    let code = CODE.split_once("\n\n").map(|(_, code)| code);
    assert_eq!(Some(shown.as_str()), code);
}
