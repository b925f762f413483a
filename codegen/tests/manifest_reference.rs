//! The manual's reference of `provider.toml` says what the checks do: tested from outside, with manifests that
//! are wrong in one place, and what is said about them.

use mapi_provider_codegen::diag::{Code, Diagnostic, Source};
use mapi_provider_codegen::manifest;
use mapi_provider_codegen::manifest::reference::{Absent, KeyDoc, TableDoc, Words, tables};

/// A manifest without a mistake, table by table: path, lines.
const GOOD: [(&str, &[&str]); 5] = [
    (
        "provider",
        &[
            "kind = 'store'",
            "name = 'Contoso'",
            "id = 'contoso'",
            "uid = '7b3f0d5c41e84c0a9d2b6a1f0c5e7d91'",
            "flags = ['no-primary-identity']",
        ],
    ),
    ("sync", &["logic = 'crate::Contoso'"]),
    ("service", &[]),
    (
        "service.setting",
        &["name = 'server'", "tag = 0x6601", "type = 'string'"],
    ),
    ("store", &[]),
];

/// The same of a transport.
const SENDS: [(&str, &[&str]); 2] = [
    (
        "provider",
        &[
            "kind = 'transport'",
            "name = 'Contoso'",
            "id = 'contoso'",
            "uid = '7b3f0d5c41e84c0a9d2b6a1f0c5e7d91'",
            "flags = ['no-primary-identity']",
        ],
    ),
    (
        "transport",
        &[
            "logic = 'crate::Smtp'",
            "address-types = ['SMTP']",
            "on-temporary = 'wait'",
        ],
    ),
];

/// The same of an address book.
const FINDS: [(&str, &[&str]); 3] = [
    (
        "provider",
        &[
            "kind = 'address-book'",
            "name = 'Contoso'",
            "id = 'contoso'",
            "uid = '7b3f0d5c41e84c0a9d2b6a1f0c5e7d91'",
            "flags = ['no-primary-identity']",
        ],
    ),
    ("address-book", &["logic = 'crate::Directory'"]),
    (
        "address-book.details",
        &["label = 'Phone'", "tag = 'PR_BUSINESS_TELEPHONE_NUMBER'"],
    ),
];

/// The good manifest that a table is in.
fn good(table: &TableDoc) -> &'static [(&'static str, &'static [&'static str])] {
    match table.path {
        "transport" => &SENDS,
        path if path.starts_with("address-book") => &FINDS,
        _ => &GOOD,
    }
}

/// The good manifest with another text in one table: its lines without the key, and then `lines`.
fn with(table: &TableDoc, key: &str, lines: &[String]) -> String {
    let mut text = String::new();
    for (path, own) in good(table) {
        text += &if is_repeated(path) {
            format!("[[{path}]]\n")
        } else {
            format!("[{path}]\n")
        };
        let changed = *path == table.path;
        let kept = own
            .iter()
            .filter(|line| !changed || !line.starts_with(&format!("{key} =")));
        kept.for_each(|line| text += &format!("{line}\n"));
        if changed {
            lines.iter().for_each(|line| text += &format!("{line}\n"));
        }
    }
    text
}

fn is_repeated(path: &str) -> bool {
    let mut tables = tables().into_iter();
    tables.any(|table| table.path == path && table.repeated)
}

fn mistakes(text: &str) -> Vec<Diagnostic> {
    match manifest::load(&Source::new("provider.toml", text)) {
        Ok(_) => Vec::new(),
        Err(report) => report.diagnostics().to_vec(),
    }
}

fn of(code: Code, mistakes: &[Diagnostic]) -> Vec<&Diagnostic> {
    mistakes
        .iter()
        .filter(|mistake| mistake.code == code)
        .collect()
}

/// What is in backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// What the help of a mistake lists as known.
fn known(mistake: &Diagnostic) -> Vec<&str> {
    let help = mistake.help.as_deref().unwrap_or_default();
    let list = help.strip_prefix("known here: ");
    let mut known = quoted(list.unwrap_or_else(|| panic!("no list: {help}")));
    known.sort_unstable();
    known
}

fn keys() -> impl Iterator<Item = (TableDoc, &'static KeyDoc)> {
    let keys = |table: TableDoc| table.keys.iter().map(move |key| (table, key));
    tables().into_iter().flat_map(keys)
}

#[test]
fn the_keys_are_all_that_there_are() {
    for table in tables() {
        let text = with(&table, "", &["zzzzzzzzzzzz = 1".to_owned()]);
        let mistakes = mistakes(&text);
        let unknown = of(Code::UnknownKey, &mistakes);
        let mut names: Vec<&str> = table.keys.iter().map(|key| key.name).collect();
        names.sort_unstable();
        assert_eq!(known(unknown[0]), names, "[{}]", table.path);
    }
}

#[test]
fn the_tables_are_all_that_there_are() {
    let mistakes = mistakes("zzzzzzzzzzzz = 1\n");
    let mut names: Vec<&str> = tables()
        .iter()
        .map(|table| table.path)
        .filter(|path| !path.contains('.'))
        .collect();
    names.sort_unstable();
    assert_eq!(known(of(Code::UnknownKey, &mistakes)[0]), names);

    let missing = of(Code::MissingKey, &mistakes);
    let missing: Vec<&str> = missing.iter().map(|m| quoted(&m.message)[0]).collect();
    let required = tables().into_iter().filter(|table| table.required);
    assert_eq!(
        missing,
        required.map(|table| table.path).collect::<Vec<_>>()
    );
}

#[test]
fn what_is_required_is_missed_and_nothing_else_is() {
    for (table, key) in keys() {
        let mistakes = mistakes(&with(&table, key.name, &[]));
        let missed = mistakes
            .iter()
            .any(|m| matches!(m.code, Code::MissingKey | Code::NoIdentityFlag));
        let required = key.absent == Absent::Required;
        assert_eq!(
            missed, required,
            "{}.{}: {mistakes:?}",
            table.path, key.name
        );
    }
}

#[test]
fn values_have_the_type_that_is_told() {
    for (table, key) in keys() {
        // A date is none of the types.
        let line = format!("{} = 1979-05-27", key.name);
        let mut text = with(&table, key.name, &[line]);
        if matches!(key.name, "setting" | "details") {
            let own = format!("[[{}.{}]]", table.path, key.name);
            text = text.replace(&own, "[other]");
        }
        let mistakes = mistakes(&text);
        let wrong = of(Code::WrongType, &mistakes);
        let expected = format!("expected {}, found", key.form);
        assert!(
            wrong.iter().any(|wrong| wrong.message.contains(&expected)),
            "{}.{}: {mistakes:?}",
            table.path,
            key.name
        );
    }
}

#[test]
fn a_default_is_what_it_would_be_written_as() {
    let mut defaults = 0;
    for (table, key) in keys() {
        let Absent::Default(value) = key.absent else {
            continue;
        };
        let plain = with(&table, "", &[]);
        let provider = manifest::load(&Source::new("provider.toml", plain)).expect("it is right");
        let text = with(&table, key.name, &[format!("{} = {value}", key.name)]);
        let written = manifest::load(&Source::new("provider.toml", text)).expect("it is right");
        assert_eq!(
            format!("{written:?}"),
            format!("{provider:?}"),
            "{}.{}",
            table.path,
            key.name
        );
        defaults += 1;
    }
    assert_eq!(defaults, 26);
}

#[test]
fn the_words_are_all_that_there_are() {
    for (table, key) in keys() {
        let (wrong, code, mut words): (_, _, Vec<&str>) = match key.words {
            Words::Any => continue,
            // A kind that is none has a code of its own.
            Words::OneOf(_) if key.name == "kind" => continue,
            Words::OneOf(words) => (
                format!("{} = 'zzzzzzzzzzzzzzzzzzzzzzzz'", key.name),
                Code::UnknownValue,
                words.iter().map(|(word, _)| *word).collect(),
            ),
            Words::Flags(flags) => (
                format!("{} = ['zzzzzzzzzzzzzzzzzzzzzzzzzzzzz']", key.name),
                Code::UnknownFlag,
                flags.iter().map(|flag| flag.word).collect(),
            ),
        };
        let mistakes = mistakes(&with(&table, key.name, &[wrong]));
        words.sort_unstable();
        assert_eq!(
            known(of(code, &mistakes)[0]),
            words,
            "{}.{}",
            table.path,
            key.name
        );
    }
}
