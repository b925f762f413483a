#include "admin.h"

#include "memory.h"

#include <cstring>

const MAPIUID SECTION_UID = {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};

// As MAPI does it: the set is a root, and so are the properties of each row.
HRESULT ProviderTable::QueryRows(LONG, ULONG, LPSRowSet *rows) {
    void *set = nullptr, *properties = nullptr, *uid = nullptr;
    memory::allocate_buffer(CbNewSRowSet(1), &set);
    memory::allocate_buffer(sizeof(SPropValue), &properties);
    memory::allocate_more(sizeof SECTION_UID, properties, &uid);
    std::memcpy(uid, &SECTION_UID, sizeof SECTION_UID);
    auto *value = static_cast<SPropValue *>(properties);
    value->ulPropTag = PR_PROVIDER_UID;
    value->Value.bin.cb = sizeof SECTION_UID;
    value->Value.bin.lpb = static_cast<BYTE *>(uid);
    *rows = static_cast<SRowSet *>(set);
    (*rows)->cRows = 1;
    (*rows)->aRow[0].cValues = 1;
    (*rows)->aRow[0].lpProps = value;
    return S_OK;
}

HRESULT Admin::GetProviderTable(ULONG, LPMAPITABLE *opened) {
    table.AddRef();
    *opened = &table;
    return S_OK;
}

HRESULT Admin::OpenProfileSection(LPMAPIUID uid, LPCIID, ULONG, LPPROFSECT *opened) {
    *opened = nullptr;
    if (!uid || std::memcmp(uid, &SECTION_UID, sizeof SECTION_UID) != 0)
        return MAPI_E_NOT_FOUND;
    section.AddRef();
    *opened = &section;
    return S_OK;
}
