#include "status_entry.h"

namespace {

const ULONG REMOTE = REFRESH_XP_HEADER_CACHE | PROCESS_XP_HEADER_CACHE | FORCE_XP_CONNECT | FORCE_XP_DISCONNECT |
                     ABORT_XP_HEADER_OPERATION;

} // namespace

HRESULT validated(Session &session, ULONG flags) {
    const Ref<IMAPISupport> support = session.support();
    if (!support)
        return MAPI_E_NO_SUPPORT;
    if (flags & ~(REMOTE | SUPPRESS_UI | CONFIG_CHANGED))
        return MAPI_E_UNKNOWN_FLAGS;
    if (flags & REMOTE)
        return MAPI_E_NO_SUPPORT;
    if (flags & CONFIG_CHANGED)
        support->SpoolerNotify(NOTIFY_CONFIG_CHANGE, nullptr);
    session.change(0, makes(Mistake::available_by_validate) ? STATUS_AVAILABLE : 0);
    return S_OK;
}

void *StatusEntry::find(REFIID iid) {
    const bool is_ours = iid == IID_IUnknown || iid == IID_IMAPIProp || iid == IID_IMAPIStatus;
    return is_ours ? static_cast<IMAPIStatus *>(this) : nullptr;
}

std::shared_ptr<Session> StatusEntry::session() const {
    std::shared_ptr<Session> session = weak.lock();
    return session && session->support() ? session : nullptr;
}

HRESULT StatusEntry::GetLastError(HRESULT, ULONG, LPMAPIERROR *error) {
    return clear(error) ? S_OK : MAPI_E_INVALID_PARAMETER;
}

HRESULT StatusEntry::GetProps(LPSPropTagArray named, ULONG flags, ULONG *count, LPSPropValue *values) {
    if (!clear(count, values))
        return MAPI_E_INVALID_PARAMETER;
    const std::shared_ptr<Session> open = session();
    if (!open)
        return MAPI_E_NO_SUPPORT;
    return guarded([&]() -> HRESULT {
        Properties all = open->row();
        all[PROP_ID(PR_OBJECT_TYPE)] = number_value(MAPI_STATUS);
        std::vector<ULONG> tags;
        for (const auto &property : all)
            tags.push_back(PROP_TAG(PT_UNSPECIFIED, property.first));
        if (named)
            tags.assign(named->aulPropTag, named->aulPropTag + named->cValues);
        Buffer buffer(open->allocators, sizeof(SPropValue) * (tags.size() + 1));
        auto *value = static_cast<SPropValue *>(buffer.get());
        bool is_whole = true;
        for (const ULONG tag : tags)
            is_whole &= write_property(all, tag, flags, MAPI_E_NOT_FOUND, buffer, *value++);
        *count = static_cast<ULONG>(tags.size());
        *values = static_cast<SPropValue *>(buffer.hand_over());
        return is_whole ? S_OK : MAPI_W_ERRORS_RETURNED;
    });
}

HRESULT StatusEntry::GetPropList(ULONG, LPSPropTagArray *list) {
    if (!clear(list))
        return MAPI_E_INVALID_PARAMETER;
    const std::shared_ptr<Session> open = session();
    if (!open)
        return MAPI_E_NO_SUPPORT;
    return guarded([&]() -> HRESULT {
        std::vector<ULONG> tags{PR_OBJECT_TYPE};
        for (const auto &property : open->row())
            tags.push_back(tag_of(property));
        *list = give_tags(open->allocators, tags);
        return S_OK;
    });
}

HRESULT StatusEntry::ValidateState(ULONG, ULONG flags) {
    const std::shared_ptr<Session> open = session();
    return open ? validated(*open, flags) : MAPI_E_NO_SUPPORT;
}

HRESULT StatusEntry::FlushQueues(ULONG, ULONG, LPENTRYID, ULONG flags) {
    const std::shared_ptr<Session> open = session();
    if (!open)
        return MAPI_E_NO_SUPPORT;
    open->flush(flags);
    return S_OK;
}

HRESULT StatusEntry::SettingsDialog(ULONG, ULONG) { return unsupported(); }
HRESULT StatusEntry::ChangePassword(LPTSTR, LPTSTR, ULONG) { return unsupported(); }
HRESULT StatusEntry::SaveChanges(ULONG) { return unsupported(); }
HRESULT StatusEntry::OpenProperty(ULONG, LPCIID, ULONG, ULONG, LPUNKNOWN *object) { return unsupported(object); }
HRESULT StatusEntry::SetProps(ULONG, LPSPropValue, LPSPropProblemArray *) { return unsupported(); }
HRESULT StatusEntry::DeleteProps(LPSPropTagArray, LPSPropProblemArray *) { return unsupported(); }
HRESULT StatusEntry::CopyTo(ULONG, LPCIID, LPSPropTagArray, ULONG, LPMAPIPROGRESS, LPCIID, LPVOID, ULONG,
                            LPSPropProblemArray *) {
    return unsupported();
}
HRESULT StatusEntry::CopyProps(LPSPropTagArray, ULONG, LPMAPIPROGRESS, LPCIID, LPVOID, ULONG, LPSPropProblemArray *) {
    return unsupported();
}
HRESULT StatusEntry::GetNamesFromIDs(LPSPropTagArray *, LPGUID, ULONG, ULONG *count, LPMAPINAMEID **names) {
    return unsupported(count, names);
}
HRESULT StatusEntry::GetIDsFromNames(ULONG, LPMAPINAMEID *, ULONG, LPSPropTagArray *tags) { return unsupported(tags); }
