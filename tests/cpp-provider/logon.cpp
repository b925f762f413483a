#include "logon.h"

#include "mail/opening.h"

void *Logon::find(REFIID iid) {
    return iid == IID_IUnknown || iid == IID_IMSLogon ? static_cast<IMSLogon *>(this) : nullptr;
}

HRESULT Logon::GetLastError(HRESULT, ULONG, LPMAPIERROR *error) {
    return clear(error) ? S_OK : MAPI_E_INVALID_PARAMETER;
}

HRESULT Logon::Logoff(ULONG *) {
    if (engine->close(number))
        engine->wait(Engine::deadline());
    return S_OK;
}

HRESULT Logon::OpenEntry(ULONG size, LPENTRYID entry_id, LPCIID iid, ULONG flags, ULONG *type, LPUNKNOWN *object) {
    return open_entry(allocators, mailbox, size, entry_id, iid, flags, type, object);
}

HRESULT Logon::CompareEntryIDs(ULONG size1, LPENTRYID entry_id1, ULONG size2, LPENTRYID entry_id2, ULONG,
                               ULONG *result) {
    return compare_entry_ids(size1, entry_id1, size2, entry_id2, result);
}

HRESULT Logon::Advise(ULONG size, LPENTRYID entry_id, ULONG events, LPMAPIADVISESINK sink, ULONG *connection) {
    return connections.advise(size, entry_id, events, sink, connection_of(connection));
}

HRESULT Logon::Unadvise(ULONG connection) { return connections.unadvise(connection); }

HRESULT Logon::OpenStatusEntry(LPCIID, ULONG, ULONG *type, LPVOID *entry) { return unsupported(type, entry); }
