//! What a check found, for programs.

use mapi_provider_codegen::diag::{Diagnostic, Label, Report, Source};
use mapi_provider_codegen::ir::provider::Project;
use serde_json::{Value as Json, json};

use super::kind_of;

/// A manifest without a mistake.
pub(super) fn of_project(file: &str, project: &Project) -> Json {
    let provider = &project.provider;
    json!({
        "file": file,
        "ok": true,
        "provider": {
            "kind": kind_of(provider.kind),
            "name": provider.name,
            "id": provider.id,
            "library": format!("{}32.dll", provider.id),
            "settings": provider.settings.iter().map(|setting| &setting.name).collect::<Vec<_>>(),
            "interfaces": project.interfaces.count(),
        },
        "diagnostics": [],
    })
}

/// A file with mistakes.
pub(super) fn of_report(file: &str, report: &Report) -> Json {
    let diagnostics: Vec<Json> = report.diagnostics().iter().map(of_diagnostic).collect();
    json!({"file": file, "ok": false, "provider": null, "diagnostics": diagnostics})
}

fn of_diagnostic(diagnostic: &Diagnostic) -> Json {
    json!({
        "code": diagnostic.code.name(),
        "message": diagnostic.message,
        "help": diagnostic.help,
        "notes": diagnostic.notes,
        "places": diagnostic.labels.iter().map(of_label).collect::<Vec<_>>(),
    })
}

fn of_label(label: &Label) -> Json {
    let (line, column) = place(&label.source, label.span.start);
    let (end_line, end_column) = place(&label.source, label.span.end);
    json!({
        "file": label.source.path(),
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
        "primary": label.primary,
        "text": label.text,
    })
}

/// Line and column, both counted from 1, columns in characters.
fn place(source: &Source, offset: usize) -> (usize, usize) {
    let before = source.slice(0..offset);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    (
        source.line(offset),
        1 + before[line_start..].chars().count(),
    )
}

#[cfg(test)]
mod tests {
    use super::place;
    use mapi_provider_codegen::diag::Source;

    #[test]
    fn places_count_characters_from_one() {
        let source = Source::new("a.toml", "é = 1\nb = 2\n");
        assert_eq!(place(&source, 0), (1, 1));
        assert_eq!(
            place(&source, 2),
            (1, 2),
            "after the é, which has two bytes"
        );
        assert_eq!(place(&source, 7), (2, 1));
        assert_eq!(place(&source, 99), (3, 1));
    }
}
