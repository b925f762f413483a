#include "rows.h"

#include <memory>

Properties read_row(ULONG count, const SPropValue *values) {
    Properties properties;
    for (ULONG i = 0; i < count; ++i) {
        Value value;
        if (read_value(values[i], value))
            properties[PROP_ID(values[i].ulPropTag)] = value;
    }
    return properties;
}

// A set of rows is a root, and so is each row.
HRESULT read_rows(IMAPITable *table, const Allocators &allocators, Rows &rows) {
    SRowSet *set = nullptr;
    const HRESULT result = table->QueryRows(1000, 0, &set);
    if (FAILED(result))
        return result;
    for (ULONG i = 0; i < set->cRows; ++i) {
        rows.push_back(read_row(set->aRow[i].cValues, set->aRow[i].lpProps));
        allocators.free(set->aRow[i].lpProps);
    }
    allocators.free(set);
    return S_OK;
}

Buffer write_row(const Allocators &allocators, const Properties &properties) {
    Buffer buffer(allocators, sizeof(SPropValue) * (properties.size() + 1));
    auto *value = static_cast<SPropValue *>(buffer.get());
    for (const auto &property : properties) {
        value->dwAlignPad = 0;
        value->ulPropTag = tag_of(property);
        write_value(property.second, property.second.type, buffer, *value++);
    }
    return buffer;
}

HRESULT set_all(IMAPIProp *object, const Allocators &allocators, const Properties &properties) {
    const Buffer row = write_row(allocators, properties);
    return object->SetProps(static_cast<ULONG>(properties.size()), static_cast<SPropValue *>(row.get()), nullptr);
}

ADRLIST *give_list(const Allocators &allocators, const Rows &rows) {
    Buffer buffer(allocators, CbNewADRLIST(rows.size() + 1));
    auto *const list = static_cast<ADRLIST *>(buffer.get());
    list->cEntries = 0;
    try {
        for (const Properties &row : rows) {
            ADRENTRY &entry = list->aEntries[list->cEntries];
            entry.ulReserved1 = 0;
            entry.cValues = static_cast<ULONG>(row.size());
            entry.rgPropVals = static_cast<SPropValue *>(write_row(allocators, row).hand_over());
            ++list->cEntries;
        }
    } catch (...) {
        for (ULONG i = 0; i < list->cEntries; ++i)
            allocators.free(list->aEntries[i].rgPropVals);
        throw;
    }
    return static_cast<ADRLIST *>(buffer.hand_over());
}

void free_list(const Allocators &allocators, ADRLIST *list) {
    for (ULONG i = 0; i < list->cEntries; ++i)
        allocators.free(list->aEntries[i].rgPropVals);
    allocators.free(list);
}
