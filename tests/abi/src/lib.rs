//! The foundation of the test's generated Rust: distinguishable arguments, records of calls from C++, and
//! comparisons of what has arrived there. `cpp/abi.h` is the same in C++.

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

/// The most parameters that a method has.
const MOST_PARAMETERS: usize = 24;

/// An argument as bits, and how many bytes it had. C++ knows this layout.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct Arrived {
    bits: u64,
    size: u64,
}

impl Arrived {
    /// The bits that both sides can compare if they have it in different sizes.
    fn within(self, size: u64) -> u64 {
        let unused = 64 - 8 * size.clamp(1, 8);
        self.bits << unused >> unused
    }
}

/// The last call that reached an object, on whichever side it was made. C++ knows this layout, and has it.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
struct Record {
    calls: u32,
    interface: u32,
    slot: u32,
    count: u32,
    arguments: [Arrived; MOST_PARAMETERS],
}

/// A method: the interface's number and the slot.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The interface's number.
    pub interface: u32,
    /// The slot in its vtable.
    pub slot: u32,
}

/// C++'s record and the memory that pointers point at; NULL before [`connect`].
static RECORD: AtomicPtr<Record> = AtomicPtr::new(ptr::null_mut());
static ARENA: AtomicPtr<[u64; 8]> = AtomicPtr::new(ptr::null_mut());

/// Makes C++'s record and arena known.
///
/// # Safety
///
/// The pointers are those of `cpp/abi.cpp`, and stay valid; one thread at a time uses this module.
pub unsafe fn connect(record: *mut c_void, arena: *mut c_void) {
    RECORD.store(record.cast(), Ordering::Relaxed);
    ARENA.store(arena.cast(), Ordering::Relaxed);
}

/// An argument or parameter as bits.
pub fn bits<T: Copy>(value: T) -> Arrived {
    let size = size_of::<T>();
    assert!(size <= 8, "an argument has at most eight bytes");
    let mut bits = 0_u64;
    // SAFETY: `bits` has room for the bytes of `value`, both live, neither the other; numbers and pointers have no
    // padding.
    unsafe {
        ptr::copy_nonoverlapping(
            (&raw const value).cast::<u8>(),
            (&raw mut bits).cast(),
            size,
        )
    };
    Arrived {
        bits,
        size: size as u64,
    }
}

/// Argument number `n`, if it is a number, an HRESULT, a property tag or flags.
///
/// # Safety
///
/// Any bits are a value of `T`.
pub unsafe fn number<T: Copy>(n: usize) -> T {
    // SAFETY: the caller's word.
    unsafe { of_bits(0xA1B2_C3D4_E5F6_0000 + 0x0101 * n as u64) }
}

/// Argument number `n`, if it is a pointer: to its own place in the arena.
///
/// # Safety
///
/// `T` is a pointer, or a function pointer that nobody calls.
pub unsafe fn pointer<T: Copy>(n: usize) -> T {
    let place = ARENA.load(Ordering::Relaxed).wrapping_add(n);
    // SAFETY: the caller's word.
    unsafe { of_bits(place as usize as u64) }
}

/// # Safety
///
/// The lowest bytes of `bits` are a value of `T`.
unsafe fn of_bits<T: Copy>(bits: u64) -> T {
    assert!(size_of::<T>() <= 8, "an argument has at most eight bytes");
    let mut value = MaybeUninit::<T>::uninit();
    // SAFETY: `bits` has the bytes of a `T`, which the caller says are a value.
    unsafe {
        ptr::copy_nonoverlapping(
            (&raw const bits).cast::<u8>(),
            value.as_mut_ptr().cast(),
            size_of::<T>(),
        );
        value.assume_init()
    }
}

/// What a method answers: a success, so out parameters are left alone.
pub fn answer(place: Place) -> u32 {
    0x0ABC_0000 | place.interface << 8 | place.slot
}

/// Records a call that has reached a Rust object.
pub fn record(place: Place, arguments: &[Arrived]) {
    let record = RECORD.load(Ordering::Relaxed);
    let mut new = Record {
        interface: place.interface,
        slot: place.slot,
        count: arguments.len() as u32,
        ..Record::default()
    };
    new.arguments[..arguments.len()].copy_from_slice(arguments);
    // SAFETY: `connect` has been called, for C++ has made this call; and that in this thread.
    unsafe {
        new.calls = (*record).calls + 1;
        *record = new;
    }
}

/// The stack pointer, which shows if a callee pops too much or too little; 0 if callees don't pop.
#[inline(always)]
pub fn stack_pointer() -> usize {
    #[cfg(target_arch = "x86")]
    {
        let pointer: usize;
        // SAFETY: reads a register.
        unsafe {
            std::arch::asm!("mov {}, esp", out(reg) pointer, options(nomem, nostack, preserves_flags));
        }
        pointer
    }
    #[cfg(not(target_arch = "x86"))]
    0
}

/// Calls from Rust into C++, and what has gone wrong with them.
#[derive(Debug, Default)]
pub struct Calls {
    /// How many there were.
    pub count: usize,
    /// What is wrong, one a line.
    pub failures: Vec<String>,
}

impl Calls {
    /// Forgets the last call; returns the stack pointer.
    #[inline(always)]
    pub fn begin(&mut self) -> usize {
        self.forget();
        stack_pointer()
    }

    fn forget(&mut self) {
        self.count += 1;
        // SAFETY: the caller of `connect` answers for the pointer, and for the thread.
        unsafe { *RECORD.load(Ordering::Relaxed) = Record::default() };
    }

    /// Compares what has arrived with what was sent: the stack pointers before and after, what the method
    /// answered, the arguments.
    pub fn end(
        &mut self,
        name: &str,
        place: Place,
        stack: [usize; 2],
        answered: u32,
        sent: &[Arrived],
    ) {
        // SAFETY: as in `forget`.
        let record = unsafe { *RECORD.load(Ordering::Relaxed) };
        let mut expect = |what: &str, found: u64, wanted: u64| {
            if found != wanted {
                self.failures
                    .push(format!("{name}: {what} is {found:#X}, not {wanted:#X}"));
            }
        };
        expect("the stack pointer", stack[1] as u64, stack[0] as u64);
        expect("the result", answered.into(), answer(place).into());
        expect("the number of calls that arrived", record.calls.into(), 1);
        expect(
            "the interface that was called",
            record.interface.into(),
            place.interface.into(),
        );
        expect(
            "the slot that was called",
            record.slot.into(),
            place.slot.into(),
        );
        expect(
            "the number of parameters",
            record.count.into(),
            sent.len() as u64,
        );
        for (n, (arrived, sent)) in record.arguments.iter().zip(sent).enumerate() {
            // If C++ has a narrower number, exceptions.toml says so.
            expect(
                &format!("parameter {n}"),
                arrived.bits,
                sent.within(arrived.size),
            );
        }
    }
}

/// A method that an object does not forward unchanged, and what it does instead. C++ knows this layout.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Overridden {
    slot: u32,
    calls: u32,
    has_result: u32,
    result: u32,
    parameter: u32,
    bits: u64,
}

impl Overridden {
    /// The method answers `result` and does nothing, so its out parameters are unchanged.
    pub fn replaced(slot: u32, result: u32) -> Self {
        Self {
            calls: 0,
            ..Self::with_result(slot, result)
        }
    }

    /// The method calls the inner object and answers `result` whatever that answers.
    pub fn with_result(slot: u32, result: u32) -> Self {
        Self {
            slot,
            calls: 1,
            has_result: 1,
            result,
            parameter: MOST_PARAMETERS as u32,
            bits: 0,
        }
    }

    /// The method calls the inner object with `value` for the parameter of this number.
    pub fn with_parameter<T: Copy>(slot: u32, parameter: u32, value: T) -> Self {
        Self {
            has_result: 0,
            parameter,
            bits: bits(value).bits,
            ..Self::with_result(slot, 0)
        }
    }
}
