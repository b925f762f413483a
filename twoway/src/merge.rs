//! Flags are merged one by one (TWOWAY-11).

use crate::item::Flags;

/// Flags after some were added and some taken away.
pub(crate) fn apply(flags: &Flags, add: &Flags, remove: &Flags) -> Flags {
    flags.without(remove).iter().chain(add.iter()).collect()
}

/// What both sides have in common: what both have, and what was common and only one has still, which is its change.
pub(crate) fn common(before: &Flags, one: &Flags, other: &Flags) -> Flags {
    let either: Flags = one.iter().chain(other.iter()).collect();
    let both = one.without(&one.without(other));
    let still = before.without(&before.without(&either));
    both.iter().chain(still.iter()).collect()
}

/// What both sides are to have: the last common flags, with what each side has added and taken away.
///
/// Two sides never disagree about one flag: if both have changed it, they have changed it to the same.
pub(crate) fn flags(common: &Flags, one: &Flags, other: &Flags) -> Flags {
    // TWOWAY-11
    let merged = apply(common, &one.without(common), &common.without(one));
    apply(&merged, &other.without(common), &common.without(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &str) -> Flags {
        names.split_whitespace().collect()
    }

    #[test]
    fn twoway_11_each_flag_is_merged_by_itself_in_all_combinations() {
        // Common, one side, other side, result: `1` is set.
        for (common, one, other, merged) in [
            (0, 0, 0, 0),
            (0, 0, 1, 1),
            (0, 1, 0, 1),
            (0, 1, 1, 1),
            (1, 0, 0, 0),
            (1, 0, 1, 0),
            (1, 1, 0, 0),
            (1, 1, 1, 1),
        ] {
            let has = |bit| set(if bit == 1 { "x y" } else { "y" });
            let case = (common, one, other);
            assert_eq!(
                flags(&has(common), &has(one), &has(other)),
                has(merged),
                "{case:?}"
            );
        }
    }

    #[test]
    fn twoway_11_changes_of_different_flags_do_not_meet() {
        assert_eq!(
            flags(&set("a b c"), &set("b c d"), &set("a c e")),
            set("c d e")
        );
    }
}
