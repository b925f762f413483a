//! ResolveNames and PrepareRecips: lists of recipients in MAPI's memory (AB-23 to AB-26).

use windows_core::HRESULT;

use super::attached::Attached;
use crate::address_book::{AddressBook, Meant, Of, resolved, typed_name};
use crate::entry::limits;
use mapi_provider_abi::mapi::{
    ADRENTRY, ADRLIST, FlagList, MAPI_AMBIGUOUS, MAPI_E_INVALID_PARAMETER, MAPI_E_NO_SUPPORT,
    MAPI_E_NOT_FOUND, MAPI_RESOLVED, MAPI_UNRESOLVED, PR_ENTRYID, PropTag, ResolveNamesFlags, S_OK,
    SPropTagArray,
};
use mapi_provider_abi::view::{self, Allocators, PropTags, Property};

/// An entry of an ADRLIST, in its place: it never moves.
#[derive(Clone, Copy)]
struct Slot(*mut ADRENTRY);

impl Slot {
    /// Entry `index` of a list that has it.
    ///
    /// # Safety
    ///
    /// There is a list with so many entries.
    unsafe fn of(list: *mut ADRLIST, index: u32) -> Self {
        // SAFETY: the caller's word: a list is its count, and then as many entries.
        Self(unsafe {
            (&raw mut (*list).aEntries)
                .cast::<ADRENTRY>()
                .add(index as usize)
        })
    }

    /// A copy of its properties; none where there are none, or they make no sense.
    ///
    /// # Safety
    ///
    /// The entry is there, with as many properties as it says.
    unsafe fn properties(self) -> Option<Vec<Property<'static>>> {
        // SAFETY: the caller's word.
        let read = unsafe {
            let count = (&raw const (*self.0).cValues).read_unaligned();
            let first = (&raw const (*self.0).rgPropVals).read_unaligned();
            if count == 0 || first.is_null() {
                return None;
            }
            view::read_array::<Property<'_>>(count, first, &limits::properties())
        };
        let owned = read.ok()?.into_iter().map(Property::into_owned);
        Some(owned.collect())
    }

    /// Puts in other properties: one root of its own. The old one is freed once the new one is whole (AB-25).
    ///
    /// # Errors
    ///
    /// There is no memory left; the old ones stay.
    ///
    /// # Safety
    ///
    /// The entry is there, and its properties are a root of these allocators.
    unsafe fn replace(
        self,
        allocators: Allocators,
        properties: &[Property<'_>],
    ) -> Result<(), HRESULT> {
        let new = allocators.properties(properties);
        let new = new.map_err(|error| error.status())?;
        // SAFETY: the caller's word.
        unsafe {
            let first = &raw mut (*self.0).rgPropVals;
            let old = first.read_unaligned();
            (&raw mut (*self.0).cValues).write_unaligned(new.count());
            first.write_unaligned(new.into_raw());
            drop(allocators.adopt(old, 1));
        }
        Ok(())
    }
}

/// ResolveNames of a container or a list; of the root without `of`, where nobody is found.
///
/// # Safety
///
/// The tags are NULL or as their count says; the lists are NULL or the caller's, as their counts say.
pub(super) unsafe fn resolve_names<L: AddressBook>(
    attached: &Attached<L>,
    of: Option<Of>,
    tags: *mut SPropTagArray,
    flags: ResolveNamesFlags,
    (list, flag_list): (*mut ADRLIST, *mut FlagList),
) -> HRESULT {
    if attached.is_closed() {
        return MAPI_E_NO_SUPPORT; // AB-34
    }
    if list.is_null() || flag_list.is_null() {
        return MAPI_E_INVALID_PARAMETER;
    }
    // SAFETY: the caller's word.
    let (tags, count, flag_count) = unsafe {
        let tags = view::read_optional::<PropTags>(tags, &limits::tags());
        let count = (&raw const (*list).cEntries).read_unaligned();
        (
            tags,
            count,
            (&raw const (*flag_list).cFlags).read_unaligned(),
        )
    };
    // AB-23
    let (Ok(tags), true) = (tags, count == flag_count) else {
        return MAPI_E_INVALID_PARAMETER;
    };
    let Some(of) = of else { return S_OK };
    let asked: Option<Vec<PropTag>> = tags.map(|tags| tags.to_vec());
    let resolving = Resolving {
        attached,
        of,
        asked,
        flags,
    };
    let end = attached.directory.deadline();
    for index in 0..count {
        // SAFETY: the caller's word: each list has so many.
        unsafe {
            let first = (&raw mut (*flag_list).ulFlag).cast::<u32>();
            let flag = first.add(index as usize);
            if flag.read_unaligned() == MAPI_UNRESOLVED {
                let slot = Slot::of(list, index);
                flag.write_unaligned(resolving.resolve(slot, end));
            }
        }
    }
    S_OK // AB-24, AB-32: the flags say it all.
}

/// What a call of ResolveNames asks for.
struct Resolving<'a, L: AddressBook> {
    attached: &'a Attached<L>,
    of: Of,
    asked: Option<Vec<PropTag>>,
    flags: ResolveNamesFlags,
}

impl<L: AddressBook> Resolving<'_, L> {
    /// What becomes of an entry that is not resolved yet: its flag.
    ///
    /// # Safety
    ///
    /// The entry is there, with as many properties as it says, a root of MAPI's allocators.
    unsafe fn resolve(&self, slot: Slot, end: crate::address_book::Deadline) -> u32 {
        // SAFETY: the caller's word.
        let Some(old) = (unsafe { slot.properties() }) else {
            return MAPI_UNRESOLVED;
        };
        // AB-23: who has an entry ID is somebody already.
        if old.iter().any(|one| one.tag == PR_ENTRYID) {
            return MAPI_UNRESOLVED;
        }
        let Some(typed) = typed_name(&old) else {
            return MAPI_UNRESOLVED;
        };
        let exact = self
            .flags
            .contains(ResolveNamesFlags::EMS_AB_ADDRESS_LOOKUP);
        let directory = &self.attached.directory;
        match directory.meant(&self.of, &typed, exact, end) {
            // AB-32: a lookup that failed is no answer.
            Err(_) | Ok(Meant::Nobody) => MAPI_UNRESOLVED,
            Ok(Meant::Several) => MAPI_AMBIGUOUS,
            Ok(Meant::One(entry)) => {
                let own = directory.book.of_entry(&entry);
                let wide = self.flags.contains(ResolveNamesFlags::MAPI_UNICODE);
                let new = resolved(&old, &own, self.asked.as_deref(), wide);
                // SAFETY: the caller's word.
                match unsafe { slot.replace(self.attached.allocators, &new) } {
                    Ok(()) => MAPI_RESOLVED,
                    Err(_) => MAPI_UNRESOLVED, // AB-25
                }
            }
        }
    }
}

/// PrepareRecips.
///
/// # Safety
///
/// The tags are NULL or as their count says; the list is NULL or the caller's, as its count says.
pub(super) unsafe fn prepare_recips<L: AddressBook>(
    attached: &Attached<L>,
    tags: *mut SPropTagArray,
    list: *mut ADRLIST,
) -> HRESULT {
    if attached.is_closed() {
        return MAPI_E_NO_SUPPORT; // AB-34
    }
    // SAFETY: the caller's word.
    let asked = unsafe { view::read_optional::<PropTags>(tags, &limits::tags()) };
    let asked: Vec<PropTag> = match asked {
        Ok(Some(tags)) if !tags.is_empty() => tags.to_vec(),
        Ok(_) => return S_OK, // AB-26
        Err(_) => return MAPI_E_INVALID_PARAMETER,
    };
    if list.is_null() {
        return MAPI_E_INVALID_PARAMETER;
    }
    // SAFETY: not NULL, so the caller's.
    let count = unsafe { (&raw const (*list).cEntries).read_unaligned() };
    let end = attached.directory.deadline();
    let mut result = S_OK;
    for index in 0..count {
        // SAFETY: the caller's word: there are so many.
        let slot = unsafe { Slot::of(list, index) };
        // SAFETY: as above.
        let Some(old) = (unsafe { slot.properties() }) else {
            continue;
        };
        let prepared = match attached.directory.prepared(&old, &asked, end) {
            None => continue,
            Some(Ok(Some(new))) => {
                // SAFETY: as above.
                unsafe { slot.replace(attached.allocators, &new) }
            }
            Some(Ok(None)) => Err(MAPI_E_NOT_FOUND),
            Some(Err(trouble)) => Err(trouble.status()),
        };
        // AB-26: the others are done all the same. What is worse than gone is told first (AB-32).
        if let Err(status) = prepared
            && (result == S_OK || result == MAPI_E_NOT_FOUND)
        {
            result = status;
        }
    }
    result
}
