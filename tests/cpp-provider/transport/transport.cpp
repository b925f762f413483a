#include "transport.h"

#include "../section.h"
#include "transport_logon.h"

void *Transport::find(REFIID iid) {
    return iid == IID_IUnknown || iid == IID_IXPProvider ? static_cast<IXPProvider *>(this) : nullptr;
}

HRESULT Transport::Shutdown(ULONG *) { return S_OK; }

namespace {

HRESULT log_on(IMAPISupport *support, const Allocators &allocators, ULONG *flags, IXPLogon **logon) {
    Account account;
    HRESULT result = read_account(support, allocators, account);
    if (FAILED(result))
        return result;
    const auto session = std::make_shared<Session>(allocators, support, *flags, account.settings.mode);
    Ref<IXPLogon> made = Ref<IXPLogon>::adopt(new TransportLogon(session));
    if (makes(Mistake::logon_left_on_failure))
        *logon = made.get();
    result = session->tell_first();
    if (FAILED(result)) {
        if (makes(Mistake::row_failure_leaks))
            made.detach();
        return result;
    }
    *flags = *flags & LOGON_NO_CONNECT ? 0 : LOGON_SP_POLL;
    if (session->is_mail_ready())
        support->SpoolerNotify(NOTIFY_NEWMAIL, nullptr);
    *logon = made.detach();
    return S_OK;
}

} // namespace

// Whatever went wrong, the answer is one that doesn't disable the service.
HRESULT Transport::TransportLogon(LPMAPISUP support, ULONG, LPTSTR, ULONG *flags, LPMAPIERROR *error, LPXPLOGON *logon) {
    clear(error);
    const bool has_places = clear(logon) && support;
    if (!has_places || (!flags && !makes(Mistake::null_flags_read)))
        return MAPI_E_INVALID_PARAMETER;
    const ULONG asked = *flags;
    const HRESULT result = guarded([&] { return log_on(support, allocators, flags, logon); });
    if (SUCCEEDED(result))
        return S_OK;
    if (error)
        *error = describe(allocators, result, L"The transport can't be logged on to.", asked);
    return MAPI_E_FAILONEPROVIDER;
}

HRESULT __cdecl XPProviderInit(HINSTANCE, LPMALLOC, LPALLOCATEBUFFER allocate, LPALLOCATEMORE more, LPFREEBUFFER free,
                               ULONG, ULONG mapi_version, ULONG *version, LPXPPROVIDER *provider) {
    const Allocators allocators{allocate, more, free};
    clear(provider);
    if (version)
        *version = CURRENT_SPI_VERSION;
    if (!version || !provider)
        return MAPI_E_INVALID_PARAMETER;
    if (mapi_version < CURRENT_SPI_VERSION)
        return MAPI_E_VERSION;
    if (!allocators)
        return MAPI_E_INVALID_PARAMETER;
    return guarded([&]() -> HRESULT {
        *provider = new Transport(allocators);
        return S_OK;
    });
}
