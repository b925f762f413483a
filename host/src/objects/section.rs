//! A section of the profile, open.

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::sync::Mutex;

use mapi_provider::MapiObject;
use mapi_provider::abi::{
    IMAPIProp_Impl, IProfSect, IProfSect_Impl, MAPI_E_DISK_ERROR, MAPI_E_INVALID_PARAMETER,
    MAPI_E_NO_ACCESS, MAPI_E_NOT_FOUND, MAPI_W_ERRORS_RETURNED, MAPIERROR, OpenProfileSectionFlags,
    PR_PROVIDER_UID, PT_ERROR, PT_NULL, PT_STRING8, PT_UNICODE, PT_UNSPECIFIED, PropTag, S_OK,
    SPropProblem, SPropProblemArray, SPropTagArray, SPropValue, SaveChangesFlags, UnicodeFlags,
};
use mapi_provider::object::{Object, ObjectRef};
use windows_core::{HRESULT, Interface};

use super::registry::{Kind, Live};
use super::shared::Shared;
use super::tags::{allocate_problems, allocate_tags, read_tags};
use crate::locks::lock;
use crate::memory::Ledger;
use crate::profile::{Operation, Profile, Section, SectionUid, is_secure};
use crate::property::{Property, Value, allocate_properties};

/// A section of the profile, as `OpenProfileSection` gives it.
///
/// Changes are visible at once through this object, and to others once they are saved; unsaved changes
/// are lost at the last `Release`.
#[derive(MapiObject)]
#[mapi(implements(IProfSect))]
pub struct ProfileSection {
    profile: Profile,
    uid: SectionUid,
    ledger: &'static Ledger,
    state: Mutex<State>,
    _live: Live,
}

struct State {
    writable: bool,
    /// The section as it was opened or last saved.
    section: Section,
    /// The changes since then: new values, and `None` for deleted ones.
    changes: BTreeMap<u16, Option<Value>>,
}

impl State {
    fn get(&self, id: u16) -> Option<&Value> {
        match self.changes.get(&id) {
            Some(change) => change.as_ref(),
            None => self.section.get(&id),
        }
    }

    /// The IDs in a list: secrets are only given to those who know the tag.
    fn listed(&self) -> Vec<u16> {
        let mut ids: Vec<u16> = self
            .section
            .keys()
            .chain(self.changes.keys())
            .copied()
            .collect();
        ids.sort_unstable();
        ids.dedup();
        // Its own MAPIUID is there for those who ask for it.
        ids.retain(|id| !is_secure(*id) && *id != PR_PROVIDER_UID.id() && self.get(*id).is_some());
        ids
    }
}

impl ProfileSection {
    /// Opens a section. Without `MAPI_MODIFY` it is read-only and must be there.
    pub(crate) fn open(
        shared: &Shared,
        uid: SectionUid,
        flags: OpenProfileSectionFlags,
    ) -> Result<ObjectRef<Self>, HRESULT> {
        shared.profile.injected(Operation::Open)?;
        let writable = flags.contains(OpenProfileSectionFlags::MAPI_MODIFY);
        if writable {
            shared.profile.create(uid);
        } else if !shared.profile.has(uid) {
            return Err(MAPI_E_NOT_FOUND);
        }
        let mut section = shared.profile.section(uid);
        // MAPI gives each section of a provider a MAPIUID of its own.
        if uid != SectionUid::SERVICE {
            let own = Value::Binary(shared.profile.provider_uid(uid).to_vec());
            section.entry(PR_PROVIDER_UID.id()).or_insert(own);
        }
        Ok(ObjectRef::new(Self {
            profile: shared.profile.clone(),
            uid,
            ledger: shared.allocators.ledger(),
            state: Mutex::new(State {
                writable,
                section,
                changes: BTreeMap::new(),
            }),
            _live: shared.registry.live(Kind::ProfileSection),
        }))
    }

    /// `OpenProfileSection`, the same for all objects that have it.
    ///
    /// # Safety
    ///
    /// `out` is NULL or valid for a write.
    pub(super) unsafe fn open_into(
        shared: &Shared,
        uid: SectionUid,
        flags: OpenProfileSectionFlags,
        out: *mut *mut c_void,
    ) -> HRESULT {
        if out.is_null() {
            return MAPI_E_INVALID_PARAMETER;
        }
        match Self::open(shared, uid, flags) {
            Ok(section) => {
                // SAFETY: not NULL; the reference goes to the caller.
                unsafe { *out = section.into_interface::<IProfSect>().into_raw() };
                S_OK
            }
            Err(status) => status,
        }
    }

    fn set(&self, state: &mut State, index: usize, property: &SPropValue) -> Option<SPropProblem> {
        if matches!(property.ulPropTag.prop_type(), PT_ERROR | PT_NULL) {
            return None; // SetProps ignores errors.
        }
        // SAFETY: the caller of SetProps answers for its properties.
        match unsafe { Value::read(property) } {
            Ok(value) => {
                state.changes.insert(property.ulPropTag.id(), Some(value));
                None
            }
            Err(status) => Some(problem(index, property.ulPropTag, status)),
        }
    }
}

impl IProfSect_Impl for ProfileSection {}

impl IMAPIProp_Impl for ProfileSection {
    unsafe fn GetLastError(
        _: &Object<Self>,
        _: HRESULT,
        _: UnicodeFlags,
        _: *mut *mut MAPIERROR,
    ) -> HRESULT {
        S_OK // COM-08: nothing to say.
    }

    unsafe fn SaveChanges(this: &Object<Self>, flags: SaveChangesFlags) -> HRESULT {
        let mut state = lock(&this.state);
        if !state.writable {
            return MAPI_E_NO_ACCESS;
        }
        if let Err(status) = this.profile.injected(Operation::SaveChanges) {
            return status;
        }
        if this
            .profile
            .commit(this.uid, state.changes.clone())
            .is_err()
        {
            return MAPI_E_DISK_ERROR;
        }
        state.changes.clear();
        state.section = this.profile.section(this.uid);
        state.writable = flags.contains(SaveChangesFlags::KEEP_OPEN_READWRITE)
            && !flags.contains(SaveChangesFlags::KEEP_OPEN_READONLY);
        S_OK
    }

    unsafe fn GetProps(
        this: &Object<Self>,
        tags: *mut SPropTagArray,
        flags: UnicodeFlags,
        count: *mut u32,
        properties: *mut *mut SPropValue,
    ) -> HRESULT {
        if count.is_null() || properties.is_null() {
            return MAPI_E_INVALID_PARAMETER;
        }
        if let Err(status) = this.profile.injected(Operation::GetProps) {
            return status;
        }
        let state = lock(&this.state);
        let strings = if !flags.contains(UnicodeFlags::MAPI_UNICODE) {
            PT_STRING8
        } else {
            PT_UNICODE
        };
        // SAFETY: the caller answers for the array.
        let tags = unsafe { read_tags(tags) };
        let tags = tags.unwrap_or_else(|| {
            state
                .listed()
                .into_iter()
                .map(|id| PropTag::new(id, PT_UNSPECIFIED))
                .collect()
        });
        let found: Vec<Property> = tags
            .iter()
            .map(|tag| answer(&state, *tag, strings))
            .collect();
        let all = found
            .iter()
            .all(|property| !matches!(property.value, Value::Error(_)));
        match allocate_properties(this.ledger, "IProfSect::GetProps", &found) {
            Ok(buffer) => {
                // SAFETY: not NULL, so the caller's to be written to.
                unsafe {
                    *count = found.len() as u32;
                    *properties = buffer.as_ptr();
                }
                if all { S_OK } else { MAPI_W_ERRORS_RETURNED }
            }
            Err(status) => status,
        }
    }

    unsafe fn GetPropList(
        this: &Object<Self>,
        flags: UnicodeFlags,
        out: *mut *mut SPropTagArray,
    ) -> HRESULT {
        if out.is_null() {
            return MAPI_E_INVALID_PARAMETER;
        }
        let state = lock(&this.state);
        let strings = if !flags.contains(UnicodeFlags::MAPI_UNICODE) {
            PT_STRING8
        } else {
            PT_UNICODE
        };
        let tag = |id: u16| answer(&state, PropTag::new(id, PT_UNSPECIFIED), strings).tag();
        let tags: Vec<PropTag> = state.listed().into_iter().map(tag).collect();
        match allocate_tags(this.ledger, "IProfSect::GetPropList", &tags) {
            Ok(array) => {
                // SAFETY: not NULL, so the caller's to be written to.
                unsafe { *out = array.as_ptr() };
                S_OK
            }
            Err(status) => status,
        }
    }

    unsafe fn SetProps(
        this: &Object<Self>,
        count: u32,
        properties: *mut SPropValue,
        problems: *mut *mut SPropProblemArray,
    ) -> HRESULT {
        // SetProps of nothing is refused: "cValues must not be 0".
        if properties.is_null() || count == 0 {
            return MAPI_E_INVALID_PARAMETER;
        }
        let mut state = lock(&this.state);
        if !state.writable {
            return MAPI_E_NO_ACCESS;
        }
        if let Err(status) = this.profile.injected(Operation::SetProps) {
            return status;
        }
        let mut found = Vec::new();
        for index in 0..count as usize {
            // SAFETY: the caller answers for that many properties.
            let property = unsafe { &*properties.add(index) };
            found.extend(this.set(&mut state, index, property));
        }
        // SAFETY: the caller answers for the place for problems.
        unsafe { tell_problems(this.ledger, "IProfSect::SetProps", &found, problems) }
    }

    unsafe fn DeleteProps(
        this: &Object<Self>,
        tags: *mut SPropTagArray,
        problems: *mut *mut SPropProblemArray,
    ) -> HRESULT {
        // SAFETY: the caller answers for the array.
        let Some(tags) = (unsafe { read_tags(tags) }) else {
            return MAPI_E_INVALID_PARAMETER;
        };
        let mut state = lock(&this.state);
        if !state.writable {
            return MAPI_E_NO_ACCESS;
        }
        if let Err(status) = this.profile.injected(Operation::DeleteProps) {
            return status;
        }
        let mut found = Vec::new();
        for (index, tag) in tags.into_iter().enumerate() {
            let id = tag.id();
            if state.get(id).is_none() {
                found.push(problem(index, tag, MAPI_E_NOT_FOUND));
            }
            state.changes.insert(id, None);
        }
        // SAFETY: the caller answers for the place for problems.
        unsafe { tell_problems(this.ledger, "IProfSect::DeleteProps", &found, problems) }
    }
}

/// What `GetProps` answers for a tag: the value, as a string of the requested width if the tag names
/// no type, or a `PT_ERROR`.
fn answer(state: &State, tag: PropTag, strings: u32) -> Property {
    let value = state
        .get(tag.id())
        .ok_or(MAPI_E_NOT_FOUND)
        .and_then(|value| {
            let unspecified =
                tag.prop_type() == 0 && matches!(value, Value::String8(_) | Value::Unicode(_));
            value.to_kind(if unspecified {
                strings
            } else {
                tag.prop_type()
            })
        });
    Property {
        id: tag.id(),
        value: value.unwrap_or_else(Value::Error),
    }
}

fn problem(index: usize, tag: PropTag, status: HRESULT) -> SPropProblem {
    SPropProblem {
        ulIndex: index as u32,
        ulPropTag: tag,
        scode: status.0,
    }
}

/// Problems, if any, for those who ask; the call itself has succeeded.
///
/// # Safety
///
/// `out` is NULL or valid for a write.
unsafe fn tell_problems(
    ledger: &Ledger,
    origin: &'static str,
    problems: &[SPropProblem],
    out: *mut *mut SPropProblemArray,
) -> HRESULT {
    if problems.is_empty() || out.is_null() {
        return S_OK;
    }
    match allocate_problems(ledger, origin, problems) {
        Ok(array) => {
            // SAFETY: not NULL, so valid for a write by the caller's word.
            unsafe { *out = array.as_ptr() };
            S_OK
        }
        Err(status) => status,
    }
}
