#include "profile.h"

#include "memory.h"

#include <cstring>

namespace {

// The bytes of a value, as the map keeps them.
std::string bytes_of(const SPropValue &value) {
    switch (PROP_TYPE(value.ulPropTag)) {
    case PT_LONG:
        return std::string(reinterpret_cast<const char *>(&value.Value.l), sizeof value.Value.l);
    case PT_BOOLEAN:
        return std::string(reinterpret_cast<const char *>(&value.Value.b), sizeof value.Value.b);
    case PT_BINARY:
        return std::string(reinterpret_cast<const char *>(value.Value.bin.lpb), value.Value.bin.cb);
    case PT_STRING8:
        return value.Value.lpszA;
    case PT_UNICODE:
        return std::string(reinterpret_cast<const char *>(value.Value.lpszW), wcslen(value.Value.lpszW) * sizeof(WCHAR));
    default:
        return {};
    }
}

// A value of the map as a property whose memory hangs on `root`.
void to_value(const std::string &bytes, ULONG tag, void *root, SPropValue &value) {
    value.ulPropTag = tag;
    void *copy = nullptr;
    memory::allocate_more(static_cast<ULONG>(bytes.size() + sizeof(WCHAR)), root, &copy);
    std::memset(copy, 0, bytes.size() + sizeof(WCHAR));
    std::memcpy(copy, bytes.data(), bytes.size());
    switch (PROP_TYPE(tag)) {
    case PT_LONG:
        std::memcpy(&value.Value.l, copy, sizeof value.Value.l);
        break;
    case PT_BOOLEAN:
        std::memcpy(&value.Value.b, copy, sizeof value.Value.b);
        break;
    case PT_BINARY:
        value.Value.bin.cb = static_cast<ULONG>(bytes.size());
        value.Value.bin.lpb = static_cast<BYTE *>(copy);
        break;
    case PT_STRING8:
        value.Value.lpszA = static_cast<char *>(copy);
        break;
    default:
        value.Value.lpszW = static_cast<WCHAR *>(copy);
    }
}

} // namespace

HRESULT ProfileSection::GetProps(LPSPropTagArray tags, ULONG, ULONG *count, LPSPropValue *values) {
    void *root = nullptr;
    memory::allocate_buffer(tags->cValues * sizeof(SPropValue), &root);
    *count = tags->cValues;
    *values = static_cast<SPropValue *>(root);
    HRESULT result = S_OK;
    threads::Guard guard(lock);
    for (ULONG i = 0; i < tags->cValues; ++i) {
        const auto found = values_.find(tags->aulPropTag[i]);
        if (found != values_.end()) {
            to_value(found->second, found->first, root, (*values)[i]);
        } else {
            (*values)[i].ulPropTag = CHANGE_PROP_TYPE(tags->aulPropTag[i], PT_ERROR);
            (*values)[i].Value.err = MAPI_E_NOT_FOUND;
            result = MAPI_W_ERRORS_RETURNED;
        }
    }
    return result;
}

HRESULT ProfileSection::SetProps(ULONG count, LPSPropValue values, LPSPropProblemArray *problems) {
    if (problems)
        *problems = nullptr;
    for (ULONG i = 0; i < count; ++i)
        set(values[i].ulPropTag, bytes_of(values[i]));
    return S_OK;
}

HRESULT ProfileSection::DeleteProps(LPSPropTagArray tags, LPSPropProblemArray *problems) {
    if (problems)
        *problems = nullptr;
    threads::Guard guard(lock);
    for (ULONG i = 0; i < tags->cValues; ++i)
        values_.erase(tags->aulPropTag[i]);
    return S_OK;
}

HRESULT ProfileSection::SaveChanges(ULONG) {
    ++saves;
    return S_OK;
}

std::string ProfileSection::bytes(ULONG tag) {
    threads::Guard guard(lock);
    const auto found = values_.find(tag);
    return found == values_.end() ? std::string() : found->second;
}

void ProfileSection::set(ULONG tag, const std::string &bytes) {
    threads::Guard guard(lock);
    values_[tag] = bytes;
}
