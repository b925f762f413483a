//! Counts, as only the crate sees them. What clients see is in `tests/objects.rs`.

use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use windows_core::{GUID, IUnknown_Vtbl};

use super::{Class, ObjectRef, unknown_vtbl};

/// An object with no interface but `IUnknown`, and a note when it is dropped.
struct Sample(Arc<AtomicU32>);

impl Sample {
    fn object() -> (ObjectRef<Self>, Arc<AtomicU32>) {
        let dropped = Arc::default();
        (ObjectRef::new(Self(Arc::clone(&dropped))), dropped)
    }
}

impl Drop for Sample {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

// SAFETY: the vtable is made for chain 0, and no other IID is answered.
unsafe impl Class for Sample {
    type Vtables = [*const c_void; 1];

    const VTABLES: Self::Vtables =
        [&unknown_vtbl::<Self, 0>() as *const IUnknown_Vtbl as *const c_void];

    fn find(_: &GUID) -> Option<usize> {
        None
    }
}

/// Does what forgetting clones ([`std::mem::forget`]) again and again does, without taking
/// the time.
fn count_up_to(object: &ObjectRef<Sample>, count: u32) {
    object.count.store(count, Ordering::Relaxed);
}

#[test]
fn com_04_an_object_whose_count_ran_over_stays() {
    let (object, dropped) = Sample::object();
    count_up_to(&object, i32::MAX as u32 - 1);
    drop(object.clone());
    assert_eq!(object.count.load(Ordering::Relaxed), i32::MAX as u32 - 1);
    // From here on, nobody knows how many there are, so the object stays.
    let (one, two) = (object.clone(), object.clone());
    let pinned = object.count.load(Ordering::Relaxed);
    assert!(pinned > i32::MAX as u32);
    drop((one, two));
    assert_eq!(object.count.load(Ordering::Relaxed), pinned);
    // SAFETY: the object is there.
    let found = unsafe { ObjectRef::upgrade(object.as_ptr()) };
    drop(found.expect("it is not being dropped"));
    let object = std::mem::ManuallyDrop::new(object);
    assert_eq!(object.count.load(Ordering::Relaxed), pinned);
    assert_eq!(dropped.load(Ordering::Relaxed), 0);
    // For the leak checker: as if it were the last one.
    count_up_to(&object, 1);
    drop(std::mem::ManuallyDrop::into_inner(object));
    assert_eq!(dropped.load(Ordering::Relaxed), 1);
}
