// The store's methods without support: nobody can open this provider's messages.
#include "store.h"

HRESULT Store::SaveChanges(ULONG) { return unsupported(); }

HRESULT Store::OpenProperty(ULONG, LPCIID, ULONG, ULONG, LPUNKNOWN *object) { return unsupported(object); }

// A caller that doesn't want to know of problems passes NULL.
HRESULT Store::SetProps(ULONG, LPSPropValue, LPSPropProblemArray *problems) {
    clear(problems);
    return unsupported();
}

HRESULT Store::DeleteProps(LPSPropTagArray, LPSPropProblemArray *problems) {
    clear(problems);
    return unsupported();
}

HRESULT Store::CopyTo(ULONG, LPCIID, LPSPropTagArray, ULONG, LPMAPIPROGRESS, LPCIID, LPVOID, ULONG,
                      LPSPropProblemArray *problems) {
    clear(problems);
    return unsupported();
}

HRESULT Store::CopyProps(LPSPropTagArray, ULONG, LPMAPIPROGRESS, LPCIID, LPVOID, ULONG, LPSPropProblemArray *problems) {
    clear(problems);
    return unsupported();
}

HRESULT Store::GetNamesFromIDs(LPSPropTagArray *, LPGUID, ULONG, ULONG *count, LPMAPINAMEID **names) {
    return unsupported(count, names);
}

HRESULT Store::GetIDsFromNames(ULONG, LPMAPINAMEID *, ULONG, LPSPropTagArray *tags) { return unsupported(tags); }

HRESULT Store::Advise(ULONG, LPENTRYID, ULONG, LPMAPIADVISESINK, ULONG *connection) {
    return unsupported(connection_of(connection));
}

HRESULT Store::Unadvise(ULONG) { return unsupported(); }

HRESULT Store::CompareEntryIDs(ULONG, LPENTRYID, ULONG, LPENTRYID, ULONG, ULONG *result) { return unsupported(result); }

HRESULT Store::OpenEntry(ULONG, LPENTRYID, LPCIID, ULONG, ULONG *type, LPUNKNOWN *object) {
    return unsupported(type, object);
}

HRESULT Store::SetReceiveFolder(LPTSTR, ULONG, ULONG, LPENTRYID) { return unsupported(); }

HRESULT Store::GetReceiveFolder(LPTSTR, ULONG, ULONG *size, LPENTRYID *folder, LPTSTR *explicit_class) {
    clear(explicit_class);
    return unsupported(size, folder);
}

HRESULT Store::GetReceiveFolderTable(ULONG, LPMAPITABLE *table) { return unsupported(table); }

HRESULT Store::AbortSubmit(ULONG, LPENTRYID, ULONG) { return unsupported(); }

HRESULT Store::GetOutgoingQueue(ULONG, LPMAPITABLE *table) { return unsupported(table); }

HRESULT Store::SetLockState(LPMESSAGE, ULONG) { return unsupported(); }

HRESULT Store::FinishedMsg(ULONG, ULONG, LPENTRYID) { return unsupported(); }

HRESULT Store::NotifyNewMail(LPNOTIFICATION) { return unsupported(); }
