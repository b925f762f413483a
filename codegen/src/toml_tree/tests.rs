use super::{Document, Scalar, Table};
use crate::diag::{Errors, Source};

/// Reads `text` with `read` and gives what was reported: `code line: message`.
fn reported(text: &str, read: impl FnOnce(&Table<'_>)) -> Vec<String> {
    let source = Source::new("a.toml", text);
    let errors = Errors::new();
    if let Some(document) = Document::parse(&source, &errors) {
        let root = document.root(&errors);
        read(&root);
        root.finish();
    }
    let report = errors.into_report();
    let shown = report.diagnostics().iter().map(|d| {
        let line = d.labels[0].source.line(d.labels[0].span.start);
        format!("{} {line}: {}", d.code, d.message)
    });
    shown.collect()
}

#[test]
fn values_come_with_their_places() {
    let source = Source::new(
        "a.toml",
        "a = 'x'\nb = [1, 2]\n[t]\nc = true\n[[l]]\nd = 0x10\n[[l]]\n",
    );
    let errors = Errors::new();
    let document = Document::parse(&source, &errors).unwrap();
    let root = document.root(&errors);
    let a = root.required::<String>("a").unwrap();
    assert_eq!((a.value.as_str(), source.slice(a.span)), ("x", "'x'"));
    let b = root.required_list::<u32>("b").unwrap();
    assert_eq!(
        b.value
            .iter()
            .map(|b| source.slice(b.span.clone()))
            .collect::<Vec<_>>(),
        ["1", "2"]
    );
    let table = root.required_table("t").unwrap();
    assert_eq!(source.slice(table.span()), "[t]");
    assert_eq!(
        table.optional_scalar("c").unwrap().value,
        Scalar::Boolean(true)
    );
    table.finish();
    let list = root.tables("l");
    assert_eq!(list.len(), 2);
    assert_eq!(list[0].optional::<u16>("d").unwrap().value, 16);
    assert_eq!(source.slice(list[1].span()), "[[l]]");
    for table in list {
        table.finish();
    }
    root.finish();
    assert!(errors.is_empty(), "{}", errors.into_report());
}

#[test]
fn everything_wrong_is_reported_at_once() {
    let text = "a = 5\nb = 70000\nnmae = 'x'\n[t]\nc = ['x', 1]\n";
    let found = reported(text, |root| {
        root.required::<String>("a");
        root.required::<u16>("b");
        root.optional::<String>("name");
        root.required::<bool>("gone");
        let t = root.required_table("t").unwrap();
        assert_eq!(t.required_list::<String>("c").unwrap().value.len(), 1);
        t.required::<i64>("gone");
        t.finish();
    });
    assert_eq!(
        found,
        [
            "missing-key 1: `gone` is missing",
            "wrong-type 1: `a`: expected a string, found an integer",
            "out-of-range 2: `b`: expected an integer from 0 to 0xFFFF, found 70000",
            "unknown-key 3: unknown key `nmae` at the top",
            "missing-key 4: `t.gone` is missing",
            "wrong-type 5: `t.c`: expected a string, found an integer",
        ]
    );
}

#[test]
fn all_syntax_errors_are_reported_and_nothing_else() {
    let found = reported("a = \nb = 1\nc = ]\n", |_| panic!("not to be read"));
    assert!(
        found.len() >= 2 && found.iter().all(|line| line.starts_with("toml-syntax")),
        "{found:?}"
    );
}

#[test]
fn a_table_may_be_where_an_array_was_meant() {
    let found = reported("[l]\n[m]\nx = 1\n", |root| {
        assert!(root.tables("l").is_empty());
        for (_, table) in root.optional_table("m").unwrap().named_tables() {
            table.finish();
        }
    });
    assert_eq!(
        found,
        [
            "wrong-type 1: `l`: expected an array of tables, found a table",
            "wrong-type 3: `m.x`: expected a table, found an integer",
        ]
    );
}

#[test]
fn deep_nesting_is_an_error_and_no_crash() {
    let found = reported(&format!("a = {}", "[".repeat(50_000)), |_| {});
    assert!(!found.is_empty());
}
