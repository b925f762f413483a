//! The bodies of a message: they are kept as given, none is made of another, and `PR_RTF_IN_SYNC` tells whether the
//! formatted one is as new as the others (STORE-31).

use mapi_provider_abi::mapi::{
    PR_BODY_W, PR_HTML, PR_RTF_COMPRESSED, PR_RTF_IN_SYNC, PT_BOOLEAN, PT_ERROR, PT_NULL, PropTag,
};
use mapi_provider_abi::view::PropValue;

use crate::database::PropertySet;

/// Keeps the mark after properties were set, in this order, by one call.
pub(super) fn set(props: &mut PropertySet, tags: &[PropTag]) {
    let is_set = |tag: &PropTag| !matches!(tag.prop_type(), PT_ERROR | PT_NULL);
    let last = |is_it: fn(u16) -> bool| {
        let found = tags.iter().rposition(|tag| is_set(tag) && is_it(tag.id()));
        found.map_or(0, |place| place + 1)
    };
    let (formatted, other) = (last(is_formatted), last(is_other));
    let is_told = tags
        .iter()
        .any(|tag| tag.id() == PR_RTF_IN_SYNC.id() && tag.prop_type() == PT_BOOLEAN);
    // Who says it himself knows better. Where there is only one body, there is nothing to compare.
    if is_told || formatted == other || !has_formatted(props) || !has_other(props) {
        return;
    }
    props.set_tag(PR_RTF_IN_SYNC, PropValue::Boolean(formatted > other));
}

/// Keeps the mark after properties were deleted: what was left alone is older than nothing.
pub(super) fn deleted(props: &mut PropertySet, tags: &[PropTag]) {
    let was_other = tags.iter().any(|tag| is_other(tag.id()));
    if was_other && has_formatted(props) && !has_other(props) {
        props.remove(PR_RTF_IN_SYNC.id());
    }
}

fn is_formatted(id: u16) -> bool {
    id == PR_RTF_COMPRESSED.id()
}

fn is_other(id: u16) -> bool {
    id == PR_BODY_W.id() || id == PR_HTML.id()
}

fn has_formatted(props: &PropertySet) -> bool {
    props.contains(PR_RTF_COMPRESSED.id())
}

fn has_other(props: &PropertySet) -> bool {
    props.contains(PR_BODY_W.id()) || props.contains(PR_HTML.id())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn props(tags: &[PropTag]) -> PropertySet {
        let mut props = PropertySet::default();
        for tag in tags {
            props.set_tag(*tag, vec![1]);
        }
        props
    }

    fn is_in_sync(props: &PropertySet) -> Option<bool> {
        props
            .value(PR_RTF_IN_SYNC.id())
            .and_then(PropValue::as_bool)
    }

    #[test]
    fn store_31_the_older_body_is_told() {
        let both = [PR_RTF_COMPRESSED, PR_BODY_W];
        let mut changed = props(&both);
        set(&mut changed, &[PR_HTML]);
        assert_eq!(is_in_sync(&changed), Some(false));
        set(&mut changed, &[PR_RTF_COMPRESSED]);
        assert_eq!(is_in_sync(&changed), Some(true));
        // In one call the order decides, unless the call says it.
        let mut at_once = props(&both);
        set(&mut at_once, &both);
        assert_eq!(is_in_sync(&at_once), Some(false));
        at_once.remove(PR_RTF_IN_SYNC.id());
        set(
            &mut at_once,
            &[PR_RTF_IN_SYNC, PR_RTF_COMPRESSED, PR_BODY_W],
        );
        assert_eq!(is_in_sync(&at_once), None, "as it was set");
    }

    #[test]
    fn store_31_a_body_that_is_alone_is_older_than_nothing() {
        let mut alone = props(&[PR_RTF_COMPRESSED]);
        set(&mut alone, &[PR_RTF_COMPRESSED]);
        assert_eq!(is_in_sync(&alone), None);
        alone.set_tag(PR_RTF_IN_SYNC, PropValue::Boolean(false));
        deleted(&mut alone, &[PR_BODY_W]);
        assert_eq!(is_in_sync(&alone), None);
    }
}
