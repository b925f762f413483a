// The store's properties, and its last error.
#include "store.h"

#include <cstdlib>

namespace {

// The C runtime's functions instead of MAPI's. Only by mistake.
SCODE WINAPI allocate_by_malloc(ULONG size, void **block) { return (*block = std::malloc(size)) ? S_OK : E_OUTOFMEMORY; }
SCODE WINAPI more_by_malloc(ULONG size, void *, void **block) { return allocate_by_malloc(size, block); }
ULONG WINAPI free_of_malloc(void *block) { return std::free(block), 0; }

// STORE-02: a bit for each folder, and where its entry ID is.
struct SpecialFolder {
    ULONG bit, tag;
    Id SpecialFolders::*id;
};
const SpecialFolder SPECIAL_FOLDERS[] = {
    {FOLDER_IPM_SUBTREE_VALID, PR_IPM_SUBTREE_ENTRYID, &SpecialFolders::subtree},
    {FOLDER_IPM_OUTBOX_VALID, PR_IPM_OUTBOX_ENTRYID, &SpecialFolders::outbox},
    {FOLDER_IPM_WASTEBASKET_VALID, PR_IPM_WASTEBASKET_ENTRYID, &SpecialFolders::deleted},
    {FOLDER_IPM_SENTMAIL_VALID, PR_IPM_SENTMAIL_ENTRYID, &SpecialFolders::sent},
    {FOLDER_VIEWS_VALID, PR_VIEWS_ENTRYID, &SpecialFolders::views},
    {FOLDER_COMMON_VIEWS_VALID, PR_COMMON_VIEWS_ENTRYID, &SpecialFolders::common_views},
    {FOLDER_FINDER_VALID, PR_FINDER_ENTRYID, &SpecialFolders::finder},
};

// What the store itself answers for, whatever was set.
Properties own_properties(const Mailbox &mailbox) {
    Properties properties;
    mailbox.add_common(properties);
    const auto set = [&](ULONG tag, const Value &value) { properties[PROP_ID(tag)] = value; };
    set(PR_DISPLAY_NAME_W, text_value(L"Sample store in C++"));
    set(PR_PROVIDER_DISPLAY_W, text_value(L"Sample provider in C++"));
    set(PR_ENTRYID, bytes_value(mailbox.entry_id));
    set(PR_RECORD_KEY, bytes_value(mailbox.record_key));
    set(PR_OBJECT_TYPE, number_value(MAPI_STORE));
    ULONG valid = FOLDER_IPM_INBOX_VALID;
    for (const SpecialFolder &folder : SPECIAL_FOLDERS) {
        valid |= folder.bit;
        set(folder.tag, bytes_value(entry_id_of(Kind::folder, mailbox.special.*folder.id)));
    }
    set(PR_VALID_FOLDER_MASK, number_value(static_cast<LONG>(valid)));
    return properties;
}

} // namespace

Properties Store::all(Turn &) const {
    Properties properties = own_properties(*mailbox);
    properties.insert(mailbox->store_properties.begin(), mailbox->store_properties.end());
    return properties;
}

HRESULT Store::set(Turn &, ULONG tag, const Value &value) {
    if (own_properties(*mailbox).count(PROP_ID(tag)))
        return MAPI_E_COMPUTED;
    mailbox->store_properties[PROP_ID(tag)] = value;
    return S_OK;
}

HRESULT Store::remove(Turn &, ULONG tag) {
    if (own_properties(*mailbox).count(PROP_ID(tag)))
        return MAPI_E_COMPUTED;
    mailbox->store_properties.erase(PROP_ID(tag));
    return S_OK;
}

HRESULT Store::GetProps(LPSPropTagArray named, ULONG flags, ULONG *count, LPSPropValue *values) {
    const Allocators by_malloc{allocate_by_malloc, more_by_malloc, free_of_malloc};
    return get_props(*this, makes(Mistake::properties_from_malloc) ? by_malloc : allocators, named, flags, count, values);
}

// The store has more to say of one failure: the last run's.
HRESULT Store::GetLastError(HRESULT status, ULONG flags, LPMAPIERROR *error) {
    if (!clear(error))
        return MAPI_E_INVALID_PARAMETER;
    return guarded([&]() -> HRESULT {
        std::wstring why;
        if (engine->last_error(status, why))
            *error = describe(allocators, status, why, flags);
        return S_OK;
    });
}
