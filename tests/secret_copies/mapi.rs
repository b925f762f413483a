//! A minimal MAPI that never frees memory with a secret itself, so anything that the spy finds is the provider's.

use std::alloc::{GlobalAlloc, Layout, System};
use std::borrow::Cow;
use std::ffi::c_void;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    ALLOCATEBUFFER, ALLOCATEMORE, FREEBUFFER, HRESULT, IMAPIProp_Impl, IMAPISupport,
    IMAPISupport_Impl, IProfSect, IProfSect_Impl, MAPI_E_DISK_ERROR, MAPI_E_NOT_FOUND,
    MAPI_W_ERRORS_RETURNED, MAPIUID, OpenProfileSectionFlags, PT_BINARY, PT_ERROR, PropTag, S_OK,
    SPropProblemArray, SPropTagArray, SPropValue, SaveChangesFlags, UnicodeFlags,
};
use mapi_provider::object::{Object, ObjectRef};
use mapi_provider::view::{self, Allocators, Limits, PropTags, PropValue, Property};
use windows_core::Interface;

use super::spy::look;

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What was allocated: its root, where it lies, how long it is.
static BLOCKS: Mutex<Vec<(usize, usize, usize)>> = Mutex::new(Vec::new());

fn layout(size: usize) -> Layout {
    Layout::from_size_align(size.max(1), 16).expect("a size")
}

fn new_block(root: Option<usize>, size: usize) -> *mut c_void {
    // SAFETY: a size above 0.
    let memory = unsafe { System.alloc_zeroed(layout(size)) };
    let root = root.unwrap_or(memory.addr());
    lock(&BLOCKS).push((root, memory.expose_provenance(), size));
    memory.cast()
}

unsafe extern "system" fn allocate(size: u32, out: *mut *mut c_void) -> i32 {
    // SAFETY: the caller's to be written to.
    unsafe { *out = new_block(None, size as usize) };
    0
}

unsafe extern "system" fn more(size: u32, root: *mut c_void, out: *mut *mut c_void) -> i32 {
    // SAFETY: as above.
    unsafe { *out = new_block(Some(root.addr()), size as usize) };
    0
}

unsafe extern "system" fn free(root: *mut c_void) -> u32 {
    let of_root = |block: &(usize, usize, usize)| block.0 == root.addr();
    let freed: Vec<_> = lock(&BLOCKS)
        .extract_if(.., |block| of_root(block))
        .collect();
    for (_, at, size) in freed {
        let memory = std::ptr::with_exposed_provenance_mut::<u8>(at);
        // SAFETY: allocated above, with this size.
        unsafe {
            look(memory.cast(), size);
            System.dealloc(memory, layout(size));
        }
    }
    0
}

/// MAPI's allocators.
pub(crate) const FUNCTIONS: (
    Option<ALLOCATEBUFFER>,
    Option<ALLOCATEMORE>,
    Option<FREEBUFFER>,
) = (Some(allocate), Some(more), Some(free));

fn allocators() -> Allocators {
    let (allocate, more, free) = FUNCTIONS;
    // SAFETY: they keep to the rules.
    unsafe { Allocators::new(allocate, more, free) }.expect("all three")
}

/// How many blocks nobody has freed.
pub(crate) fn blocks_left() -> usize {
    lock(&BLOCKS).len()
}

/// The profile's only section. Its contents stay in memory forever.
static SECTION: Mutex<Vec<Property<'static>>> = Mutex::new(Vec::new());
static IS_DISK_FULL: AtomicBool = AtomicBool::new(false);

/// The values of the section.
pub(crate) fn set_section(properties: Vec<Property<'static>>) {
    *lock(&SECTION) = properties;
}

/// Whether saving fails.
pub(crate) fn set_disk_full(is_full: bool) {
    IS_DISK_FULL.store(is_full, Ordering::SeqCst);
}

/// A property whose text stays in memory forever.
fn kept(property: &Property<'_>) -> Property<'static> {
    let value = match &property.value {
        PropValue::Unicode(units) => PropValue::Unicode(Cow::Borrowed(units.to_vec().leak())),
        PropValue::String8(bytes) => PropValue::String8(Cow::Borrowed(bytes.to_vec().leak())),
        PropValue::Binary(bytes) => PropValue::Binary(Cow::Borrowed(bytes.to_vec().leak())),
        value => value.clone().into_owned(),
    };
    Property::new(property.tag, value)
}

/// Whether a property is the answer where a tag is asked for: bytes are, whatever the type that was asked for.
fn answers(property: PropTag, asked: PropTag) -> bool {
    property == asked || property == asked.with_type(PT_BINARY)
}

#[derive(MapiObject)]
#[mapi(implements(IProfSect))]
struct Section;

impl IProfSect_Impl for Section {}

impl IMAPIProp_Impl for Section {
    unsafe fn GetProps(
        _: &Object<Self>,
        tags: *mut SPropTagArray,
        _: UnicodeFlags,
        count: *mut u32,
        properties: *mut *mut SPropValue,
    ) -> HRESULT {
        // SAFETY: the provider's array.
        let tags: PropTags = unsafe { view::read(tags, &Limits::default()) }.expect("tags");
        let section = lock(&SECTION);
        let found: Vec<Property<'static>> = tags
            .0
            .iter()
            .map(|tag| {
                let mut properties = section.iter();
                let property = properties.find(|property| answers(property.tag, *tag));
                property.cloned().unwrap_or_else(|| {
                    let error = PropValue::Error(MAPI_E_NOT_FOUND);
                    Property::new(tag.with_type(PT_ERROR), error)
                })
            })
            .collect();
        let all = found
            .iter()
            .all(|property| property.tag.prop_type() != PT_ERROR);
        let answer = allocators().build(&found[..]).expect("memory");
        // SAFETY: the provider's to be written to.
        unsafe {
            *count = answer.count();
            *properties = answer.into_raw();
        }
        if all { S_OK } else { MAPI_W_ERRORS_RETURNED }
    }

    unsafe fn SetProps(
        _: &Object<Self>,
        count: u32,
        properties: *mut SPropValue,
        _: *mut *mut SPropProblemArray,
    ) -> HRESULT {
        // SAFETY: the provider's array.
        let given = unsafe { view::read_array::<Property>(count, properties, &Limits::default()) };
        let mut section = lock(&SECTION);
        for property in given.expect("properties") {
            section.retain(|old| old.tag.id() != property.tag.id());
            section.push(kept(&property));
        }
        S_OK
    }

    unsafe fn DeleteProps(
        _: &Object<Self>,
        tags: *mut SPropTagArray,
        _: *mut *mut SPropProblemArray,
    ) -> HRESULT {
        // SAFETY: the provider's array.
        let tags: PropTags = unsafe { view::read(tags, &Limits::default()) }.expect("tags");
        let is_named = |id: u16| tags.0.iter().any(|tag| tag.id() == id);
        lock(&SECTION).retain(|property| !is_named(property.tag.id()));
        S_OK
    }

    unsafe fn SaveChanges(_: &Object<Self>, _: SaveChangesFlags) -> HRESULT {
        if IS_DISK_FULL.load(Ordering::SeqCst) {
            MAPI_E_DISK_ERROR
        } else {
            S_OK
        }
    }
}

#[derive(MapiObject)]
#[mapi(implements(IMAPISupport))]
struct Support;

impl IMAPISupport_Impl for Support {
    unsafe fn GetMemAllocRoutines(
        _: &Object<Self>,
        allocate: *mut Option<ALLOCATEBUFFER>,
        more: *mut Option<ALLOCATEMORE>,
        free: *mut Option<FREEBUFFER>,
    ) -> HRESULT {
        // SAFETY: the provider's to be written to.
        unsafe { (*allocate, *more, *free) = FUNCTIONS };
        S_OK
    }

    unsafe fn OpenProfileSection(
        _: &Object<Self>,
        _: *mut MAPIUID,
        _: OpenProfileSectionFlags,
        section: *mut *mut c_void,
    ) -> HRESULT {
        let opened: IProfSect = ObjectRef::new(Section).into_interface();
        // SAFETY: the provider's to be written to; the reference is its own.
        unsafe { *section = opened.into_raw() };
        S_OK
    }
}

/// A support object.
pub(crate) fn support() -> IMAPISupport {
    ObjectRef::new(Support).into_interface()
}
