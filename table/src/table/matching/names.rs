//! Ambiguous names: what people type for somebody (AB-17).

use crate::text::loose;

/// The words of a name that somebody has typed. It means whoever has, for each of them, a word that begins so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameWords {
    typed: Vec<String>,
    loose: Vec<String>,
}

impl NameWords {
    /// The words of a text: what white space, comma and semicolon divide.
    pub fn new(text: &str) -> Self {
        Self {
            typed: words(text).map(str::to_owned).collect(),
            loose: words(&loose(text)).map(str::to_owned).collect(),
        }
    }

    /// The words as they were typed.
    pub fn typed(&self) -> &[String] {
        &self.typed
    }

    /// Whether each word begins some word of these texts. Without words nobody is meant.
    pub fn mean<'t>(&self, texts: impl IntoIterator<Item = &'t str>) -> bool {
        let texts: Vec<String> = texts.into_iter().map(loose).collect();
        let begins = |wanted: &String| {
            let mut all = texts.iter().flat_map(|text| words(text));
            all.any(|word| word.starts_with(&**wanted))
        };
        // AB-17: no words, no rows.
        !self.loose.is_empty() && self.loose.iter().all(begins)
    }
}

/// The words of a text.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let divides = |one: char| one.is_whitespace() || matches!(one, ',' | ';');
    text.split(divides).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ab_17_each_word_begins_some_word() {
        let bill = NameWords::new("Bill L");
        for name in ["Billy Larson", "Bill Lee", "Bill Logan Jr.", "Sam Bill Lee"] {
            assert!(bill.mean([name]), "{name}");
        }
        for name in ["Bill", "Will Lee", "Abill Lee", ""] {
            assert!(!bill.mean([name]), "{name}");
        }
        assert!(
            bill.mean(["Lee", "bill"]),
            "the words may be in several texts"
        );
        assert!(NameWords::new("m\u{fc}ller").mean(["Muller"]));
        for nothing in ["", " ,; "] {
            assert!(!NameWords::new(nothing).mean(["Bill", ""]));
        }
        assert_eq!(NameWords::new("Lee;Bill, J").typed(), ["Lee", "Bill", "J"]);
    }
}
