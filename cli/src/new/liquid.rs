//! The part of Liquid that the templates use: `{{ name }}`, `{% if %}` with `elsif` and `else`, `{% raw %}`, and
//! dashes that take white space away.

use super::condition::{Answers, Condition, is_name, value_of};

/// Renders a template.
///
/// # Errors
///
/// It uses more of Liquid than this, or names an answer that there isn't.
pub(super) fn render(template: &str, answers: &Answers) -> Result<String, String> {
    let mut text = String::new();
    write(&parse(template)?, answers, &mut text)?;
    Ok(text)
}

/// A piece of a template.
#[derive(Debug)]
enum Node<'a> {
    Text(&'a str),
    Answer(&'a str),
    If(Vec<Branch<'a>>),
}

/// A branch of an `if`; the last one may have no condition.
#[derive(Debug)]
struct Branch<'a> {
    condition: Option<Condition>,
    nodes: Vec<Node<'a>>,
}

fn write(nodes: &[Node<'_>], answers: &Answers, text: &mut String) -> Result<(), String> {
    for node in nodes {
        match node {
            Node::Text(piece) => text.push_str(piece),
            Node::Answer(name) => text.push_str(&value_of(name, answers)?.to_string()),
            Node::If(branches) => {
                for branch in branches {
                    let taken = branch.condition.as_ref().map(|it| it.holds(answers));
                    if taken.unwrap_or(Ok(true))? {
                        write(&branch.nodes, answers, text)?;
                        break;
                    }
                }
            }
        }
    }
    Ok(())
}

fn parse(template: &str) -> Result<Vec<Node<'_>>, String> {
    // The pieces outside any `if`, and then of each `if` that is open.
    let mut outermost = Vec::new();
    let mut open: Vec<Vec<Branch<'_>>> = Vec::new();
    let mut rest = template;
    while let Some(begin) = ["{{", "{%"].iter().filter_map(|it| rest.find(it)).min() {
        let (before, tag) = rest.split_at(begin);
        let tag = Tag::parse(tag)?;
        let before = if tag.trims_before {
            before.trim_end()
        } else {
            before
        };
        place(Node::Text(before), &mut open, &mut outermost);
        rest = if tag.trims_after {
            tag.rest.trim_start()
        } else {
            tag.rest
        };
        match (tag.is_output, tag.word, tag.argument) {
            (true, name, "") if is_name(name) => {
                place(Node::Answer(name), &mut open, &mut outermost)
            }
            (false, "if", condition) => open.push(vec![Branch::new(Some(condition))?]),
            (false, "elsif", condition) => {
                continued(&mut open)?.push(Branch::new(Some(condition))?)
            }
            (false, "else", "") => continued(&mut open)?.push(Branch::new(None)?),
            (false, "endif", "") => {
                let branches = open.pop().ok_or("`endif` without an `if`")?;
                place(Node::If(branches), &mut open, &mut outermost);
            }
            (false, "raw", "") => {
                let (raw, after) = rest
                    .split_once("{% endraw %}")
                    .ok_or("`raw` without its end")?;
                place(Node::Text(raw), &mut open, &mut outermost);
                rest = after;
            }
            _ => return Err(format!("`{}` can't be understood", tag.whole)),
        }
    }
    place(Node::Text(rest), &mut open, &mut outermost);
    match open.is_empty() {
        true => Ok(outermost),
        false => Err("`if` without its `endif`".to_owned()),
    }
}

/// Puts a piece where it belongs: into the innermost branch that is open.
fn place<'a>(node: Node<'a>, open: &mut [Vec<Branch<'a>>], outermost: &mut Vec<Node<'a>>) {
    match open.last_mut().and_then(|branches| branches.last_mut()) {
        Some(branch) => branch.nodes.push(node),
        None => outermost.push(node),
    }
}

/// The innermost `if`, if it can have another branch.
fn continued<'b, 'a>(open: &'b mut [Vec<Branch<'a>>]) -> Result<&'b mut Vec<Branch<'a>>, String> {
    let branches = open.last_mut();
    let more = |branches: &&mut Vec<Branch<'a>>| {
        branches
            .last()
            .is_some_and(|branch| branch.condition.is_some())
    };
    let branches = branches.filter(more);
    branches.ok_or_else(|| "`else` or `elsif` without its `if`".to_owned())
}

impl Branch<'_> {
    fn new(condition: Option<&str>) -> Result<Self, String> {
        Ok(Self {
            condition: condition.map(Condition::parse).transpose()?,
            nodes: Vec::new(),
        })
    }
}

/// What stands in braces, and what follows it.
struct Tag<'a> {
    whole: &'a str,
    is_output: bool,
    word: &'a str,
    argument: &'a str,
    trims_before: bool,
    trims_after: bool,
    rest: &'a str,
}

impl<'a> Tag<'a> {
    /// Reads a tag at the beginning of a text.
    fn parse(text: &'a str) -> Result<Self, String> {
        let is_output = text.starts_with("{{");
        let close = if is_output { "}}" } else { "%}" };
        let after = &text[2..];
        let end = after.find(close).ok_or("braces are not closed")?;
        let inner = &after[..end];
        let (inner, trims_before) = dash(inner, inner.strip_prefix('-'));
        let (inner, trims_after) = dash(inner, inner.strip_suffix('-'));
        let inner = inner.trim();
        let (word, argument) = inner.split_once(' ').unwrap_or((inner, ""));
        Ok(Self {
            whole: &text[..end + 4],
            is_output,
            word,
            argument: argument.trim(),
            trims_before,
            trims_after,
            rest: &after[end + 2..],
        })
    }
}

fn dash<'a>(whole: &'a str, stripped: Option<&'a str>) -> (&'a str, bool) {
    (stripped.unwrap_or(whole), stripped.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::new::condition::Value;

    fn rendered(template: &str) -> Result<String, String> {
        let answers = Answers::from([
            ("a".to_owned(), Value::Text("{{ b }}".to_owned())),
            ("project-name".to_owned(), Value::Text("x".to_owned())),
            ("yes".to_owned(), Value::Bool(true)),
            ("no".to_owned(), Value::Bool(false)),
        ]);
        render(template, &answers)
    }

    #[test]
    fn answers_are_put_in_as_they_are() {
        assert_eq!(
            rendered("<{{a}}|{{ project-name }}>"),
            Ok("<{{ b }}|x>".to_owned())
        );
        assert_eq!(
            rendered("no braces { % } }}\n"),
            Ok("no braces { % } }}\n".to_owned())
        );
    }

    #[test]
    fn one_branch_is_taken() {
        let template = "{% if no %}1{% elsif a == \"y\" %}2{% elsif yes %}3{% if no %}4{% else %}5{% endif %}{% else %}6{% endif %}7";
        assert_eq!(rendered(template), Ok("357".to_owned()));
        assert_eq!(rendered("{% if no %}1{% endif %}2"), Ok("2".to_owned()));
    }

    #[test]
    fn dashes_take_white_space_away() {
        assert_eq!(
            rendered("a\n{%- if yes %}\nb\n{%- endif %}\nc\n"),
            Ok("a\nb\nc\n".to_owned())
        );
        assert_eq!(
            rendered("a\n{%- if no %}\nb\n{%- endif %}\nc\n"),
            Ok("a\nc\n".to_owned())
        );
        assert_eq!(rendered("a {{- project-name -}} b"), Ok("axb".to_owned()));
        assert_eq!(rendered("{% if yes -%} a {%- endif %}"), Ok("a".to_owned()));
    }

    #[test]
    fn raw_text_is_left_alone() {
        assert_eq!(
            rendered("{% raw %}${{ matrix.arch }}{% if %}{% endraw %}!"),
            Ok("${{ matrix.arch }}{% if %}!".to_owned())
        );
    }

    #[test]
    fn the_beginning_of_any_template_is_read_or_refused() {
        use crate::new::built_in::TEMPLATES;
        for (_, text) in TEMPLATES.iter().flat_map(|template| template.files) {
            let tags = text
                .match_indices(['{', '%', '}', '-'])
                .map(|(place, _)| place);
            for end in tags.flat_map(|place| [place, place + 1]) {
                // Whatever comes of it: no slice may be out of range.
                let _ = rendered(&text[..end]);
                let _ = rendered(&text[end..]);
            }
        }
    }

    #[test]
    fn what_is_more_is_refused() {
        for template in [
            "{{ a | upcase }}",
            "{{ gone }}",
            "{{ }}",
            "{{ a",
            "{% if yes %}",
            "{% endif %}",
            "{% else %}",
            "{% if yes %}{% else %}{% else %}{% endif %}",
            "{% if yes and no %}{% endif %}",
            "{% for x in a %}{% endfor %}",
            "{% raw %}",
            "{% if gone %}{% endif %}",
            "{%",
            "{%}",
            "{{é",
        ] {
            assert!(rendered(template).is_err(), "{template}");
        }
    }
}
