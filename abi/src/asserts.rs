//! Layouts, checked when the crate is compiled. Generated code has these checks for every structure and
//! vtable.

/// Size, alignment and offsets of a structure: the number on 64 bits, then the one on 32.
#[doc(hidden)]
#[macro_export]
macro_rules! __assert_layout {
    ($name:ident $size:literal $size32:literal $align:literal $align32:literal $(, $field:ident $at:literal $at32:literal)*) => {
        const _: () = {
            const WIDE: bool = ::core::mem::size_of::<usize>() == 8;
            ::core::assert!(
                ::core::mem::size_of::<$name>() == if WIDE { $size } else { $size32 },
                ::core::concat!("the size of ", ::core::stringify!($name), " is another")
            );
            ::core::assert!(
                ::core::mem::align_of::<$name>() == if WIDE { $align } else { $align32 },
                ::core::concat!("the alignment of ", ::core::stringify!($name), " is another")
            );
            $(::core::assert!(
                ::core::mem::offset_of!($name, $field) == if WIDE { $at } else { $at32 },
                ::core::concat!(::core::stringify!($name), "::", ::core::stringify!($field), " lies elsewhere")
            );)*
        };
    };
}

/// The number of a vtable's slots, including those of its bases, and the slot of each method.
#[doc(hidden)]
#[macro_export]
macro_rules! __assert_slots {
    ($table:ident $slots:literal $(, $method:ident $slot:literal)*) => {
        const _: () = {
            const SLOT: usize = ::core::mem::size_of::<usize>();
            ::core::assert!(
                ::core::mem::size_of::<$table>() == $slots * SLOT,
                ::core::concat!("the number of slots of ", ::core::stringify!($table), " is another")
            );
            $(::core::assert!(
                ::core::mem::offset_of!($table, $method) == $slot * SLOT,
                ::core::concat!(::core::stringify!($table), "::", ::core::stringify!($method), " lies in another slot")
            );)*
        };
    };
}
