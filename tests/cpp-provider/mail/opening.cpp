#include "opening.h"

#include "../ref.h"
#include "folder_object.h"
#include "message_object.h"

#include <cstring>

HRESULT open_entry(const Allocators &allocators, const std::shared_ptr<Mailbox> &mailbox, ULONG size,
                   const ENTRYID *entry_id, const IID *iid, ULONG flags, ULONG *type, IUnknown **object) {
    if (!clear(type, object))
        return MAPI_E_INVALID_PARAMETER;
    return guarded([&]() -> HRESULT {
        const Named root = {Kind::folder, mailbox->special.root};
        const Named named = entry_id && size ? read_entry_id(size, entry_id) : root;
        const bool changes = flags & (MAPI_MODIFY | MAPI_BEST_ACCESS);
        Ref<IUnknown> opened;
        if (named.kind == Kind::folder) {
            Turn turn(*mailbox);
            mailbox->folder(turn, named.id);
            IMAPIFolder *const folder = new FolderObject(allocators, mailbox, named.id, changes);
            opened = Ref<IUnknown>::adopt(folder);
        } else {
            opened = Ref<IUnknown>::adopt(open_message(allocators, mailbox, named.id, changes));
        }
        void *asked = nullptr;
        const HRESULT result = opened->QueryInterface(iid ? *iid : IID_IUnknown, &asked);
        require(SUCCEEDED(result), MAPI_E_INTERFACE_NOT_SUPPORTED);
        *type = named.kind == Kind::folder ? MAPI_FOLDER : MAPI_MESSAGE;
        *object = static_cast<IUnknown *>(asked);
        return S_OK;
    });
}

// They are long-term, and an object has one.
HRESULT compare_entry_ids(ULONG size1, const ENTRYID *entry_id1, ULONG size2, const ENTRYID *entry_id2, ULONG *result) {
    if (!clear(result))
        return MAPI_E_INVALID_PARAMETER;
    return guarded([&]() -> HRESULT {
        require(entry_id1 && entry_id2, MAPI_E_INVALID_ENTRYID);
        *result = size1 == size2 && std::memcmp(entry_id1, entry_id2, size1) == 0;
        return S_OK;
    });
}
