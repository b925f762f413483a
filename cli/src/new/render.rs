//! Rendering, by the Liquid that cargo-generate has.

use liquid::{Object, Parser, ParserBuilder, model::Value as Model};

use super::value::{Answers, Value};

/// Renders templates with the same answers.
pub(super) struct Renderer {
    parser: Parser,
    answers: Object,
}

impl Renderer {
    /// A renderer with these answers.
    ///
    /// # Errors
    ///
    /// None: only partial templates could be wrong, and there are none.
    pub(super) fn new(answers: &Answers) -> Result<Self, String> {
        let model = |value: &Value| match value {
            Value::Text(text) => Model::scalar(text.clone()),
            Value::Bool(value) => Model::scalar(*value),
        };
        let answers = answers.iter();
        Ok(Self {
            parser: parser()?,
            answers: answers
                .map(|(name, value)| (name.clone().into(), model(value)))
                .collect(),
        })
    }

    /// Renders a template.
    ///
    /// # Errors
    ///
    /// It is not Liquid, or names an answer that doesn't exist.
    pub(super) fn render(&self, template: &str) -> Result<String, String> {
        let template = self.parser.parse(template).map_err(|error| said(&error))?;
        template.render(&self.answers).map_err(|error| said(&error))
    }

    /// Whether a condition holds.
    ///
    /// # Errors
    ///
    /// It is not a condition.
    pub(super) fn holds(&self, condition: &str) -> Result<bool, String> {
        Ok(!self.render(&asking(condition))?.is_empty())
    }
}

/// Whether a text can be a condition.
///
/// # Errors
///
/// Why it can't.
pub(super) fn check_condition(text: &str) -> Result<(), String> {
    let parsed = parser()?.parse(&asking(text));
    parsed.map(drop).map_err(|error| said(&error))
}

/// A template that is empty if the condition doesn't hold. cargo-generate evaluates conditions as Rhai, and `name
/// == value` means the same there and here as long as a text is compared with a text and a bool with a bool.
fn asking(condition: &str) -> String {
    format!("{{% if {condition} %}}yes{{% endif %}}")
}

fn parser() -> Result<Parser, String> {
    let parser = ParserBuilder::with_stdlib().build();
    parser.map_err(|error| said(&error))
}

fn said(error: &liquid::Error) -> String {
    error.to_string().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renderer() -> Renderer {
        let answers = Answers::from([
            ("a".to_owned(), Value::Text("{{ b }}".to_owned())),
            ("licence".to_owned(), Value::Text("MIT".to_owned())),
            ("project-name".to_owned(), Value::Text("x".to_owned())),
            ("yes".to_owned(), Value::Bool(true)),
            ("no".to_owned(), Value::Bool(false)),
        ]);
        Renderer::new(&answers).expect("a renderer")
    }

    #[test]
    fn answers_are_put_in_as_they_are() {
        let rendered = renderer().render("<{{a}}|{{ project-name }}>");
        assert_eq!(rendered.as_deref(), Ok("<{{ b }}|x>"));
    }

    #[test]
    fn conditions_compare_an_answer_with_a_value() {
        for (text, expected) in [
            ("yes", true),
            ("yes == true", true),
            ("yes == false", false),
            ("no != false", false),
            ("licence == \"MIT\"", true),
            ("licence==\"\"", false),
            ("licence != \"none\"", true),
            ("no != true", true),
        ] {
            assert_eq!(renderer().holds(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for template in [
            "{{ gone }}",
            "{{ a | kebab_case }}",
            "{{ a",
            "{% if yes %}",
            "{% raw %}",
        ] {
            assert!(renderer().render(template).is_err(), "{template}");
        }
        for condition in ["", "yes && no", "!yes", "yes == "] {
            assert!(check_condition(condition).is_err(), "{condition}");
        }
    }
}
