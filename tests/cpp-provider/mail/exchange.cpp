#include "exchange.h"

#include <algorithm>
#include <cstring>

namespace {

// Calls a visitor with the member of MAPI's union that a type means: with a value, or with a count and an array. False if
// it means none.
template <typename Visitor> bool visit(ULONG type, union _PV &pv, Visitor visitor) {
    switch (type) {
    case PT_I2: return visitor(pv.i);
    case PT_LONG: return visitor(pv.l);
    case PT_R4: return visitor(pv.flt);
    case PT_DOUBLE:
    case PT_APPTIME: return visitor(pv.dbl);
    case PT_BOOLEAN: return visitor(pv.b);
    case PT_CURRENCY:
    case PT_I8: return visitor(pv.li);
    case PT_SYSTIME: return visitor(pv.ft);
    case PT_STRING8: return visitor(pv.lpszA);
    case PT_UNICODE: return visitor(pv.lpszW);
    case PT_BINARY: return visitor(pv.bin);
    case PT_CLSID: return visitor(pv.lpguid);
    case PT_MV_I2: return visitor(pv.MVi.cValues, pv.MVi.lpi);
    case PT_MV_LONG: return visitor(pv.MVl.cValues, pv.MVl.lpl);
    case PT_MV_R4: return visitor(pv.MVflt.cValues, pv.MVflt.lpflt);
    case PT_MV_DOUBLE: return visitor(pv.MVdbl.cValues, pv.MVdbl.lpdbl);
    case PT_MV_APPTIME: return visitor(pv.MVat.cValues, pv.MVat.lpat);
    case PT_MV_CURRENCY: return visitor(pv.MVcur.cValues, pv.MVcur.lpcur);
    case PT_MV_I8: return visitor(pv.MVli.cValues, pv.MVli.lpli);
    case PT_MV_SYSTIME: return visitor(pv.MVft.cValues, pv.MVft.lpft);
    case PT_MV_STRING8: return visitor(pv.MVszA.cValues, pv.MVszA.lppszA);
    case PT_MV_UNICODE: return visitor(pv.MVszW.cValues, pv.MVszW.lppszW);
    case PT_MV_BINARY: return visitor(pv.MVbin.cValues, pv.MVbin.lpbin);
    case PT_MV_CLSID: return visitor(pv.MVguid.cValues, pv.MVguid.lpguid);
    default: return false;
    }
}

// Takes a value out of a structure.
struct Reader {
    Value &value;

    bool number(LONGLONG given) const { return value.number = given, true; }
    bool real(double given) const { return value.real = given, true; }
    bool bytes(const void *given, size_t size) const {
        if (!given && size)
            return false;
        const BYTE *const first = static_cast<const BYTE *>(given);
        value.bytes.assign(first, first + size);
        return true;
    }

    bool operator()(short given) const { return number(given); }
    bool operator()(LONG given) const { return number(given); }
    bool operator()(unsigned short given) const { return number(given != 0); }
    bool operator()(const LARGE_INTEGER &given) const { return number(given.QuadPart); }
    bool operator()(const CURRENCY &given) const { return number(given.int64); }
    bool operator()(const FILETIME &given) const { return number(time_value(given).number); }
    bool operator()(float given) const { return real(given); }
    bool operator()(double given) const { return real(given); }
    bool operator()(const char *given) const { return given && (value.text = widen(given), true); }
    bool operator()(const WCHAR *given) const { return given && (value.text = given, true); }
    bool operator()(const SBinary &given) const { return bytes(given.lpb, given.cb); }
    bool operator()(const GUID *given) const { return given && bytes(given, sizeof *given); }
    bool operator()(const GUID &given) const { return bytes(&given, sizeof given); }

    template <typename Item> bool operator()(ULONG count, Item *items) const {
        if (!items && count)
            return false;
        value.list.resize(count);
        for (ULONG i = 0; i < count; ++i) {
            value.list[i].type = value.type & ~MV_FLAG;
            if (!Reader{value.list[i]}(items[i]))
                return false;
        }
        return true;
    }
};

// Puts a value into a structure.
struct Writer {
    const Value &value;
    Buffer &buffer;

    bool operator()(short &out) const { return out = static_cast<short>(value.number), true; }
    bool operator()(LONG &out) const { return out = static_cast<LONG>(value.number), true; }
    bool operator()(unsigned short &out) const { return out = value.number != 0, true; }
    bool operator()(LARGE_INTEGER &out) const { return out.QuadPart = value.number, true; }
    bool operator()(CURRENCY &out) const { return out.int64 = value.number, true; }
    bool operator()(FILETIME &out) const {
        out.dwLowDateTime = static_cast<DWORD>(value.number);
        out.dwHighDateTime = static_cast<DWORD>(value.number >> 32);
        return true;
    }
    bool operator()(float &out) const { return out = static_cast<float>(value.real), true; }
    bool operator()(double &out) const { return out = value.real, true; }
    bool operator()(char *&out) const { return out = buffer.text8(value.text), true; }
    bool operator()(WCHAR *&out) const { return out = buffer.text(value.text), true; }
    bool operator()(SBinary &out) const {
        out.cb = static_cast<ULONG>(value.bytes.size());
        out.lpb = static_cast<BYTE *>(buffer.copy(value.bytes.data(), value.bytes.size()));
        return true;
    }
    bool operator()(GUID *&out) const {
        out = static_cast<GUID *>(buffer.copy(value.bytes.data(), sizeof(GUID)));
        return true;
    }
    bool operator()(GUID &out) const { return std::memcpy(&out, value.bytes.data(), sizeof out), true; }

    template <typename Item> bool operator()(ULONG &count, Item *&items) const {
        count = static_cast<ULONG>(value.list.size());
        items = static_cast<Item *>(buffer.more(sizeof(Item) * value.list.size()));
        for (ULONG i = 0; i < count; ++i)
            Writer{value.list[i], buffer}(items[i]);
        return true;
    }
};

} // namespace

bool read_value(const SPropValue &given, Value &value) {
    const ULONG type = PROP_TYPE(given.ulPropTag);
    value = Value();
    value.type = kept_type(type);
    SPropValue copy = given;
    return visit(type, copy.Value, Reader{value});
}

void write_value(const Value &value, ULONG type, Buffer &buffer, SPropValue &given) {
    given.Value = {};
    visit(type, given.Value, Writer{value, buffer});
}

ULONG meant_type(ULONG asked, ULONG kept, ULONG flags) {
    if (asked != PT_UNSPECIFIED)
        return asked;
    if (flags & MAPI_UNICODE)
        return kept;
    return kept == PT_UNICODE ? PT_STRING8 : kept == PT_MV_UNICODE ? PT_MV_STRING8 : kept;
}

bool write_property(const Properties &properties, ULONG asked, ULONG flags, HRESULT wrong_type, Buffer &buffer,
                    SPropValue &given) {
    given = {};
    const Value *const value = value_of(properties, asked);
    const ULONG type = value ? meant_type(PROP_TYPE(asked), value->type, flags) : PT_ERROR;
    if (!value || kept_type(type) != value->type) {
        given.ulPropTag = CHANGE_PROP_TYPE(asked, PT_ERROR);
        given.Value.err = value ? wrong_type : MAPI_E_NOT_FOUND;
        return false;
    }
    given.ulPropTag = CHANGE_PROP_TYPE(asked, type);
    write_value(*value, type, buffer, given);
    return true;
}

SPropTagArray *give_tags(const Allocators &allocators, const std::vector<ULONG> &tags) {
    Buffer buffer(allocators, CbNewSPropTagArray(std::max<size_t>(tags.size(), 1)));
    auto *const array = static_cast<SPropTagArray *>(buffer.get());
    array->cValues = static_cast<ULONG>(tags.size());
    std::copy(tags.begin(), tags.end(), array->aulPropTag);
    return static_cast<SPropTagArray *>(buffer.hand_over());
}
