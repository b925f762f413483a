// The store's properties, and its last error.
#include "store.h"

#include <cstdlib>

const MAPIUID PROVIDER_UID = {
    {0x0c, 0x8e, 0x2b, 0x51, 0x6f, 0x3d, 0x47, 0x94, 0xa1, 0x5c, 0xd2, 0x70, 0x9b, 0x1e, 0x44, 0xf8}};

namespace {

const LONG STORE_UNICODE_OK = 0x00040000; // the headers lack it

// A property of the store: text, bytes or a number, as its tag says.
struct Property {
    ULONG tag;
    std::wstring text;
    std::vector<BYTE> bytes;
    LONG number;
};

Property text(ULONG tag, const WCHAR *value) { return {tag, value, {}, 0}; }
Property bytes(ULONG tag, const std::vector<BYTE> &value) { return {tag, {}, value, 0}; }
Property number(ULONG tag, LONG value) { return {tag, {}, {}, value}; }

std::vector<Property> properties(const Identity &identity, const std::vector<BYTE> &entry_id) {
    return {
        text(PR_DISPLAY_NAME_W, L"Sample store in C++"),
        text(PR_PROVIDER_DISPLAY_W, L"Sample provider in C++"),
        bytes(PR_ENTRYID, entry_id),
        bytes(PR_STORE_ENTRYID, entry_id),
        bytes(PR_RECORD_KEY, identity),
        bytes(PR_STORE_RECORD_KEY, identity),
        bytes(PR_MDB_PROVIDER, std::vector<BYTE>(PROVIDER_UID.ab, PROVIDER_UID.ab + sizeof PROVIDER_UID.ab)),
        number(PR_OBJECT_TYPE, MAPI_STORE),
        number(PR_STORE_SUPPORT_MASK, STORE_UNICODE_OK),
    };
}

// The tag that is meant: text in the width of the flags if the type is left open.
ULONG resolved(ULONG asked, ULONG own, ULONG flags) {
    if (PROP_TYPE(asked) != PT_UNSPECIFIED)
        return asked;
    return PROP_TYPE(own) == PT_UNICODE && !(flags & MAPI_UNICODE) ? CHANGE_PROP_TYPE(own, PT_STRING8) : own;
}

const Property *find_property(const std::vector<Property> &all, ULONG tag) {
    for (const Property &property : all)
        if (PROP_ID(property.tag) == PROP_ID(tag))
            return &property;
    return nullptr;
}

// Fills in the value of one property; false if it is an error.
bool fill(const Property *property, ULONG asked, ULONG flags, Buffer &buffer, SPropValue &value) {
    value = {};
    value.ulPropTag = property ? resolved(asked, property->tag, flags) : asked;
    const ULONG type = PROP_TYPE(value.ulPropTag);
    if (property && PROP_TYPE(property->tag) == PT_UNICODE && type == PT_UNICODE) {
        value.Value.lpszW = buffer.text(property->text);
    } else if (property && PROP_TYPE(property->tag) == PT_UNICODE && type == PT_STRING8) {
        value.Value.lpszA = buffer.text8(property->text);
    } else if (!property || type != PROP_TYPE(property->tag)) {
        value.ulPropTag = CHANGE_PROP_TYPE(asked, PT_ERROR);
        value.Value.err = property ? MAPI_E_INVALID_TYPE : MAPI_E_NOT_FOUND;
        return false;
    } else if (type == PT_BINARY) {
        value.Value.bin.cb = static_cast<ULONG>(property->bytes.size());
        value.Value.bin.lpb = static_cast<BYTE *>(buffer.copy(property->bytes.data(), property->bytes.size()));
    } else {
        value.Value.l = property->number;
    }
    return true;
}

// The tags that a call means: all of them if it names none.
std::vector<ULONG> asked_tags(const SPropTagArray *named, const std::vector<Property> &all, ULONG flags) {
    if (named)
        return {named->aulPropTag, named->aulPropTag + named->cValues};
    std::vector<ULONG> tags;
    for (const Property &property : all)
        tags.push_back(resolved(CHANGE_PROP_TYPE(property.tag, PT_UNSPECIFIED), property.tag, flags));
    return tags;
}

// The C runtime's functions instead of MAPI's. Only by mistake.
SCODE WINAPI allocate_by_malloc(ULONG size, void **block) { return (*block = std::malloc(size)) ? S_OK : E_OUTOFMEMORY; }
SCODE WINAPI more_by_malloc(ULONG size, void *, void **block) { return allocate_by_malloc(size, block); }
ULONG WINAPI free_of_malloc(void *block) { return std::free(block), 0; }

} // namespace

HRESULT Store::GetProps(LPSPropTagArray named, ULONG flags, ULONG *count, LPSPropValue *values) {
    if (!clear(count, values))
        return MAPI_E_INVALID_PARAMETER;
    return guarded([&]() -> HRESULT {
        const std::vector<Property> all = properties(identity, entry_id);
        const std::vector<ULONG> tags = asked_tags(named, all, flags);
        Buffer buffer(makes(Mistake::properties_from_malloc)
                          ? Allocators{allocate_by_malloc, more_by_malloc, free_of_malloc}
                          : shared->allocators,
                      sizeof(SPropValue) * (tags.empty() ? 1 : tags.size()));
        auto *const filled = static_cast<SPropValue *>(buffer.get());
        bool whole = true;
        for (size_t i = 0; i < tags.size(); ++i)
            whole = fill(find_property(all, tags[i]), tags[i], flags, buffer, filled[i]) && whole;
        *count = static_cast<ULONG>(tags.size());
        *values = static_cast<SPropValue *>(buffer.hand_over());
        return whole ? S_OK : MAPI_W_ERRORS_RETURNED;
    });
}

HRESULT Store::GetPropList(ULONG flags, LPSPropTagArray *list) {
    if (!clear(list))
        return MAPI_E_INVALID_PARAMETER;
    return guarded([&]() -> HRESULT {
        const std::vector<ULONG> tags = asked_tags(nullptr, properties(identity, entry_id), flags);
        Buffer buffer(shared->allocators, CbNewSPropTagArray(tags.size()));
        auto *const array = static_cast<SPropTagArray *>(buffer.get());
        array->cValues = static_cast<ULONG>(tags.size());
        std::copy(tags.begin(), tags.end(), array->aulPropTag);
        *list = static_cast<SPropTagArray *>(buffer.hand_over());
        return S_OK;
    });
}

// The store has more to say of one failure: the last run's.
HRESULT Store::GetLastError(HRESULT status, ULONG flags, LPMAPIERROR *error) {
    if (!clear(error))
        return MAPI_E_INVALID_PARAMETER;
    return guarded([&]() -> HRESULT {
        std::wstring why;
        if (engine->last_error(status, why))
            *error = describe(shared->allocators, status, why, flags);
        return S_OK;
    });
}
