//! What a check found, for programs.

use mapi_provider_codegen::diag::{Diagnostic, Label, Report};
use mapi_provider_codegen::ir::provider::{Project, Provider};
use serde_json::{Value as Json, json};

use super::kind_word;

/// A manifest without a mistake.
pub(super) fn of_project(file: &str, project: &Project) -> Json {
    let provider = &project.provider;
    json!({
        "file": file,
        "ok": true,
        "provider": {
            "kind": kind_of(provider),
            "name": provider.name,
            "id": provider.id,
            "library": format!("{}32.dll", provider.id),
            "settings": provider.settings.iter().map(|setting| &setting.name).collect::<Vec<_>>(),
            "interfaces": project.interfaces.count(),
        },
        "diagnostics": [],
        "more": 0,
    })
}

/// A word, or a list of the words of several, as in the manifest.
fn kind_of(provider: &Provider) -> Json {
    let words: Vec<&str> = provider.kinds().into_iter().map(kind_word).collect();
    match words.as_slice() {
        [word] => json!(word),
        words => json!(words),
    }
}

/// A file with mistakes: the first ones, and how many more there are.
pub(super) fn of_report(file: &str, report: &Report) -> Json {
    let diagnostics: Vec<Json> = report.diagnostics().iter().map(of_diagnostic).collect();
    json!({
        "file": file,
        "ok": false,
        "provider": null,
        "diagnostics": diagnostics,
        "more": report.more(),
    })
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
    let (line, column) = label.source.place(label.span.start);
    let (end_line, end_column) = label.source.place(label.span.end);
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
