#include "support.h"

#include "memory.h"

#include <cstring>

HRESULT Support::GetMemAllocRoutines(LPALLOCATEBUFFER *allocate, LPALLOCATEMORE *more, LPFREEBUFFER *free) {
    *allocate = memory::allocate_buffer;
    *more = memory::allocate_more;
    *free = memory::free_buffer;
    return S_OK;
}

HRESULT Support::OpenProfileSection(LPMAPIUID, ULONG, LPPROFSECT *opened) {
    section.AddRef();
    *opened = &section;
    return S_OK;
}

HRESULT Support::SetProviderUID(LPMAPIUID uid, ULONG) {
    uids.push_back(*uid);
    return S_OK;
}

// MAPI puts a header in front; two bytes are enough to tell the two apart.
HRESULT Support::WrapStoreEntryID(ULONG size, LPENTRYID entry_id, ULONG *wrapped_size, LPENTRYID *wrapped) {
    void *copy = nullptr;
    memory::allocate_buffer(size + 2, &copy);
    std::memcpy(copy, "WW", 2);
    std::memcpy(static_cast<char *>(copy) + 2, entry_id, size);
    *wrapped_size = size + 2;
    *wrapped = static_cast<ENTRYID *>(copy);
    return S_OK;
}

HRESULT Support::StoreLogoffTransports(ULONG *flags) {
    logoffs.push_back(*flags);
    return S_OK;
}

void Support::adopt(IMSLogon *adopted, bool logs_off) {
    logon = adopted;
    log_off = logs_off;
}

void Support::last_release() {
    if (!logon)
        return;
    ULONG flags = LOGOFF_COMPLETE;
    if (log_off && FAILED(logon->Logoff(&flags)))
        check::fail(__FILE__, __LINE__, "IMSLogon::Logoff failed");
    logon_references = static_cast<LONG>(logon->Release());
    logon = nullptr;
}
