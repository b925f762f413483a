//! Values that lie about their size.

use super::{Bench, HUGE, null};
use crate::object_support::*;

use mapi_provider::abi::*;
use mapi_provider::view::PropValue;

#[test]
fn store_26_values_that_lie_about_their_size_are_problems_of_their_own() {
    let bench = Bench::new();
    let mut few = [7_u8; 4];
    let value = |id: u16, prop_type: u32, value: SPropValueUnion| SPropValue {
        ulPropTag: PropTag::new(id, prop_type),
        dwAlignPad: 0,
        Value: value,
    };
    let mut given = [
        value(
            0x6601,
            PT_BINARY,
            SPropValueUnion {
                bin: SBinary {
                    cb: HUGE,
                    lpb: few.as_mut_ptr(),
                },
            },
        ),
        value(
            0x6602,
            PT_BINARY,
            SPropValueUnion {
                bin: SBinary { cb: 4, lpb: null() },
            },
        ),
        value(
            0x6603,
            PT_MV_LONG,
            SPropValueUnion {
                MVl: SLongArray {
                    cValues: HUGE,
                    lpl: few.as_mut_ptr().cast(),
                },
            },
        ),
        value(
            0x6604,
            PT_MV_BINARY,
            SPropValueUnion {
                MVbin: SBinaryArray {
                    cValues: HUGE,
                    lpbin: null(),
                },
            },
        ),
        value(
            0x6605,
            PT_MV_UNICODE,
            SPropValueUnion {
                MVszW: SWStringArray {
                    cValues: 1,
                    lppszW: null(),
                },
            },
        ),
        value(0x6606, PT_UNICODE, SPropValueUnion { lpszW: null() }),
        value(0x6607, PT_STRING8, SPropValueUnion { lpszA: null() }),
        value(0x6608, PT_CLSID, SPropValueUnion { lpguid: null() }),
        value(0x6609, 0x0FF7, SPropValueUnion { l: 1 }),
        value(0x660A, PT_LONG, SPropValueUnion { l: 7 }),
    ];
    let count = given.len() as u32;
    let last = given.len() - 1;
    let objects: [&IMAPIProp; 4] = [
        bench.session.store.interface(),
        &bench.folder,
        &bench.message,
        &bench.attachment,
    ];
    for object in objects {
        let mut problems = null();
        let problems = unsafe {
            let status = object.SetProps(count, given.as_mut_ptr(), &mut problems);
            assert_eq!(status, S_OK);
            let told = bench.session.allocators().adopt(problems, 1);
            told.expect("each is told")
        };
        let read: mapi_provider::view::PropProblems = problems
            .read(&mapi_provider::view::Limits::default())
            .expect("well-formed");
        let told: Vec<u32> = read.0.iter().map(|one| one.index).collect();
        let expected: Vec<u32> = (0..count - 1).collect();
        assert_eq!(told, expected);
        drop(problems);
        for one in &given[..last] {
            let missing = value_of(&bench, object, one.ulPropTag);
            assert_eq!(missing, PropValue::Error(MAPI_E_NOT_FOUND));
        }
        let good = value_of(&bench, object, given[last].ulPropTag);
        assert_eq!(good, PropValue::Long(7));
    }
    bench.close();
}

fn value_of(bench: &Bench, object: &IMAPIProp, tag: PropTag) -> PropValue<'static> {
    value(&bench.session, object, tag.with_type(PT_UNSPECIFIED))
}
