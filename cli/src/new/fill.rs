//! Defaults made from the crate's name, as the template's `answers.rhai` makes them.

use std::hash::{BuildHasher, RandomState};
use std::process;
use std::time::SystemTime;

use super::value::{Answers, Value};
use crate::failure::Failure;

/// The crate's names.
pub(super) struct Names {
    /// The package's name, which may have dashes.
    pub(super) package: String,
    /// The same with underscores.
    pub(super) krate: String,
}

impl Names {
    /// Looks at a name for a crate.
    ///
    /// # Errors
    ///
    /// It can't be one, or cargo-generate would change it.
    pub(super) fn new(name: &str) -> Result<Self, Failure> {
        let krate = name.replace('-', "_");
        let uniform = name == krate || !name.contains('_');
        let words = krate.split('_').all(|word| {
            let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
            !word.is_empty() && word.chars().all(letter)
        });
        if uniform && words && name.starts_with(|c: char| c.is_ascii_lowercase()) {
            return Ok(Self {
                package: name.to_owned(),
                krate,
            });
        }
        Err(Failure::new(format!(
            "a crate can't be called `{}`: use lowercase letters, digits and dashes, such as `--name contoso-mail`",
            name.escape_debug()
        )))
    }
}

/// Fills in what was left empty.
///
/// # Errors
///
/// A name is taken, or no id can be made from the crate's name.
pub(super) fn fill(names: &Names, script: &str, answers: &mut Answers) -> Result<(), Failure> {
    refuse_reserved("crate's name", &names.krate, script)?;
    if is_empty("id", answers) {
        if names.krate.len() > 24 {
            return Err(Failure::new(
                "the crate's name is too long for an id: add `--define id=…`, with at most 24 letters",
            ));
        }
        set("id", &names.krate, answers);
    }
    let id = answers.get("id").map(Value::to_string).unwrap_or_default();
    refuse_reserved("id", &id, script)?;
    if is_empty("display_name", answers) {
        set("display_name", &title(&names.krate), answers);
    }
    if is_empty("uid", answers) {
        set("uid", &fresh_uid(), answers);
    }
    set("project-name", &names.package, answers);
    set("crate_name", &names.krate, answers);
    Ok(())
}

fn is_empty(name: &str, answers: &Answers) -> bool {
    answers.get(name) == Some(&Value::Text(String::new()))
}

fn set(name: &str, text: &str, answers: &mut Answers) {
    answers.insert(name.to_owned(), Value::Text(text.to_owned()));
}

fn refuse_reserved(what: &str, name: &str, script: &str) -> Result<(), Failure> {
    if !reserved(script).any(|word| word == name) {
        return Ok(());
    }
    Err(Failure::new(format!(
        "the {what} can't be `{name}`: Rust, MAPI, Windows or this project has something of that name; \
         add your company's or product's: `{name}_contoso`"
    )))
}

/// The words of the list `RESERVED` in a script: every text in quotes, outside comments.
fn reserved(script: &str) -> impl Iterator<Item = &str> {
    let list = script
        .split_once("const RESERVED = [")
        .map_or("", |(_, after)| after);
    let list = list.split_once("];").map_or("", |(list, _)| list);
    let code = list
        .lines()
        .map(|line| line.split("//").next().unwrap_or_default());
    code.flat_map(|line| line.split('"').skip(1).step_by(2))
}

/// `contoso_mail` as people write it: `Contoso Mail`.
fn title(krate: &str) -> String {
    let words = krate.split('_').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A uid that nobody has: a UUID of version 8, whose 122 bits are free to choose.
///
/// std seeds its hashers with random numbers from the system. Two such hashes, with the time and the process
/// mixed in, are good enough here: a uid has to be unique, but it is not a secret.
fn fresh_uid() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now = now.map_or(0, |now| now.as_nanos());
    let hash = |half: u8| RandomState::new().hash_one((half, now, process::id()));
    let (high, low) = (hash(0), hash(1));
    let high = high & !0xF000 | 0x8000;
    let low = low & !(0b11 << 62) | 0b10 << 62;
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xFFFF,
        high & 0xFFFF,
        low >> 48,
        low & 0xFFFF_FFFF_FFFF
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use mapi_provider_templates::provider::SCRIPT;
    use std::collections::BTreeSet;

    fn filled(name: &str, answers: &[(&str, &str)]) -> Result<Answers, String> {
        let mut all = Answers::new();
        for (name, text) in [("id", ""), ("display_name", ""), ("uid", "")]
            .iter()
            .chain(answers)
        {
            set(name, text, &mut all);
        }
        let result = Names::new(name).and_then(|names| fill(&names, SCRIPT, &mut all));
        result
            .map(|()| all)
            .map_err(|failure| format!("{failure:?}"))
    }

    #[test]
    fn names_are_made_of_the_crates() {
        let answers = filled("contoso-mail2", &[]).expect("good");
        let text = |name: &str| answers[name].to_string();
        assert_eq!(text("id"), "contoso_mail2");
        assert_eq!(text("display_name"), "Contoso Mail2");
        assert_eq!(text("project-name"), "contoso-mail2");
        assert_eq!(text("crate_name"), "contoso_mail2");
        let answers =
            filled("x", &[("id", "y"), ("display_name", "Z"), ("uid", "u")]).expect("good");
        assert_eq!(answers["id"], Value::Text("y".to_owned()));
        assert_eq!(answers["display_name"], Value::Text("Z".to_owned()));
        assert_eq!(answers["uid"], Value::Text("u".to_owned()));
    }

    #[test]
    fn names_that_are_taken_are_refused() {
        for name in [
            "type",
            "std",
            "i",
            "mapi-provider",
            "nul",
            "outex",
            "ole",
            "gen",
        ] {
            let refusal = filled(name, &[]).expect_err(name);
            assert!(refusal.contains("the crate's name can't be"), "{refusal}");
        }
        assert!(
            filled("contoso", &[("id", "std")])
                .expect_err("std")
                .contains("the id can't be `std`")
        );
        assert_eq!(filled("typed", &[]).map(|_| ()), Ok(()));
    }

    #[test]
    fn names_that_no_crate_can_have_are_refused() {
        for name in [
            "",
            "Contoso",
            "contoso mail",
            "2contoso",
            "-a",
            "a--b",
            "a_b-c",
            "a_",
            "büro",
            "a\n",
        ] {
            assert!(Names::new(name).is_err(), "{name:?}");
        }
        assert!(Names::new("a_b").is_ok_and(|names| names.package == "a_b"));
        let long = "a".repeat(25);
        assert!(filled(&long, &[]).is_err());
        assert!(filled(&long, &[("id", "a")]).is_ok());
    }

    #[test]
    fn all_that_the_manifest_refuses_is_reserved() {
        let known: BTreeSet<&str> = reserved(SCRIPT).collect();
        assert!(known.len() > 100, "{known:?}");
        let missing: Vec<_> = mapi_provider_codegen::manifest::reserved_ids()
            .into_iter()
            .filter(|id| !known.contains(id.as_str()))
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn the_short_words_of_rust_are_reserved() {
        let known: BTreeSet<&str> = reserved(SCRIPT).collect();
        // What `syn` takes for a Rust keyword. `Self` can't be a crate's name at all.
        let taken = |word: &str| syn::parse_str::<syn::Ident>(word).is_err();
        let letters = || 'a'..='z';
        let short: Vec<String> = letters()
            .flat_map(|a| letters().map(move |b| format!("{a}{b}")))
            .collect();
        let three = short
            .iter()
            .flat_map(|ab| letters().map(move |c| format!("{ab}{c}")));
        let words: Vec<String> = short
            .iter()
            .cloned()
            .chain(three)
            .filter(|word| taken(word))
            .collect();
        assert!(words.len() > 10, "{words:?}");
        for word in words {
            assert!(known.contains(word.as_str()), "{word}");
        }
    }

    #[test]
    fn every_uid_is_another_one_of_version_8() {
        let uids: BTreeSet<String> = (0..1000).map(|_| fresh_uid()).collect();
        assert_eq!(uids.len(), 1000);
        for uid in uids {
            let groups: Vec<_> = uid.split('-').map(str::len).collect();
            assert_eq!(groups, [8, 4, 4, 4, 12], "{uid}");
            assert_eq!(&uid[14..15], "8", "{uid}");
            assert!("89ab".contains(&uid[19..20]), "{uid}");
        }
    }
}
