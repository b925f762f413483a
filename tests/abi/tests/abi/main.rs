//! Every slot of every interface, called from C++ into Rust, from Rust into C++, and through objects that forward.
//! `cargo xtask windows abi` generates and compiles both sides, and runs this; README.md says what it proves.
#![cfg(recorders)]

use std::ffi::{CStr, c_char, c_void};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use abi::{Calls, Overridden, Place, bits, pointer, stack_pointer};
use mapi_provider::abi::{IUnknown, Interface};

#[allow(
    non_snake_case,
    clippy::all,
    clippy::undocumented_unsafe_blocks,
    reason = "generated; what it does is said where it is called"
)]
mod recorders {
    use std::ffi::c_void;

    use abi::{Calls, Place, answer, bits, number, pointer, record, stack_pointer};
    use mapi_provider::MapiObject;
    use mapi_provider::abi::*;
    use mapi_provider::object::{Object, ObjectRef};

    /// An interface on the Rust side.
    pub(super) struct Entry {
        pub(super) name: &'static str,
        /// Slots that nobody calls.
        pub(super) placeholders: usize,
        /// A Rust object that records its calls.
        pub(super) make: fn() -> IUnknown,
        /// A Rust object that forwards its calls to a C++ object, if the interface has a forwarder.
        pub(super) forward: Option<unsafe fn(*mut c_void) -> IUnknown>,
        /// Calls every method of a C++ object except those of IUnknown.
        pub(super) call: unsafe fn(*mut c_void, &mut Calls),
    }

    include!(env!("MAPI_ABI_RECORDERS"));
}

mod forwarders;
mod overrides;

use recorders::INTERFACES;

/// An interface on the C++ side: `abi::Interface` in `cpp/abi.h`.
#[repr(C)]
struct Class {
    name: *const c_char,
    ours: u32,
    slots: u32,
    make: unsafe extern "C" fn() -> *mut c_void,
    drive: unsafe extern "C" fn(*mut c_void) -> u32,
    forward: unsafe extern "C" fn(*mut c_void, Option<&Overridden>) -> u32,
}

// SAFETY: a constant of the DLL, with a string that is one too.
unsafe impl Sync for Class {}

/// The DLL, loaded permanently, and its only user, because there is only one record.
struct Cpp {
    library: libloading::Library,
    classes: Vec<&'static Class>,
}

/// The faults that C++ has found.
static REPORTED: Mutex<Vec<String>> = Mutex::new(Vec::new());

extern "C" fn report(what: *const c_char) {
    // SAFETY: C++ gives a string that ends.
    let what = unsafe { CStr::from_ptr(what) };
    lock(&REPORTED).push(what.to_string_lossy().into_owned());
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Cpp {
    fn load() -> Self {
        let path = std::env::var_os("MAPI_ABI_DLL").expect("cargo xtask windows abi runs this");
        // SAFETY: the DLL does nothing when it is loaded; its functions are those of cpp/abi.cpp.
        unsafe {
            let library = libloading::Library::new(path).expect("the DLL loads");
            let function = |name: &str| {
                *library
                    .get::<unsafe extern "C" fn() -> *mut c_void>(name.as_bytes())
                    .expect("a function of cpp/abi.cpp")
            };
            abi::connect(function("abi_record")(), function("abi_arena")());
            let set_report =
                library.get::<unsafe extern "C" fn(extern "C" fn(*const c_char))>(b"abi_report");
            set_report.expect("a function of cpp/abi.cpp")(report);
            let mut next = function("abi_interfaces")()
                .cast::<Option<&'static Class>>()
                .cast_const();
            let mut classes = Vec::new();
            while let Some(class) = *next {
                classes.push(class);
                next = next.add(1);
            }
            Self { library, classes }
        }
    }
}

/// C++, for one test at a time.
fn cpp() -> MutexGuard<'static, Cpp> {
    static CPP: LazyLock<Mutex<Cpp>> = LazyLock::new(|| Mutex::new(Cpp::load()));
    lock(&CPP)
}

fn finish(failures: Vec<String>) {
    let reported = std::mem::take(&mut *lock(&REPORTED));
    let failures: Vec<String> = failures.into_iter().chain(reported).collect();
    assert!(failures.is_empty(), "\n  {}\n", failures.join("\n  "));
}

#[test]
fn both_sides_have_the_same_interfaces() {
    let cpp = cpp();
    // SAFETY: the names are strings of the DLL, which stays.
    let names = cpp
        .classes
        .iter()
        .map(|class| unsafe { CStr::from_ptr(class.name) });
    let names: Vec<String> = names
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    let ours: Vec<&str> = INTERFACES.iter().map(|entry| entry.name).collect();
    assert_eq!(names, ours);
    let declared = cpp.classes.iter().filter(|class| class.ours != 0).count();
    println!(
        "{} interfaces, {declared} of them declared by us",
        names.len()
    );
}

#[test]
fn guids_are_those_of_the_headers() {
    let cpp = cpp();
    // SAFETY: the signature is that of cpp/abi.cpp.
    let count = unsafe {
        let check = cpp
            .library
            .get::<unsafe extern "C" fn() -> u32>(b"abi_check_guids");
        check.expect("a function of cpp/abi.cpp")()
    };
    assert!(count > 0);
    println!("{count} GUIDs");
    finish(Vec::new());
}

#[test]
fn calls_of_cpp_reach_rust() {
    let cpp = cpp();
    let mut calls = 0;
    for (class, entry) in cpp.classes.iter().zip(INTERFACES) {
        let object = (entry.make)();
        // SAFETY: the object has the vtable of the interface that the class declares, which is what is tested.
        calls += unsafe { (class.drive)(object.as_raw()) } as usize;
    }
    finish(Vec::new());
    println!("{calls} slots called by C++");
    assert_eq!(calls, callable(&cpp));
}

#[test]
fn calls_of_rust_reach_cpp() {
    let cpp = cpp();
    let mut calls = Calls::default();
    for (number, (class, entry)) in cpp.classes.iter().zip(INTERFACES).enumerate() {
        // SAFETY: the object is of a class that implements the interface, and is never deleted.
        unsafe {
            let object = (class.make)();
            call_unknown(object, number as u32, entry.name, &mut calls);
            (entry.call)(object, &mut calls);
        }
    }
    println!("{} slots called by Rust", calls.count);
    finish(calls.failures);
    assert_eq!(calls.count, callable(&cpp));
}

/// How many slots may be called.
fn callable(cpp: &Cpp) -> usize {
    let slots: usize = cpp.classes.iter().map(|class| class.slots as usize).sum();
    let placeholders: usize = INTERFACES.iter().map(|entry| entry.placeholders).sum();
    slots - placeholders
}

/// The slots of IUnknown, which the client types have from `windows-core`. The object doesn't count, but records.
///
/// # Safety
///
/// `object` is one of C++ that records.
unsafe fn call_unknown(object: *mut c_void, interface: u32, name: &str, calls: &mut Calls) {
    // SAFETY: the caller's word.
    let Some(unknown) = (unsafe { IUnknown::from_raw_borrowed(&object) }) else {
        return calls.failures.push(format!("{name}: C++ made no object"));
    };
    let table = unknown.vtable();
    let place = |slot| Place { interface, slot };
    // SAFETY: the pointers point into the arena.
    unsafe {
        let before = calls.begin();
        let answered = (table.QueryInterface)(object, pointer(0), pointer(1));
        let stack = [before, stack_pointer()];
        let sent = [0, 1].map(|n| bits::<*mut c_void>(pointer(n)));
        calls.end(
            &format!("{name}::QueryInterface"),
            place(0),
            stack,
            answered.0 as u32,
            &sent,
        );
        let before = calls.begin();
        let answered = (table.AddRef)(object);
        calls.end(
            &format!("{name}::AddRef"),
            place(1),
            [before, stack_pointer()],
            answered,
            &[],
        );
        let before = calls.begin();
        let answered = (table.Release)(object);
        calls.end(
            &format!("{name}::Release"),
            place(2),
            [before, stack_pointer()],
            answered,
            &[],
        );
    }
}
