#include "value.h"

#include <algorithm>

namespace {

Value value_of_type(ULONG type) {
    Value value;
    value.type = type;
    return value;
}

template <typename T> int order_of(const T &one, const T &other) { return one < other ? -1 : other < one ? 1 : 0; }

size_t size_of_number(ULONG type) {
    switch (type & ~MV_FLAG) {
    case PT_I2:
    case PT_BOOLEAN:
        return 2;
    case PT_LONG:
    case PT_R4:
        return 4;
    default:
        return 8;
    }
}

} // namespace

Value number_value(LONG number) {
    Value value = value_of_type(PT_LONG);
    value.number = number;
    return value;
}

Value truth_value(bool truth) {
    Value value = value_of_type(PT_BOOLEAN);
    value.number = truth;
    return value;
}

Value text_value(const std::wstring &text) {
    Value value = value_of_type(PT_UNICODE);
    value.text = text;
    return value;
}

Value bytes_value(const Bytes &bytes) {
    Value value = value_of_type(PT_BINARY);
    value.bytes = bytes;
    return value;
}

Value time_value(const FILETIME &time) {
    Value value = value_of_type(PT_SYSTIME);
    value.number = static_cast<LONGLONG>(ULONGLONG(time.dwHighDateTime) << 32 | time.dwLowDateTime);
    return value;
}

Value object_value() { return value_of_type(PT_OBJECT); }

FILETIME now() {
    FILETIME time;
    GetSystemTimeAsFileTime(&time);
    return time;
}

ULONG tag_of(const Properties::value_type &property) { return PROP_TAG(property.second.type, property.first); }

const Value *value_of(const Properties &properties, ULONG tag) {
    const auto found = properties.find(PROP_ID(tag));
    return found == properties.end() ? nullptr : &found->second;
}

LONG number_of(const Properties &properties, ULONG tag) {
    const Value *const value = value_of(properties, tag);
    return value ? static_cast<LONG>(value->number) : 0;
}

const std::wstring &text_of(const Properties &properties, ULONG tag) {
    static const std::wstring none;
    const Value *const value = value_of(properties, tag);
    return value ? value->text : none;
}

bool is_text(ULONG type) { return type == PT_UNICODE || type == PT_STRING8; }

ULONG kept_type(ULONG type) {
    switch (type) {
    case PT_STRING8:
        return PT_UNICODE;
    case PT_MV_STRING8:
        return PT_MV_UNICODE;
    default:
        return type;
    }
}

int compare(const Value &one, const Value &other) {
    const int steps[] = {order_of(one.number, other.number), order_of(one.real, other.real),
                         order_of(one.text, other.text), order_of(one.bytes, other.bytes)};
    for (const int step : steps)
        if (step)
            return step;
    for (size_t i = 0; i < std::min(one.list.size(), other.list.size()); ++i)
        if (const int step = compare(one.list[i], other.list[i]))
            return step;
    return order_of(one.list.size(), other.list.size());
}

bool operator==(const Value &one, const Value &other) { return one.type == other.type && compare(one, other) == 0; }

size_t size_of(const Value &value) {
    switch (value.type) {
    case PT_UNICODE:
        return (value.text.size() + 1) * sizeof(WCHAR);
    case PT_BINARY:
    case PT_CLSID:
        return value.bytes.size();
    default:
        break;
    }
    if (!(value.type & MV_FLAG))
        return size_of_number(value.type);
    size_t size = 0;
    for (const Value &item : value.list)
        size += size_of(item);
    return size;
}
