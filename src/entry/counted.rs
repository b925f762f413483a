//! Counted arrays of other people's: a pointer and a count, neither to be trusted.

use std::ptr;

/// The most bytes that an array may have: more is a count gone wrong, not data.
const MAX_BYTES: usize = 1 << 24;

/// A copy of the array at a pointer; empty where the count is 0. None where there is no array for a
/// count, or where it would be larger than anything that MAPI passes around.
///
/// A copy, because the array need not be aligned: a 32-bit compiler puts an SPropValue, which Rust
/// aligns to 8 bytes, at any multiple of 4 on its stack.
///
/// # Safety
///
/// `first` is NULL or points to as many values as `count` says, unless that is an absurd number.
pub(super) unsafe fn counted<T: Copy>(first: *const T, count: u32) -> Option<Vec<T>> {
    let count = count as usize;
    if count == 0 {
        return Some(Vec::new());
    }
    if first.is_null() || count > MAX_BYTES / size_of::<T>() {
        return None;
    }
    let mut copy = Vec::with_capacity(count);
    // SAFETY: the size is far from overflowing, and by the caller's word there is as much to be read.
    // Bytes need no alignment, and the new vector has room for as many.
    unsafe {
        let bytes = copy.as_mut_ptr() as *mut u8;
        ptr::copy_nonoverlapping(first.cast::<u8>(), bytes, count * size_of::<T>());
        copy.set_len(count);
    }
    Some(copy)
}

#[cfg(test)]
mod tests {
    use std::ptr;

    use super::counted;

    #[test]
    fn absurd_counts_are_refused() {
        let value = 7_u32;
        // SAFETY: one value, or a count that is refused.
        unsafe {
            assert_eq!(counted(&raw const value, 1), Some(vec![7]));
            assert_eq!(counted(&raw const value, u32::MAX), None);
            assert_eq!(counted(&raw const value, 0x2000_0000), None);
            assert_eq!(counted::<u32>(ptr::null(), 1), None);
            assert_eq!(counted::<u32>(ptr::null(), 0), Some(vec![]));
        }
    }

    #[test]
    fn an_array_need_not_be_aligned() {
        let bytes: [u8; 9] = [0, 1, 0, 0, 0, 2, 0, 0, 0];
        let values = bytes[1..].as_ptr().cast::<u32>();
        // SAFETY: eight bytes are two values.
        let copy = unsafe { counted(values, 2) };
        assert_eq!(copy, Some(vec![u32::from_le(1), u32::from_le(2)]));
    }
}
