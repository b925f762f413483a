//! `SetProps` and `DeleteProps` on a set of properties (STORE-26).

use mapi_provider_abi::mapi::{
    MAPI_E_COMPUTED, MAPI_E_INVALID_PARAMETER, MAPI_E_INVALID_TYPE, MAPI_E_NOT_FOUND, MV_INSTANCE,
    PT_ERROR, PT_NULL, PT_OBJECT, PT_UNSPECIFIED, PropTag,
};

use super::answers::Problems;
use super::arguments::Given;
use super::fault::{Fault, Result};
use crate::database::PropertySet;

/// Refuses a call as a whole: one without values, or with an object.
pub(super) fn check(given: &[Given]) -> Result<()> {
    if given.is_empty() {
        let text = "there are no properties to be set";
        return Err(Fault::new(MAPI_E_INVALID_PARAMETER, text));
    }
    match given.iter().find(|one| one.tag.prop_type() == PT_OBJECT) {
        None => Ok(()),
        Some(object) => {
            let text = format!(
                "the property {} is an object: open it with OpenProperty",
                object.tag
            );
            Err(Fault::new(MAPI_E_INVALID_PARAMETER, text))
        }
    }
}

/// Sets what can be set; what can't is a problem of its own. `refuses` says why a value is none for this object.
// STORE-09: whatever is not worked out is kept as it came, on every object; so Outlook's own marks are.
pub(super) fn set(
    props: &mut PropertySet,
    given: Vec<Given>,
    is_computed: impl Fn(u16) -> bool,
    mut refuses: impl FnMut(&Given) -> Result<Option<mapi_provider_abi::mapi::HRESULT>>,
) -> Result<Problems> {
    let mut problems = Problems::default();
    for (index, one) in given.into_iter().enumerate() {
        let tag = one.tag;
        if matches!(tag.prop_type(), PT_ERROR | PT_NULL) {
            continue;
        }
        if is_computed(tag.id()) {
            problems.add(index, tag, MAPI_E_COMPUTED);
            continue;
        }
        // What is no value, or one of several in a row of a table, is none of an object.
        if tag.prop_type() == PT_UNSPECIFIED || tag.prop_type() & MV_INSTANCE != 0 {
            problems.add(index, tag, MAPI_E_INVALID_TYPE);
            continue;
        }
        if let Some(status) = refuses(&one)? {
            problems.add(index, tag, status);
            continue;
        }
        match one.value {
            Ok(value) => drop(props.set(tag.id(), value)),
            Err(status) => problems.add(index, tag, status),
        }
    }
    Ok(problems)
}

/// Deletes what can be deleted.
pub(super) fn delete(
    props: &mut PropertySet,
    tags: &[PropTag],
    is_computed: impl Fn(u16) -> bool,
) -> Problems {
    let mut problems = Problems::default();
    for (index, tag) in tags.iter().enumerate() {
        if is_computed(tag.id()) {
            problems.add(index, *tag, MAPI_E_COMPUTED);
        } else if props.remove(tag.id()).is_none() {
            problems.add(index, *tag, MAPI_E_NOT_FOUND);
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use mapi_provider_abi::mapi::{
        HRESULT, PR_ENTRYID, PR_NULL, PR_SUBJECT_A, PR_SUBJECT_W, PT_LONG,
    };
    use mapi_provider_abi::view::PropValue;

    use super::*;

    fn given(tag: PropTag, value: PropValue<'static>) -> Given {
        let value = Ok::<_, HRESULT>(value);
        Given { tag, value }
    }

    #[test]
    fn store_26_objects_and_nothing_are_refused_as_a_whole() {
        let object = given(PropTag::new(0x3701, PT_OBJECT), PropValue::Object);
        let subject = || given(PR_SUBJECT_W, PropValue::from("a"));
        for refused in [vec![], vec![subject(), object]] {
            let status = check(&refused).map_err(|fault| fault.status);
            assert_eq!(status, Err(MAPI_E_INVALID_PARAMETER));
        }
        assert!(check(&[subject()]).is_ok());
    }

    #[test]
    fn store_26_one_bad_property_is_a_problem_of_its_own() {
        let mut props = PropertySet::default();
        let error = PropTag::new(0x1000, PT_ERROR);
        let all = vec![
            given(PR_NULL, PropValue::Null),
            given(error, PropValue::Error(MAPI_E_NOT_FOUND)),
            given(PR_ENTRYID, PropValue::from(vec![1])),
            given(PR_SUBJECT_A, PropValue::ansi("a")),
            given(PropTag::new(0x6001, PT_LONG), PropValue::Long(1)),
        ];
        let computed = |id| id == PR_ENTRYID.id();
        let problems = set(&mut props, all, computed, |_| Ok(None)).expect("set");
        assert_eq!(problems.first(), Some(MAPI_E_COMPUTED));
        assert_eq!(props.len(), 2);
        let gone = delete(&mut props, &[PR_SUBJECT_W, PR_SUBJECT_W], computed);
        assert_eq!(gone.first(), Some(MAPI_E_NOT_FOUND));
        assert_eq!(props.len(), 1);
    }
}
