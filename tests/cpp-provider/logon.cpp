#include "logon.h"

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

HRESULT Logon::OpenEntry(ULONG, LPENTRYID, LPCIID, ULONG, ULONG *type, LPUNKNOWN *object) {
    return unsupported(type, object);
}

HRESULT Logon::CompareEntryIDs(ULONG, LPENTRYID, ULONG, LPENTRYID, ULONG, ULONG *result) { return unsupported(result); }

HRESULT Logon::Advise(ULONG, LPENTRYID, ULONG, LPMAPIADVISESINK, ULONG *connection) {
    return unsupported(connection_of(connection));
}

HRESULT Logon::Unadvise(ULONG) { return unsupported(); }

HRESULT Logon::OpenStatusEntry(LPCIID, ULONG, ULONG *type, LPVOID *entry) { return unsupported(type, entry); }
