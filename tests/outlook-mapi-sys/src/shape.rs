//! What the compiler knows of a function pointer or a field, without calling or reading it.

/// How a function is called: all that the machine code of a call depends on, where parameters are numbers and
/// pointers.
#[derive(Debug, PartialEq, Eq)]
pub struct Shape {
    /// `system` is stdcall on x86, `C` is cdecl.
    pub convention: &'static str,
    /// The parameters' sizes in bytes, `this` first.
    pub params: &'static [usize],
    /// The size of what it returns.
    pub returns: usize,
}

/// A type of function pointers.
pub(crate) trait Function: Copy {
    const SHAPE: Shape;
}

macro_rules! functions {
    ($($param:ident)*) => {
        functions!(@convention "system" $($param)*);
        functions!(@convention "C" $($param)*);
    };
    (@convention $convention:literal $($param:ident)*) => {
        impl<$($param,)* R> Function for unsafe extern $convention fn($($param),*) -> R {
            const SHAPE: Shape = Shape {
                convention: $convention,
                params: &[$(size_of::<$param>()),*],
                returns: size_of::<R>(),
            };
        }
    };
}

functions!();
functions!(A);
functions!(A B);
functions!(A B C);
functions!(A B C D);
functions!(A B C D E);
functions!(A B C D E F);
functions!(A B C D E F G);
functions!(A B C D E F G H);
functions!(A B C D E F G H I);
functions!(A B C D E F G H I J);
functions!(A B C D E F G H I J K);
functions!(A B C D E F G H I J K L);
functions!(A B C D E F G H I J K L M);
functions!(A B C D E F G H I J K L M N);
functions!(A B C D E F G H I J K L M N O);
functions!(A B C D E F G H I J K L M N O P);

/// The shape of the function in a slot.
pub(crate) const fn of_slot<Table, F: Function>(_: fn(&Table) -> &F) -> Shape {
    F::SHAPE
}

/// The shape of a function type.
pub(crate) const fn of_function<F: Function>(_: Option<F>) -> Shape {
    F::SHAPE
}

/// The size of a field, of which only the place is named.
pub(crate) const fn size_of_field<Structure, Field>(
    _: fn(*const Structure) -> *const Field,
) -> usize {
    size_of::<Field>()
}
