//! Answers to a template's questions: from the command line, from a person, or by default.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};

use mapi_provider_codegen::diag::{did_you_mean, visible};
use mapi_provider_codegen::manifest;

use super::options::{Kind, Options, Placeholder};
use super::value::{Answers, Value};
use crate::failure::Failure;

/// The answers on the command line, each `NAME=VALUE`.
///
/// # Errors
///
/// There is no such question, or it can't have this answer.
pub(super) fn given(options: &Options, defines: &[String]) -> Result<Answers, Failure> {
    let mut answers = Answers::new();
    for define in defines {
        let Some((name, text)) = define.split_once('=') else {
            return Err(Failure::new(format!("`{define}` is not NAME=VALUE")));
        };
        let Some(placeholder) = options.placeholders.iter().find(|it| it.name == name) else {
            return Err(unknown(
                "option",
                name,
                options.placeholders.iter().map(|it| &*it.name),
            ));
        };
        let value = placeholder
            .kind
            .value(text)
            .ok_or_else(|| wrong(placeholder, text))?;
        if answers.insert(name.to_owned(), value).is_some() {
            return Err(Failure::new(format!("`{name}` is defined twice")));
        }
    }
    Ok(answers)
}

/// The failure that there is no such thing.
pub(super) fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> Failure {
    let help = did_you_mean(name, &known.collect::<Vec<_>>());
    let help = help.map(|help| format!("; {help}")).unwrap_or_default();
    Failure::new(format!("there is no {what} `{name}`{help}"))
}

fn wrong(placeholder: &Placeholder, text: &str) -> Failure {
    let name = &placeholder.name;
    let rule = match &placeholder.kind {
        Kind::Bool => "is `true` or `false`".to_owned(),
        Kind::Text(_) => in_words(name, text),
        Kind::Choice(choices) => {
            let values: Vec<_> = choices
                .iter()
                .map(|choice| format!("`{}`", choice.value))
                .collect();
            format!("is one of {}", values.join(", "))
        }
    };
    let text = visible(text);
    Failure::new(format!("`{name}` can't be \"{text}\": it {rule}"))
}

/// Why a text is not a valid answer, in plain words: templates use regular expressions, which nobody wants
/// to read.
fn in_words(name: &str, text: &str) -> String {
    let key = match name {
        "display_name" => "name",
        other => other,
    };
    let known = manifest::why_not(key, text);
    known.unwrap_or_else(|| match name {
        "mapi_provider_path" => {
            "must be a full path without a `'`, such as `/home/me/mapi-provider`".to_owned()
        }
        _ => "contains characters that it can't have".to_owned(),
    })
}

/// Takes the default for every question that has no answer yet.
pub(super) fn by_default(options: &Options, answers: &mut Answers) {
    for placeholder in &options.placeholders {
        let answer = answers.entry(placeholder.name.clone());
        answer.or_insert_with(|| placeholder.default.clone());
    }
}

/// Asks a person every question that has no answer yet. An empty line takes the default.
///
/// # Errors
///
/// The person can't be asked any more.
pub(super) fn ask(
    options: &Options,
    answers: &mut Answers,
    input: &mut impl BufRead,
    output: &mut impl Write,
) -> Result<(), Failure> {
    let asked = options
        .placeholders
        .iter()
        .filter(|it| !answers.contains_key(&it.name));
    let mut given = BTreeMap::new();
    for placeholder in asked {
        let answer = ask_one(placeholder, input, output);
        let answer = answer.map_err(|error| Failure::new(format!("can't ask: {error}")))?;
        given.insert(placeholder.name.clone(), answer);
    }
    answers.append(&mut given);
    Ok(())
}

fn ask_one(
    placeholder: &Placeholder,
    input: &mut impl BufRead,
    output: &mut impl Write,
) -> io::Result<Value> {
    if let Kind::Choice(choices) = &placeholder.kind {
        writeln!(output, "{}:", placeholder.prompt)?;
        for (number, choice) in (1..).zip(choices) {
            writeln!(output, "  {number}  {}", choice.label)?;
        }
    } else {
        write!(output, "{}", placeholder.prompt)?;
    }
    loop {
        write!(output, "{}", hint(placeholder))?;
        output.flush()?;
        let mut line = String::new();
        if input.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match understood(placeholder, line.trim()) {
            Some(value) => return Ok(value),
            None => write!(output, "{}", no_answer(placeholder, line.trim()))?,
        }
    }
}

/// What is said about a line that is not a valid answer.
fn no_answer(placeholder: &Placeholder, line: &str) -> String {
    match &placeholder.kind {
        Kind::Text(_) => format!(
            "That is not a valid answer: it {}.",
            in_words(&placeholder.name, line)
        ),
        _ => "That is not a valid answer.".to_owned(),
    }
}

/// The default, as people see it.
fn hint(placeholder: &Placeholder) -> String {
    match (&placeholder.kind, &placeholder.default) {
        (Kind::Bool, Value::Bool(true)) => " [Y/n] ".to_owned(),
        (Kind::Bool, _) => " [y/N] ".to_owned(),
        (Kind::Choice(choices), Value::Text(text)) => {
            let place = choices.iter().position(|choice| choice.value == *text);
            format!("  [{}] ", place.unwrap_or(0) + 1)
        }
        (_, Value::Text(text)) if text.is_empty() => ": ".to_owned(),
        (_, default) => format!(" [{default}]: "),
    }
}

/// What a line means: yes and no, the number of a choice, or the answer itself.
fn understood(placeholder: &Placeholder, line: &str) -> Option<Value> {
    if line.is_empty() {
        return Some(placeholder.default.clone());
    }
    match &placeholder.kind {
        Kind::Bool if line.eq_ignore_ascii_case("y") || line.eq_ignore_ascii_case("yes") => {
            Some(Value::Bool(true))
        }
        Kind::Bool if line.eq_ignore_ascii_case("n") || line.eq_ignore_ascii_case("no") => {
            Some(Value::Bool(false))
        }
        Kind::Choice(choices) => {
            let number: Option<usize> = line.parse().ok();
            let chosen = number.and_then(|number| choices.get(number.checked_sub(1)?));
            placeholder
                .kind
                .value(chosen.map_or(line, |choice| &choice.value))
        }
        kind => kind.value(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use mapi_provider_templates::provider::OPTIONS;

    fn options() -> Options {
        Options::parse(OPTIONS).expect("right")
    }

    fn text(text: &str) -> Value {
        Value::Text(text.to_owned())
    }

    fn asked(lines: &str) -> (Result<Answers, Failure>, String) {
        let mut answers = given(&options(), &["id=contoso".to_owned()]).expect("right");
        let mut said = Vec::new();
        let result = ask(&options(), &mut answers, &mut lines.as_bytes(), &mut said);
        let said = String::from_utf8(said).expect("text");
        (result.map(|()| answers), said)
    }

    #[test]
    fn a_person_is_asked_what_was_not_given() {
        let (answers, said) = asked("2\nBüro\n\nbusy\n3\nn\nYES\n\n");
        let answers = answers.expect("all answered");
        assert_eq!(answers["kind"], text("wrapped-store"));
        assert_eq!(answers["id"], text("contoso"));
        assert_eq!(answers["display_name"], text("Büro"));
        assert_eq!(answers["uid"], text(""));
        assert_eq!(answers["overlap"], text("busy"));
        assert_eq!(answers["licence"], text("Apache-2.0"));
        assert_eq!(answers["installer"], Value::Bool(false));
        assert_eq!(answers["ci"], Value::Bool(true));
        assert_eq!(answers.len(), options().placeholders.len());
        assert!(!said.contains("The id"), "{said}");
        assert!(
            said.contains("  2  busy: the second one is refused\n  [1] "),
            "{said}"
        );
    }

    #[test]
    fn a_wrong_answer_is_asked_again_and_the_end_of_input_ends_it() {
        let (answers, said) = asked("\na=b\n\n\n5\n0\n\n\n\n\n\n");
        assert_eq!(answers.expect("all answered")["overlap"], text("merge"));
        assert_eq!(
            said.matches("That is not a valid answer").count(),
            3,
            "{said}"
        );
        assert!(
            said.contains("not a valid answer: it contains `[`, `]` or `=`;"),
            "{said}"
        );
        assert!(asked("Büro\n").0.is_err());
    }

    #[test]
    fn what_is_wrong_on_the_command_line_is_a_sentence() {
        for (define, expected) in [
            ("licence", "`licence` is not NAME=VALUE"),
            (
                "license=MIT",
                "there is no option `license`; did you mean `licence`?",
            ),
            (
                "licence=GPL",
                "`licence` can't be \"GPL\": it is one of `none`, `MIT`",
            ),
            (
                "ci=maybe",
                "`ci` can't be \"maybe\": it is `true` or `false`",
            ),
            (
                "id=Contoso",
                "`id` can't be \"Contoso\": it doesn't begin with a letter from `a` to `z`; write `id = \"contoso\"`",
            ),
            (
                "display_name=メール",
                "`display_name` can't be \"メール\": it contains characters beyond Latin-1; use",
            ),
            (
                "display_name=a\u{202E}b",
                "`display_name` can't be \"a<U+202E>b\": it contains characters",
            ),
            (
                "uid=7b3f",
                "`uid` can't be \"7b3f\": it has 4 digits instead of 32; make one",
            ),
            (
                "mapi_provider_path=here",
                "`mapi_provider_path` can't be \"here\": it must be a full path",
            ),
        ] {
            let failure = given(&options(), &[define.to_owned()]).expect_err("wrong");
            let Failure::Sentence(sentence) = failure else {
                panic!("{define}: {failure:?}")
            };
            assert!(sentence.starts_with(expected), "{sentence}");
        }
        assert!(given(&options(), &["ci=true".to_owned(), "ci=true".to_owned()]).is_err());
    }
}
