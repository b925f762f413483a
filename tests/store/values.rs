//! Values of every type and size: what is set can be got back.

use std::borrow::Cow;
use std::io::{Read, Seek, SeekFrom, Write};

use mapi_provider::abi::{
    GUID, MAPI_E_NOT_ENOUGH_MEMORY, PR_BODY_W, PR_ENTRYID, PR_HTML, PR_SUBJECT_W, PT_UNSPECIFIED,
    PropTag,
};
use mapi_provider::store::{Message, Store, StoreError};
use mapi_provider::view::{Currency, FileTime, PropValue, Property};
use proptest::prelude::*;

use crate::fake::{Fake, NO_STREAM};
use crate::stores::store_tests;

/// One value of each type that a property can have.
pub(crate) fn of_every_type() -> Vec<PropValue<'static>> {
    let guid = GUID::from_u128(0x0102_0304_0506_0708_090A_0B0C_0D0E_0F10);
    let text: Cow<'static, [u16]> = Cow::Owned("Grüße, 世界 🦀".encode_utf16().collect());
    vec![
        PropValue::I2(-7),
        PropValue::Long(i32::MIN),
        PropValue::R4(1.5),
        PropValue::Double(-2.5),
        PropValue::Currency(Currency::from_ten_thousandths(-1)),
        PropValue::AppTime(43_000.25),
        PropValue::Boolean(true),
        PropValue::I8(i64::MAX),
        PropValue::String8(Cow::Borrowed(b"ANSI")),
        PropValue::Unicode(text.clone()),
        PropValue::SysTime(FileTime::from_ticks(130_000_000_000_000_000)),
        PropValue::Clsid(guid),
        PropValue::Binary(Cow::Borrowed(b"\0\x01\xFF")),
        PropValue::MvI2(Cow::Borrowed(&[1, -2])),
        PropValue::MvLong(Cow::Borrowed(&[1, -2, 3])),
        PropValue::MvR4(Cow::Borrowed(&[0.5])),
        PropValue::MvDouble(Cow::Borrowed(&[0.25, 4.0])),
        PropValue::MvCurrency(Cow::Owned(vec![Currency::from(3)])),
        PropValue::MvAppTime(Cow::Borrowed(&[1.0])),
        PropValue::MvI8(Cow::Borrowed(&[i64::MIN])),
        PropValue::MvString8(vec![Cow::Borrowed(b"a"), Cow::Borrowed(b"")]),
        PropValue::MvUnicode(vec![text, Cow::Borrowed(&[])]),
        PropValue::MvSysTime(Cow::Owned(vec![FileTime::from_ticks(1)])),
        PropValue::MvClsid(Cow::Owned(vec![guid, guid])),
        PropValue::MvBinary(vec![Cow::Borrowed(b"x"), Cow::Borrowed(b"")]),
    ]
}

fn message<'run>(store: &Store<'run>) -> Result<Message<'run>, StoreError> {
    store.ipm_subtree()?.create_message()
}

store_tests! {
    fn values_of_every_type_come_back(store) {
        let message = message(store)?;
        let values = of_every_type();
        let properties: Vec<Property<'_>> = (0x6600..)
            .zip(&values)
            .map(|(id, value)| Property::with_id(id, value.clone()))
            .collect();
        message.set_all(&properties)?;
        let id = message.save()?;
        for message in [message, store.open_message(&id)?] {
            for property in &properties {
                let found = message.get(property.tag)?;
                assert_eq!(found.as_ref(), Some(&property.value));
            }
            let tags: Vec<PropTag> = properties.iter().map(|property| property.tag).collect();
            assert_eq!(message.get_all(&tags)?.properties(), properties);
            let all = message.all()?;
            let missing: Vec<_> = properties.iter().filter(|one| all.get(one.tag).is_none()).collect();
            assert!(missing.is_empty(), "{missing:?}");
        }
    }

    fn large_values_go_by_streams(store) {
        let message = message(store)?;
        let text = "Grüße, 世界 🦀\r\n".repeat(20_000);
        let bytes: Vec<u8> = (0..300_000_u32).map(|number| number as u8).collect();
        message.set_all(&[
            Property::new(PR_SUBJECT_W, "Small"),
            Property::new(PR_BODY_W, &*text),
            Property::new(PR_HTML, &*bytes),
        ])?;
        let id = message.save()?;
        let message = store.open_message(&id)?;
        assert_eq!(message.text(PR_BODY_W)?.as_deref(), Some(&*text));
        assert_eq!(message.binary(PR_HTML)?, Some(bytes.clone()));
        // Also among others, and where the type is left open.
        let untyped = PR_HTML.with_type(PT_UNSPECIFIED);
        let row = message.get_all(&[PR_SUBJECT_W, untyped])?;
        assert_eq!(row.binary(PR_HTML), Some(&*bytes));
        assert_eq!(row.text(PR_SUBJECT_W).as_deref(), Some("Small"));
    }

    fn a_stream_takes_the_place_of_what_was_there(store) {
        let message = message(store)?;
        for size in [20_000, 9000, 0, 100] {
            let bytes = vec![size as u8; size];
            message.set(PR_HTML, &*bytes)?;
            let mut stream = message.writer(PR_HTML)?;
            stream.write_all(&bytes).expect("written");
            stream.commit()?;
            drop(stream);
            assert_eq!(message.binary(PR_HTML)?, Some(bytes));
        }
    }

    fn streams_are_read_written_and_moved_about_in(store) {
        let message = message(store)?;
        let mut stream = message.writer(PR_HTML)?;
        stream.write_all(b"0123456789").expect("written");
        assert_eq!(stream.seek(SeekFrom::End(-4)).expect("moved"), 6);
        stream.write_all(b"abcd").expect("written");
        assert_eq!(stream.size()?, 10);
        stream.flush().expect("nothing to do");
        stream.commit()?;
        drop(stream);

        let mut stream = message.reader(PR_HTML)?;
        assert_eq!(stream.seek(SeekFrom::Start(4)).expect("moved"), 4);
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("read");
        assert_eq!(text, "45abcd");
        let error = stream.write(b"x").expect_err("it is for reading");
        assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied);
        assert!(stream.seek(SeekFrom::Current(-100)).is_err());
        assert_eq!(stream.read(&mut []).expect("nothing"), 0);
        assert!(message.reader(PR_BODY_W).is_err_and(|error| error.is_not_found()));
    }
}

#[test]
fn what_one_call_does_not_take_goes_by_a_stream() {
    let fake = Fake::new();
    let store = fake.store();
    let message = message(&store).expect("a message");
    // Small to us, and too large for this store.
    let bytes = vec![9; 7000];
    message.set(PR_HTML, &*bytes).expect("it is set");
    assert_eq!(message.binary(PR_HTML).expect("read"), Some(bytes));
    drop((message, store));
    fake.assert_clean();
}

#[test]
fn what_has_no_stream_goes_in_one_call_or_not_at_all() {
    let fake = Fake::new();
    let store = fake.store();
    let message = message(&store).expect("a message");
    let error = message
        .set(NO_STREAM, vec![9; 10_000])
        .expect_err("it is too large");
    assert_eq!(error.status(), MAPI_E_NOT_ENOUGH_MEMORY);
    assert_eq!(error.problems()[0].tag, NO_STREAM);
    message.set(NO_STREAM, vec![9; 5000]).expect("it is set");
    let error = message.get(NO_STREAM).expect_err("it is too large");
    assert_eq!(error.status(), MAPI_E_NOT_ENOUGH_MEMORY);
    let row = message.get_all(&[NO_STREAM, PR_ENTRYID]).expect("a row");
    assert_eq!(row.error(NO_STREAM), Some(MAPI_E_NOT_ENOUGH_MEMORY));
    drop((message, store));
    fake.assert_clean();
}

proptest! {
    // Each case is a store of its own.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn values_of_any_size_come_back(sizes in proptest::collection::vec(0..30_000_usize, 1..4)) {
        let fake = Fake::new();
        let store = fake.store();
        let message = message(&store).expect("a message");
        let properties: Vec<Property<'_>> = (0x6600..)
            .zip(sizes)
            .map(|(id, size)| Property::with_id(id, vec![id as u8; size]))
            .collect();
        message.set_all(&properties).expect("all of them");
        let tags: Vec<PropTag> = properties.iter().map(|property| property.tag).collect();
        let row = message.get_all(&tags).expect("all of them");
        prop_assert_eq!(row.properties(), properties);
        drop((message, store));
        fake.assert_clean();
    }
}
