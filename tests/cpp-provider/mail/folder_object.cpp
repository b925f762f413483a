// What a folder is: its tables, and how others find it.
#include "folder_object.h"

#include "opening.h"
#include "tables.h"

// Nobody else knows it: only our folders answer.
static const IID IID_OurFolder = {0x6d1e2b7c, 0x51a0, 0x4f83, {0x9c, 0x27, 0x3b, 0x6e, 0x80, 0x14, 0xd2, 0x95}};

void *FolderObject::find(REFIID iid) {
    if (iid == IID_OurFolder)
        return this;
    const bool known = iid == IID_IUnknown || iid == IID_IMAPIProp || iid == IID_IMAPIContainer || iid == IID_IMAPIFolder;
    return known ? static_cast<IMAPIFolder *>(this) : nullptr;
}

FolderObject *FolderObject::behind(void *interface_pointer) {
    void *ours = nullptr;
    if (FAILED(static_cast<IUnknown *>(interface_pointer)->QueryInterface(IID_OurFolder, &ours)))
        return nullptr;
    auto *const object = static_cast<FolderObject *>(ours);
    object->Release(); // the caller has a reference
    return object;
}

HRESULT FolderObject::open(ULONG tag, REFIID iid, ULONG options, ULONG, IUnknown **object) {
    require(iid == IID_IMAPITable, MAPI_E_INTERFACE_NOT_SUPPORTED);
    auto **const table = reinterpret_cast<IMAPITable **>(object);
    switch (PROP_ID(tag)) {
    case PROP_ID(PR_CONTAINER_CONTENTS):
        return GetContentsTable(options, table);
    case PROP_ID(PR_FOLDER_ASSOCIATED_CONTENTS):
        return GetContentsTable(options | MAPI_ASSOCIATED, table);
    case PROP_ID(PR_CONTAINER_HIERARCHY):
        return GetHierarchyTable(options, table);
    default:
        return MAPI_E_NOT_FOUND;
    }
}

HRESULT FolderObject::GetContentsTable(ULONG flags, LPMAPITABLE *table) {
    if (!clear(table))
        return MAPI_E_INVALID_PARAMETER;
    return guarded([&]() -> HRESULT {
        *table = contents_table(*this, flags);
        return S_OK;
    });
}

HRESULT FolderObject::GetHierarchyTable(ULONG flags, LPMAPITABLE *table) {
    if (!clear(table))
        return MAPI_E_INVALID_PARAMETER;
    return guarded([&]() -> HRESULT {
        *table = hierarchy_table(*this, flags);
        return S_OK;
    });
}

HRESULT FolderObject::OpenEntry(ULONG size, LPENTRYID entry_id, LPCIID iid, ULONG flags, ULONG *type, LPUNKNOWN *object) {
    return open_entry(allocators, mailbox, size, entry_id, iid, flags, type, object);
}

// STORE-04: the mask has no STORE_SEARCH_OK.
HRESULT FolderObject::SetSearchCriteria(LPSRestriction, LPENTRYLIST, ULONG) { return unsupported(); }

HRESULT FolderObject::GetSearchCriteria(ULONG, LPSRestriction *restriction, LPENTRYLIST *list, ULONG *state) {
    return unsupported(restriction, list, state);
}
