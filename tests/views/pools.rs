//! Structures of arbitrary numbers, whose pointers are NULL or good for as much as the limits allow. Whatever is in
//! them, they are read or refused; what was read can be built and read back. The property test beside this file and
//! the fuzz target `property_views` throw the dice.

use std::ptr;

use mapi_provider::abi::{
    NOTIFICATION, NotificationEvents, PropTag, SBinary, SPropTagArray, SPropValue, SRestriction,
    SRow, SRowSet, UnicodeFlags,
};
use mapi_provider::view::{
    self, Limits, Notification, Property, Restriction, RowSet, View, ViewError,
};

use crate::memory::{allocators, assert_nothing_left};

const ELEMENTS: usize = 4;
const BYTES: usize = 64;

fn limits() -> Limits {
    Limits::default()
        .with_elements(ELEMENTS as u32)
        .with_bytes(BYTES as u32)
        .with_depth(5)
        .with_nodes(300)
}

/// Arbitrary numbers, over and over.
struct Dice {
    numbers: Vec<u32>,
    next: usize,
}

impl Dice {
    fn roll(&mut self) -> u32 {
        self.next += 1;
        let number = self.numbers[self.next % self.numbers.len()];
        number.rotate_left((self.next / self.numbers.len()) as u32)
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.roll() as usize % all.len()]
    }

    /// Small, large, at the limits, or anything.
    fn count(&mut self) -> u32 {
        let any = self.roll();
        self.one_of(&[0, 1, 2, 3, 4, 5, 64, 65, 0x8000_0000, u32::MAX, any])
    }

    /// NULL, or an element of a pool with as many behind it as the limits allow.
    fn pointer<T>(&mut self, pool: *mut T, length: usize, needed: usize) -> *mut T {
        if self.roll().is_multiple_of(8) {
            return ptr::null_mut();
        }
        let index = self.roll() as usize % (length - needed + 1);
        // SAFETY: within the pool.
        unsafe { pool.add(index) }
    }
}

/// Memory that hostile structures point into.
struct Pools {
    dice: Dice,
    bytes: Box<[u8; 256]>,
    strings: Box<[*mut u8; 8]>,
    binaries: Box<[SBinary; 8]>,
    properties: Box<[SPropValue; 8]>,
    restrictions: Box<[SRestriction; 12]>,
    tags: Box<[u32; 1 + ELEMENTS]>,
}

/// Known types, twice those that point somewhere.
const TYPES: [u32; 40] = [
    0x0000, 0x0001, 0x0002, 0x0003, 0x0004, 0x0005, 0x0006, 0x0007, 0x000A, 0x000B, 0x000D, 0x0014,
    0x001E, 0x001F, 0x001E, 0x001F, 0x0040, 0x0048, 0x0102, 0x1002, 0x1003, 0x1004, 0x1005, 0x1006,
    0x1007, 0x1014, 0x101E, 0x101F, 0x101E, 0x101F, 0x1040, 0x1048, 0x1102, 0x1102, 0x3003, 0x301F,
    0x3102, 0x3048, 0x00FD, 0x0009,
];

fn zeroed<T: Copy>() -> T {
    // SAFETY: MAPI's structures are numbers and pointers, and zero is a value of both.
    unsafe { std::mem::zeroed() }
}

impl Pools {
    fn new(numbers: Vec<u32>) -> Self {
        let mut dice = Dice { numbers, next: 0 };
        // Enough zeros for most strings to end.
        let bytes = std::array::from_fn(|_| dice.roll() as u8 & dice.roll() as u8 & 0x7);
        let mut pools = Self {
            dice,
            bytes: Box::new(bytes),
            strings: Box::new([ptr::null_mut(); 8]),
            binaries: Box::new([zeroed(); 8]),
            properties: Box::new([zeroed(); 8]),
            restrictions: Box::new([zeroed(); 12]),
            tags: Box::new([0; 1 + ELEMENTS]),
        };
        for index in 0..8 {
            pools.strings[index] = pools.bytes();
            pools.binaries[index] = pools.binary();
        }
        for index in 0..8 {
            pools.properties[index] = pools.property();
        }
        for index in 0..12 {
            pools.restrictions[index] = pools.restriction();
        }
        pools
    }

    fn bytes(&mut self) -> *mut u8 {
        self.dice.pointer(self.bytes.as_mut_ptr(), 256, BYTES)
    }

    fn binary(&mut self) -> SBinary {
        SBinary {
            cb: self.dice.count(),
            lpb: self.bytes(),
        }
    }

    fn tag(&mut self) -> PropTag {
        let any = self.dice.roll();
        let prop_type = self.dice.one_of(&TYPES);
        match self.dice.roll() % 16 {
            0 => PropTag(any),
            _ => PropTag::new(any as u16, prop_type),
        }
    }

    fn property(&mut self) -> SPropValue {
        let mut property: SPropValue = zeroed();
        property.ulPropTag = self.tag();
        property.dwAlignPad = self.dice.roll();
        match property.ulPropTag.prop_type() {
            // Strings and GUIDs, also as instances of lists.
            0x001E | 0x001F | 0x0048 | 0x301E | 0x301F | 0x3048 => {
                property.Value.lpszA = self.bytes();
            }
            // All lists are laid out as a binary value is.
            0x101E | 0x101F => {
                property.Value.bin = SBinary {
                    cb: self.dice.count(),
                    lpb: self
                        .dice
                        .pointer(self.strings.as_mut_ptr(), 8, ELEMENTS)
                        .cast(),
                };
            }
            0x1102 => {
                property.Value.bin = SBinary {
                    cb: self.dice.count(),
                    lpb: self
                        .dice
                        .pointer(self.binaries.as_mut_ptr(), 8, ELEMENTS)
                        .cast(),
                };
            }
            prop_type if prop_type & 0x1000 != 0 || prop_type == 0x0102 => {
                property.Value.bin = self.binary();
            }
            _ => {
                property.Value.li = i64::from(self.dice.roll()) << 32 | i64::from(self.dice.roll());
            }
        }
        property
    }

    fn one_property(&mut self) -> *mut SPropValue {
        self.dice.pointer(self.properties.as_mut_ptr(), 8, ELEMENTS)
    }

    fn row(&mut self) -> SRow {
        SRow {
            ulAdrEntryPad: self.dice.roll(),
            cValues: self.dice.count(),
            lpProps: self.one_property(),
        }
    }

    fn restriction(&mut self) -> SRestriction {
        let inner = self
            .dice
            .pointer(self.restrictions.as_mut_ptr(), 12, ELEMENTS);
        let rt = self.dice.roll() % 14;
        let mut restriction = SRestriction { rt, ..zeroed() };
        let res = &mut restriction.res;
        match rt {
            0 | 1 => {
                res.resAnd.cRes = self.dice.count();
                res.resAnd.lpRes = inner;
            }
            2 | 9 | 11 => {
                res.resSub.ulSubObject = self.tag();
                res.resSub.lpRes = inner;
            }
            3 | 4 => {
                res.resProperty.relop = self.dice.count();
                res.resProperty.ulPropTag = self.tag();
                res.resProperty.lpProp = self.one_property();
            }
            10 | 12 => {
                res.resComment.cValues = self.dice.count();
                res.resComment.lpRes = inner;
                res.resComment.lpProp = self.one_property();
            }
            _ => {
                res.resSize.relop = self.dice.count();
                res.resSize.ulPropTag = self.tag();
                res.resSize.cb = self.dice.roll();
            }
        }
        restriction
    }

    fn notification(&mut self) -> NOTIFICATION {
        let mut notification: NOTIFICATION = zeroed();
        let event = self.dice.roll() % 13;
        let event = if event == 12 {
            self.dice.roll()
        } else {
            1_u32.rotate_left(event.wrapping_sub(1))
        };
        notification.ulEventType = NotificationEvents::from_bits_retain(event);
        let info = &mut notification.info;
        match event {
            0x1 => {
                info.err.cbEntryID = self.dice.count();
                info.err.lpEntryID = self.bytes().cast();
                info.err.scode = self.dice.roll() as i32;
            }
            0x2 => {
                info.newmail.cbEntryID = self.dice.count();
                info.newmail.lpEntryID = self.bytes().cast();
                info.newmail.cbParentID = self.dice.count();
                info.newmail.lpParentID = self.bytes().cast();
                info.newmail.ulFlags = UnicodeFlags::from_bits_retain(self.dice.roll());
                info.newmail.lpszMessageClass = self.bytes();
            }
            0x100 => {
                info.tab.ulTableEvent = self.dice.roll() % 11;
                info.tab.propIndex = self.property();
                info.tab.propPrior = self.property();
                info.tab.row = self.row();
            }
            0x200 => {
                info.statobj.cbEntryID = self.dice.count();
                info.statobj.lpEntryID = self.bytes().cast();
                info.statobj.cValues = self.dice.count();
                info.statobj.lpPropVals = self.one_property();
            }
            0x8000_0000 => {
                info.ext.cb = self.dice.count();
                info.ext.pbEventParameters = self.bytes();
            }
            _ => {
                info.obj.cbEntryID = self.dice.count();
                info.obj.lpEntryID = self.bytes().cast();
                info.obj.cbOldID = self.dice.count();
                info.obj.lpOldID = self.bytes().cast();
                self.tags[0] = self.dice.count();
                info.obj.lpPropTagArray = match self.dice.roll() % 2 {
                    0 => ptr::null_mut(),
                    _ => self.tags.as_mut_ptr().cast::<SPropTagArray>(),
                };
            }
        }
        notification
    }
}

/// Reads a structure.
fn read<'a, V: View<'a>>(raw: *const V::Raw) -> Result<V, ViewError> {
    // SAFETY: its pointers are NULL, or good for as much as the limits allow.
    unsafe { view::read(raw, &limits()) }
}

/// Builds what was read, and looks at it again. Not numbers do not equal themselves, but they print alike.
macro_rules! again {
    ($view:ty, $value:expr, $read:expr) => {
        let buffer = allocators()
            .build($value)
            .expect("what was read is consistent");
        let again: $view = buffer.read(&Limits::default()).expect("well-formed");
        assert_eq!(format!("{again:?}"), format!("{:?}", $read));
    };
}

#[repr(C)]
struct Rows {
    count: u32,
    rows: [SRow; ELEMENTS],
}

/// For a structure of each kind, whether it was read.
pub(crate) fn outcomes(numbers: Vec<u32>) -> [bool; 4] {
    let mut pools = Pools::new(numbers);
    let mut outcomes = [false; 4];

    let raw = pools.property();
    let property = read::<Property>(&raw const raw);
    outcomes[0] = property.is_ok();
    if let Ok(property) = property {
        again!(Property, &[property.clone()][..], property);
    }

    let raw = pools.restriction();
    let restriction = read::<Restriction>(&raw const raw);
    outcomes[1] = restriction.is_ok();
    if let Ok(restriction) = restriction {
        again!(Restriction, &restriction, restriction);
    }

    let raw = Rows {
        count: pools.dice.count(),
        rows: std::array::from_fn(|_| pools.row()),
    };
    let rows = read::<RowSet>((&raw const raw).cast::<SRowSet>());
    outcomes[2] = rows.is_ok();
    if let Ok(rows) = rows {
        again!(RowSet, &rows, rows);
    }

    let raw = pools.notification();
    let notification = read::<Notification>(&raw const raw);
    outcomes[3] = notification.is_ok();
    if let Ok(notification) = notification {
        again!(Notification, &[notification.clone()][..], notification);
    }
    assert_nothing_left();
    outcomes
}
