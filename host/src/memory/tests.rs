//! Every fault is found, and correct use is not a fault.

use std::ptr;

use mapi_provider::abi::{MAPI_E_INVALID_PARAMETER, MAPI_E_NOT_ENOUGH_MEMORY};

use super::*;

/// A provider's view of the allocators.
struct Client(Allocators);

impl Client {
    fn new() -> Self {
        Self(Allocators::take().expect("a set is free"))
    }

    fn buffer(&self, size: u32) -> *mut u8 {
        let mut out = ptr::null_mut();
        // SAFETY: the place for the result is a local.
        assert_eq!(unsafe { (self.0.allocate_buffer())(size, &mut out) }, 0);
        out.cast()
    }

    fn more(&self, size: u32, root: *mut u8) -> (i32, *mut u8) {
        let mut out = ptr::dangling_mut();
        // SAFETY: the place for the result is a local.
        let status = unsafe { (self.0.allocate_more())(size, root.cast(), &mut out) };
        (status, out.cast())
    }

    fn free(&self, buffer: *mut u8) -> u32 {
        // SAFETY: the ledger looks at the pointer, never at what it points to.
        unsafe { (self.0.free_buffer())(buffer.cast()) }
    }

    fn faults(&self) -> Vec<MemoryFault> {
        self.0.faults()
    }
}

/// Writes a byte beside a buffer.
fn scribble(buffer: *mut u8, offset: isize) {
    // SAFETY: within the canaries or the quarantine, which exist for this.
    unsafe { *buffer.offset(offset) = 0 };
}

#[test]
fn right_use_is_no_fault() {
    let client = Client::new();
    let root = client.buffer(10);
    let (status, child) = client.more(20, root);
    assert_eq!(status, 0);
    for i in 0..10 {
        scribble(root, i);
    }
    scribble(child, 19);
    assert_eq!(client.0.leaks().len(), 1);
    assert_eq!(
        (client.0.leaks()[0].total, client.0.leaks()[0].children),
        (30, 1)
    );
    assert_eq!(client.free(root), 0);
    assert_eq!(client.free(ptr::null_mut()), 0, "NULL is fine");
    assert_eq!(client.faults(), []);
    assert_eq!(client.0.leaks(), []);
}

#[test]
fn memory_is_filled_and_aligned() {
    let client = Client::new();
    let buffer = client.buffer(16);
    assert_eq!(buffer as usize % 16, 0);
    // SAFETY: sixteen bytes were allocated.
    assert_eq!(unsafe { buffer.cast::<[u8; 16]>().read() }, [0xCD; 16]);
    client.free(buffer);
    // SAFETY: freed memory stays in quarantine.
    assert_eq!(unsafe { buffer.cast::<[u8; 16]>().read() }, [0xDD; 16]);
}

#[test]
fn an_empty_buffer_is_a_buffer() {
    let client = Client::new();
    let buffer = client.buffer(0);
    assert!(!buffer.is_null());
    assert_eq!(client.free(buffer), 0);
    assert_eq!(client.faults(), []);
}

#[test]
fn a_leak_is_found() {
    let client = Client::new();
    client.buffer(40);
    let leaks = client.0.leaks();
    assert_eq!(leaks.len(), 1);
    assert_eq!(
        leaks[0].to_string(),
        "40 bytes, allocated by the provider (allocation 1)"
    );
}

#[test]
fn a_double_free_is_found() {
    let client = Client::new();
    let buffer = client.buffer(8);
    client.free(buffer);
    assert_ne!(client.free(buffer), 0);
    assert_eq!(
        client.faults(),
        [MemoryFault::DoubleFree {
            size: 8,
            origin: "the provider"
        }]
    );
}

#[test]
fn a_double_free_is_found_long_after() {
    let client = Client::new();
    let buffer = client.buffer(8);
    client.free(buffer);
    for _ in 0..500 {
        client.free(client.buffer(64));
    }
    client.free(buffer);
    assert_eq!(
        client.faults(),
        [MemoryFault::DoubleFree {
            size: 8,
            origin: "the provider"
        }]
    );
}

#[test]
fn a_foreign_free_is_found() {
    let client = Client::new();
    let mut local = 0_u8;
    client.free(&mut local);
    assert!(matches!(
        client.faults()[..],
        [MemoryFault::ForeignFree { .. }]
    ));
}

#[test]
fn a_free_with_another_hosts_function_is_found() {
    let (one, other) = (Client::new(), Client::new());
    let buffer = one.buffer(8);
    other.free(buffer);
    assert!(matches!(
        other.faults()[..],
        [MemoryFault::ForeignFree { .. }]
    ));
    assert_eq!(one.faults(), []);
    assert_eq!(one.free(buffer), 0);
}

#[test]
fn the_free_of_a_child_is_found() {
    let client = Client::new();
    let root = client.buffer(8);
    let (_, child) = client.more(4, root);
    client.free(child);
    assert_eq!(client.faults(), [MemoryFault::ChildFree { size: 4 }]);
    client.free(root);
}

#[test]
fn an_overrun_is_found_at_report_and_at_free() {
    let client = Client::new();
    let buffer = client.buffer(5);
    scribble(buffer, 5);
    let fault = MemoryFault::Overrun {
        size: 5,
        origin: "the provider",
    };
    assert_eq!(client.faults(), std::slice::from_ref(&fault));
    client.free(buffer);
    assert_eq!(client.faults(), [fault]);
}

#[test]
fn an_overrun_of_a_child_is_found() {
    let client = Client::new();
    let root = client.buffer(5);
    let (_, child) = client.more(6, root);
    scribble(child, 6 + 31);
    client.free(root);
    assert_eq!(
        client.faults(),
        [MemoryFault::Overrun {
            size: 6,
            origin: "the provider"
        }]
    );
}

#[test]
fn an_underrun_is_found() {
    let client = Client::new();
    let buffer = client.buffer(5);
    scribble(buffer, -1);
    client.free(buffer);
    assert_eq!(
        client.faults(),
        [MemoryFault::Underrun {
            size: 5,
            origin: "the provider"
        }]
    );
}

#[test]
fn a_write_after_free_is_found() {
    let client = Client::new();
    let buffer = client.buffer(5);
    client.free(buffer);
    scribble(buffer, 2);
    assert_eq!(
        client.faults(),
        [MemoryFault::WriteAfterFree {
            size: 5,
            origin: "the provider"
        }]
    );
}

#[test]
fn a_write_after_free_is_found_when_quarantine_ends() {
    let client = Client::new();
    let buffer = client.buffer(5);
    client.free(buffer);
    scribble(buffer, 2);
    for _ in 0..6 {
        client.free(client.buffer(1 << 20));
    }
    assert_eq!(
        client.faults(),
        [MemoryFault::WriteAfterFree {
            size: 5,
            origin: "the provider"
        }]
    );
}

#[test]
fn more_of_a_freed_root_is_found() {
    let client = Client::new();
    let root = client.buffer(7);
    client.free(root);
    let (status, child) = client.more(4, root);
    assert_eq!(status, MAPI_E_INVALID_PARAMETER.0);
    assert!(child.is_null());
    assert_eq!(client.faults(), [MemoryFault::MoreOfFreed { size: 7 }]);
}

#[test]
fn more_of_a_foreign_root_is_found() {
    let client = Client::new();
    assert_eq!(
        client.more(4, ptr::null_mut()).0,
        MAPI_E_INVALID_PARAMETER.0
    );
    assert_eq!(client.faults(), [MemoryFault::MoreOfForeign { address: 0 }]);
}

#[test]
fn more_of_a_child_is_found_and_freed_with_the_root() {
    let client = Client::new();
    let root = client.buffer(7);
    let (_, child) = client.more(4, root);
    assert_eq!(client.more(4, child).0, 0);
    assert_eq!(client.faults(), [MemoryFault::MoreOfChild { size: 4 }]);
    client.free(root);
    assert_eq!(client.0.leaks(), []);
}

#[test]
fn no_place_for_the_result_is_found() {
    let client = Client::new();
    // SAFETY: NULL is what is tested.
    let status = unsafe { (client.0.allocate_buffer())(4, ptr::null_mut()) };
    assert_eq!(status, MAPI_E_INVALID_PARAMETER.0);
    assert_eq!(client.faults(), [MemoryFault::NoPlace]);
}

#[test]
fn the_nth_allocation_fails_when_told() {
    let client = Client::new();
    client.0.fail_nth(2);
    let root = client.buffer(1);
    let (status, child) = client.more(1, root);
    assert_eq!(status, MAPI_E_NOT_ENOUGH_MEMORY.0);
    assert!(child.is_null());
    assert_eq!(client.more(1, root).0, 0, "only that one");
    assert_eq!(client.0.requests(), 3);
    client.free(root);
    assert_eq!(client.faults(), []);
}

#[test]
fn what_the_host_hands_out_names_where() {
    let client = Client::new();
    client.0.fail_nth(1);
    let root = client
        .0
        .ledger()
        .host_buffer(3, "IProfSect::GetProps")
        .expect("memory");
    client
        .0
        .ledger()
        .host_more(2, root)
        .expect("the host's own allocations don't fail");
    assert_eq!(client.0.leaks()[0].origin, "IProfSect::GetProps");
    client.free(root.as_ptr());
    assert_eq!(client.0.leaks(), []);
}

#[test]
fn a_set_starts_empty_however_the_last_one_ended() {
    for _ in 0..3 * sets::COUNT {
        let client = Client::new();
        assert_eq!(client.0.leaks(), []);
        assert_eq!(client.faults(), []);
        client.buffer(1);
        client.free(ptr::without_provenance_mut(1));
    }
}

#[test]
fn threads_share_a_ledger() {
    let client = Client::new();
    let (allocate, free) = (client.0.allocate_buffer(), client.0.free_buffer());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(move || {
                for size in 0..200 {
                    let mut out = ptr::null_mut();
                    // SAFETY: the place for the result is a local; the buffer is freed once.
                    unsafe {
                        assert_eq!(allocate(size, &mut out), 0);
                        assert_eq!(free(out), 0);
                    }
                }
            });
        }
    });
    assert_eq!(client.0.leaks(), []);
    assert_eq!(client.faults(), []);
    assert_eq!(client.0.requests(), 800);
}
