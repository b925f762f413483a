// Copying what an object has to another one, which need not be ours.
#pragma once

#include "../ref.h"
#include "prop_object.h"

// Which properties are copied, and how.
class Selection {
public:
    // Of CopyTo: all but these.
    static Selection without(ULONG count, const IID *interfaces, const SPropTagArray *tags, ULONG flags);
    // Of CopyProps: only these.
    static Selection of(const SPropTagArray *tags, ULONG flags);

    bool has(ULONG tag) const;
    bool moves() const { return flags & MAPI_MOVE; }
    bool replaces() const { return !(flags & MAPI_NOREPLACE); }

private:
    bool excludes = true;
    std::set<ULONG> named;
    ULONG flags = 0;
};

// The interface of the object that is copied to.
template <typename Interface> Ref<Interface> copy_target(void *target, REFIID iid) {
    require(target, MAPI_E_INVALID_PARAMETER);
    Ref<Interface> found;
    const HRESULT result = static_cast<IUnknown *>(target)->QueryInterface(iid, found.void_out());
    require(SUCCEEDED(result), MAPI_E_INTERFACE_NOT_SUPPORTED);
    return found;
}

// Copies the properties that were set, but for those that follow from others.
void copy_properties(Bag &from, const Selection &selection, bool (*is_computed)(ULONG), IMAPIProp *to,
                     SPropProblemArray **problems);

// A call that must succeed.
inline void must(HRESULT result) { require(SUCCEEDED(result), result); }
