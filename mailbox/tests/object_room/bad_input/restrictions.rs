//! Restrictions that are nested too deep, or lie.

use super::{
    Bench,
    Expected::{self, This},
    HUGE, null,
};

use mapi_provider::abi::*;
use mapi_provider::view::{EntryId, EntryList};

/// Restrictions of which each is the only part of the one before.
fn nested(depth: usize, kind: u32) -> Vec<SRestriction> {
    let exists = SRestriction {
        rt: RES_EXIST,
        res: SRestriction_res {
            resExist: SExistRestriction {
                ulReserved1: 0,
                ulPropTag: PR_SUBJECT_W,
                ulReserved2: 0,
            },
        },
    };
    let mut all = vec![exists; depth];
    for at in 1..depth {
        let inner = &raw mut all[at];
        let res = match kind {
            RES_NOT => SRestriction_res {
                resNot: SNotRestriction {
                    ulReserved: 0,
                    lpRes: inner,
                },
            },
            _ => SRestriction_res {
                resAnd: SAndRestriction {
                    cRes: 1,
                    lpRes: inner,
                },
            },
        };
        all[at - 1] = SRestriction { rt: kind, res };
    }
    all
}

#[test]
fn store_15_restrictions_nested_ten_thousand_deep_and_lying_ones_are_refused() {
    let bench = Bench::new();
    let before = bench.seen();
    let mut lying = SPropValue {
        ulPropTag: PR_SUBJECT_W,
        dwAlignPad: 0,
        Value: SPropValueUnion { lpszW: null() },
    };
    let with = |rt, res| vec![SRestriction { rt, res }];
    let cases: Vec<(Vec<SRestriction>, Expected)> = vec![
        (nested(10_000, RES_NOT), This(MAPI_E_TOO_COMPLEX)),
        (nested(10_000, RES_AND), This(MAPI_E_TOO_COMPLEX)),
        (nested(10_000, RES_OR), This(MAPI_E_TOO_COMPLEX)),
        (
            with(
                RES_AND,
                SRestriction_res {
                    resAnd: SAndRestriction {
                        cRes: HUGE,
                        lpRes: null(),
                    },
                },
            ),
            This(MAPI_E_INVALID_PARAMETER),
        ),
        (
            with(
                RES_PROPERTY,
                SRestriction_res {
                    resProperty: SPropertyRestriction {
                        relop: RELOP_EQ,
                        ulPropTag: PR_SUBJECT_W,
                        lpProp: &raw mut lying,
                    },
                },
            ),
            This(MAPI_E_INVALID_PARAMETER),
        ),
        (
            with(
                RES_CONTENT,
                SRestriction_res {
                    resContent: SContentRestriction {
                        ulFuzzyLevel: HUGE,
                        ulPropTag: PR_SUBJECT_W,
                        lpProp: null(),
                    },
                },
            ),
            This(MAPI_E_INVALID_PARAMETER),
        ),
        (
            with(
                HUGE,
                SRestriction_res {
                    resNot: SNotRestriction {
                        ulReserved: 0,
                        lpRes: null(),
                    },
                },
            ),
            This(MAPI_E_TOO_COMPLEX),
        ),
    ];
    let scope = EntryList(vec![EntryId::from(bench.id(&bench.folder))]);
    let scope = bench.session.allocators().build(&scope).expect("memory");
    for (number, (mut all, expected)) in cases.into_iter().enumerate() {
        let restriction = all.as_mut_ptr();
        let statuses = unsafe {
            let (criteria, flags) = (SetSearchCriteriaFlags::empty(), TableFlags::empty());
            let find = FindRowFlags::empty();
            [
                bench.table.Restrict(restriction, flags),
                bench.table.FindRow(restriction, 0, find),
                bench
                    .search
                    .SetSearchCriteria(restriction, scope.as_ptr(), criteria),
            ]
        };
        let This(expected) = expected;
        assert_eq!(statuses, [expected; 3], "case {number}");
    }
    drop(scope);
    assert_eq!(bench.seen(), before);
    bench.close();
}
