//! The mistakes that the provider can make, read from where the compiler reads them.

use std::fs;
use std::path::Path;

/// One of the provider's mistakes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    /// What `CPP_PROVIDER_MISTAKE` is given.
    pub(super) name: String,
    /// The rule that it breaks.
    pub(super) rule: String,
    /// What a developer has got wrong.
    pub(super) what: String,
}

impl Mistake {
    /// Whether the transport makes it.
    pub(super) fn is_of_transport(&self) -> bool {
        self.rule.starts_with("XP-")
    }
}

/// Reads the mistakes in `broken.h`: one a line, as `MISTAKE(name, "rule", "what")`.
pub(super) fn read(path: &Path) -> Result<Vec<Mistake>, String> {
    let text = fs::read_to_string(path)
        .map_err(|error| format!("can't read {}: {error}", path.display()))?;
    let mistakes: Option<Vec<Mistake>> = lines(&text).map(parse).collect();
    match mistakes {
        Some(mistakes) if !mistakes.is_empty() => Ok(mistakes),
        Some(_) => Err(format!("{} has no mistakes", path.display())),
        None => Err(format!("a mistake in {} can't be read", path.display())),
    }
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .map(str::trim)
        .filter(|line| line.starts_with("MISTAKE("))
}

fn parse(line: &str) -> Option<Mistake> {
    let line = line.strip_prefix("MISTAKE(")?.trim_end_matches('\\').trim();
    let (name, rest) = line.strip_suffix(')')?.split_once(',')?;
    let mut quoted = rest.split('"').skip(1).step_by(2);
    let (rule, what) = (quoted.next()?, quoted.next()?);
    Some(Mistake {
        name: name.trim().to_owned(),
        rule: rule.to_owned(),
        what: what.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::provider;
    use super::*;

    #[test]
    fn a_line_is_a_mistake() {
        let line = r#"    MISTAKE(size_ignored, "SYNC-02", "ulSize, of all things") \"#;
        let mistake = parse(line.trim()).expect("a mistake");
        assert_eq!(
            (mistake.name, mistake.rule, mistake.what),
            (
                "size_ignored".into(),
                "SYNC-02".into(),
                "ulSize, of all things".into()
            )
        );
        assert_eq!(parse("MISTAKE(size_ignored)"), None);
    }

    #[test]
    fn each_mistake_has_a_name_of_its_own_a_place_in_the_code_and_a_row_in_the_readme() {
        let folder = provider::folder();
        let mistakes = read(&folder.join("broken.h")).expect("readable");
        let names: BTreeSet<&str> = mistakes.iter().map(|mistake| &*mistake.name).collect();
        assert_eq!(names.len(), mistakes.len());
        let code = provider::code().expect("readable");
        let readme = fs::read_to_string(folder.join("README.md")).expect("readable");
        for Mistake { name, rule, what } in &mistakes {
            assert!(code.contains(&format!("Mistake::{name}")), "{name}");
            let row = format!("| {rule} | `{name}` | {what} |");
            assert!(readme.contains(&row), "{row}");
        }
    }
}
