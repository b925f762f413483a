//! Properties that say something else than they should.

use mapi_provider::abi::*;

use super::Mistake;

/// Changes properties that were given to what the mistake makes of them.
pub(crate) unsafe fn spoil(mistake: Mistake, first: *mut SPropValue, count: u32) {
    for index in 0..count as usize {
        unsafe { spoil_one(mistake, &mut *first.add(index)) };
    }
}

unsafe fn spoil_one(mistake: Mistake, property: &mut SPropValue) {
    let (tag, value) = (property.ulPropTag, &mut property.Value);
    unsafe {
        match (mistake, tag) {
            (Mistake::ClaimsOtherFolders, PR_VALID_FOLDER_MASK) => value.l ^= 0x80,
            (Mistake::CountsWrong, PR_CONTENT_UNREAD) => value.l += 1,
            (Mistake::HasAnotherMask, PR_STORE_SUPPORT_MASK) => value.l ^= 1,
            (Mistake::HasOneSize, PR_MESSAGE_SIZE) => value.l = 1,
            (Mistake::IsNeverInSync, PR_RTF_IN_SYNC) => value.b = 0,
            (Mistake::ShowsOtherValues, PR_IMPORTANCE) => value.l = 7,
            (Mistake::HasOneKey, PR_RECORD_KEY) => {
                std::ptr::write_bytes(value.bin.lpb, 1, value.bin.cb as usize);
            }
            (Mistake::HasNoLongValues, _)
                if tag.prop_type() == PT_ERROR && value.err == MAPI_E_NOT_ENOUGH_MEMORY.0 =>
            {
                value.err = MAPI_E_NOT_FOUND.0;
            }
            _ => {}
        }
    }
}
