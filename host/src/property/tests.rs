//! What is written in MAPI's form can be read back unchanged.

use super::*;

fn samples() -> Vec<Property> {
    let values = [
        Value::Short(-2),
        Value::Long(-70_000),
        Value::Float(1.5),
        Value::Double(-2.5),
        Value::Currency(12_345),
        Value::AppTime(3.25),
        Value::Error(MAPI_E_NOT_FOUND),
        Value::Boolean(true),
        Value::LongLong(i64::MIN),
        Value::String8(b"ansi".to_vec()),
        Value::Unicode("Ünïcode 🦀".to_owned()),
        Value::Unicode(String::new()),
        Value::Time(0x0123_4567_89AB_CDEF),
        Value::Guid(GUID::from_u128(0x5024a386_2d44_486a_81a8_8f0ecb6071dd)),
        Value::Binary(vec![0, 1, 255]),
        Value::Binary(Vec::new()),
    ];
    values
        .into_iter()
        .enumerate()
        .map(|(i, value)| Property {
            id: 0x6600 + i as u16,
            value,
        })
        .collect()
}

#[test]
fn every_type_comes_back_as_it_was() {
    let mut array = PropertyArray::new(&samples());
    // SAFETY: the array owns what is read.
    let read = unsafe { Property::read_all(array.count(), array.as_mut_ptr()) };
    let read: Result<Vec<_>, _> = read.into_iter().collect();
    assert_eq!(read, Ok(samples()));
}

#[test]
fn properties_in_mapi_memory_are_one_buffer() {
    let allocators = crate::memory::Allocators::take().expect("a set is free");
    let buffer = allocate_properties(allocators.ledger(), "a test", &samples()).expect("memory");
    // SAFETY: that many were written.
    let read = unsafe { Property::read_all(samples().len() as u32, buffer.as_ptr()) };
    let read: Result<Vec<_>, _> = read.into_iter().collect();
    assert_eq!(read, Ok(samples()));
    assert_eq!(allocators.leaks().len(), 1);
    // SAFETY: not used any more.
    unsafe { allocators.free(buffer.as_ptr().cast()) };
    assert_eq!((allocators.leaks(), allocators.faults()), (vec![], vec![]));
}

#[test]
fn strings_are_converted_and_nothing_else() {
    let text = Value::from("Grüße");
    let ansi = text.to_kind(PT_STRING8).expect("strings convert");
    assert_eq!(ansi, Value::String8(b"Gr\xFC\xDFe".to_vec()));
    assert_eq!(ansi.to_kind(PT_UNICODE), Ok(text.clone()));
    assert_eq!(text.to_kind(PT_UNSPECIFIED), Ok(text.clone()));
    assert_eq!(text.to_kind(PT_LONG), Err(MAPI_E_UNEXPECTED_TYPE));
}

#[test]
fn an_array_may_lie_anywhere() {
    let size = size_of::<SPropValue>();
    let mut bytes = vec![0_u8; 2 * size + 8];
    let odd = bytes.as_ptr().align_offset(8) + 4;
    // SAFETY: two structures fit behind it, and one of zeros is valid.
    let read = unsafe {
        let first = bytes.as_mut_ptr().add(odd % 8).cast::<SPropValue>();
        for at in 0..2 {
            let mut value: SPropValue = std::mem::zeroed();
            value.ulPropTag = PropTag::new(0x6601 + at as u16, PT_LONG);
            value.Value.l = 7 + at as i32;
            first.add(at).write_unaligned(value);
        }
        Property::read_all(2, first)
    };
    let numbers: Vec<Value> = read.into_iter().flatten().map(|one| one.value).collect();
    assert_eq!(numbers, [Value::Long(7), Value::Long(8)]);
}
