//! "Did you mean …?"

use super::visible::visible;

/// The candidate that `word` was most likely meant to be, if one is near enough.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Nobody types words that long; the table below would only be large.
    if word.chars().count() > 64 {
        return None;
    }
    let normal_word = normal(word);
    let mut nearest: Option<(usize, &str)> = None;
    let mut longer: Vec<&str> = Vec::new();
    for candidate in candidates {
        let normal_candidate = normal(candidate);
        if normal_word.len() >= SHORTEST && normal_candidate.starts_with(&normal_word) {
            longer.push(candidate);
        }
        let tolerance = tolerance(&normal_word, &normal_candidate);
        // No table is needed if the lengths alone show that it is another word.
        if normal_word.len().abs_diff(normal_candidate.len()) > tolerance {
            continue;
        }
        let distance = distance(&normal_word, &normal_candidate);
        if distance <= tolerance && nearest.is_none_or(|(least, _)| distance < least) {
            nearest = Some((distance, candidate));
        }
    }
    let nearest = nearest.map(|(_, candidate)| candidate);
    nearest.or(match longer[..] {
        [only] => Some(only),
        _ => None,
    })
}

/// The beginning of exactly one word is short for it: `int`, `wrapped`.
const SHORTEST: usize = 3;

/// A help line with the nearest candidate, or with all of them if none is near and there are few.
pub fn did_you_mean(word: &str, candidates: &[&str]) -> Option<String> {
    if let Some(candidate) = closest(word, candidates.iter().copied()) {
        return Some(format!("did you mean `{}`?", visible(candidate)));
    }
    (1..=24)
        .contains(&candidates.len())
        .then(|| format!("known here: {}", list(candidates)))
}

/// `` `a`, `b`, `c` ``
fn list(words: &[&str]) -> String {
    words
        .iter()
        .map(|word| format!("`{}`", visible(word)))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Case and the choice of `-` or `_` don't count as a difference.
fn normal(word: &str) -> Vec<char> {
    word.chars()
        .map(|c| {
            if c == '_' {
                '-'
            } else {
                c.to_ascii_lowercase()
            }
        })
        .collect()
}

/// A third of the letters may be wrong.
fn tolerance(a: &[char], b: &[char]) -> usize {
    a.len().max(b.len()) / 3
}

/// Edit distance in which swapped neighbours count once (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    rows[0] = (0..=b.len()).collect();
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let change = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1)
                .min(rows[i][j - 1] + 1)
                .min(rows[i - 1][j - 1] + change);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::{closest, did_you_mean};

    #[test]
    fn near_words_are_suggested_and_far_ones_not() {
        let known = ["name", "kind", "logoff-wait"];
        assert_eq!(closest("nmae", known), Some("name"));
        assert_eq!(closest("logoff_wait", known), Some("logoff-wait"));
        assert_eq!(closest("colour", known), None);
        assert_eq!(closest(&"n".repeat(100_000), known), None);
        assert_eq!(closest("name", ["n".repeat(100_000).as_str()]), None);
    }

    #[test]
    fn what_one_word_alone_begins_with_is_short_for_it() {
        let known = ["integer", "primary-identity", "primary-store"];
        assert_eq!(closest("int", known), Some("integer"));
        assert_eq!(closest("in", known), None);
        assert_eq!(closest("primary", known), None);
    }

    #[test]
    fn where_nothing_is_near_the_choice_is_listed() {
        assert_eq!(
            did_you_mean("zzz", &["merge", "busy"]).unwrap(),
            "known here: `merge`, `busy`"
        );
        assert_eq!(did_you_mean("zzz", &[]), None);
    }
}
