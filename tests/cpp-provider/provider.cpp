#include "provider.h"

#include "logon.h"

namespace {

// Where an entry ID's flags end and its identity begins.
const size_t FLAGS = sizeof ENTRYID::abFlags;

Identity identity_of(ULONG size, const ENTRYID *entry_id) {
    const auto *const bytes = reinterpret_cast<const BYTE *>(entry_id);
    return {bytes + FLAGS, bytes + size};
}

// The identity of an account's store: the provider, and the section of the profile.
Identity identity_of(const MAPIUID &section) {
    Identity identity(PROVIDER_UID.ab, PROVIDER_UID.ab + sizeof PROVIDER_UID.ab);
    identity.insert(identity.end(), section.ab, section.ab + sizeof section.ab);
    return identity;
}

bool has_identity(ULONG size, const ENTRYID *entry_id) { return entry_id && size > FLAGS; }

// The entry ID that clients see: ours as MAPI has wrapped it.
HRESULT wrapped_entry_id(IMAPISupport *support, const Allocators &allocators, const Identity &identity,
                         std::vector<BYTE> &entry_id) {
    std::vector<BYTE> own(FLAGS, 0);
    own.insert(own.end(), identity.begin(), identity.end());
    ULONG size = 0;
    ENTRYID *wrapped = nullptr;
    const HRESULT result = support->WrapStoreEntryID(static_cast<ULONG>(own.size()),
                                                     reinterpret_cast<ENTRYID *>(own.data()), &size, &wrapped);
    if (FAILED(result))
        return result;
    const auto *const bytes = reinterpret_cast<const BYTE *>(wrapped);
    entry_id.assign(bytes, bytes + size);
    allocators.free(wrapped);
    return S_OK;
}

} // namespace

void *Provider::find(REFIID iid) {
    if (iid == IID_IUnknown || iid == IID_IMSProvider)
        return static_cast<IMSProvider *>(this);
    if (iid == IID_IMAPIProviderShutdown && !makes(Mistake::no_fast_shutdown))
        return static_cast<IMAPIProviderShutdown *>(this);
    return nullptr;
}

HRESULT Provider::Shutdown(ULONG *) {
    return guarded([&]() -> HRESULT {
        shared->registry.stop_all();
        return S_OK;
    });
}

HRESULT Provider::DoFastShutdown() { return Shutdown(nullptr); }

HRESULT Provider::Logon(LPMAPISUP support, ULONG, LPTSTR, ULONG size, LPENTRYID entry_id, ULONG flags, LPCIID iid,
                        ULONG *security_size, LPBYTE *security, LPMAPIERROR *error, LPMSLOGON *logon, LPMDB *store) {
    clear(security_size, security);
    return log_on(support, size, entry_id, flags, iid, error, logon, store);
}

HRESULT Provider::SpoolerLogon(LPMAPISUP support, ULONG, LPTSTR, ULONG size, LPENTRYID entry_id, ULONG flags, LPCIID iid,
                               ULONG, LPBYTE, LPMAPIERROR *error, LPMSLOGON *logon, LPMDB *store) {
    return log_on(support, size, entry_id, flags, iid, error, logon, store);
}

// Whatever went wrong, the answer is one that doesn't end the whole service; the real status is in the MAPIERROR.
HRESULT Provider::log_on(IMAPISupport *support, ULONG size, const ENTRYID *entry_id, ULONG flags, LPCIID iid,
                         LPMAPIERROR *error, LPMSLOGON *logon, LPMDB *store) {
    clear(error);
    if (!clear(logon, store))
        return MAPI_E_INVALID_PARAMETER;
    Opened opened;
    const HRESULT result = guarded([&]() -> HRESULT {
        opened = open(support, size, entry_id, iid);
        return opened.result;
    });
    if (FAILED(result)) {
        if (error)
            *error = describe(shared->allocators, result, opened.text, flags);
        return makes(Mistake::own_error_passed_on) ? E_FAIL : MAPI_E_FAILONEPROVIDER;
    }
    // MAPI knows what it asked for, whatever the pointer's type says.
    opened.store->QueryInterface(iid ? *iid : IID_IMsgStore, reinterpret_cast<void **>(store));
    *logon = opened.logon.detach();
    return S_OK;
}

Provider::Opened Provider::open(IMAPISupport *support, ULONG size, const ENTRYID *entry_id, LPCIID iid) {
    if (!support)
        return {MAPI_E_INVALID_PARAMETER, L"There is no support object.", {}, {}};
    if (iid && !Store::has(*iid))
        return {MAPI_E_INTERFACE_NOT_SUPPORTED, L"The store has no such interface.", {}, {}};
    // An entry ID says which store it is; then the new support object isn't needed.
    if (has_identity(size, entry_id))
        if (Ref<Store> open = shared->registry.find(identity_of(size, entry_id)))
            return {S_OK, {}, open, {}};
    Account account;
    const HRESULT result = read_account(support, shared->allocators, account);
    if (FAILED(result))
        return {result, L"The settings can't be read from the profile.", {}, {}};
    const Identity identity = has_identity(size, entry_id) ? identity_of(size, entry_id) : identity_of(account.uid);
    if (Ref<Store> open = shared->registry.find(identity))
        return {S_OK, {}, open, {}};
    return open_new(support, identity, account.settings);
}

Provider::Opened Provider::open_new(IMAPISupport *support, const Identity &identity, const Settings &settings) {
    std::vector<BYTE> entry_id;
    HRESULT result = wrapped_entry_id(support, shared->allocators, identity, entry_id);
    if (FAILED(result))
        return {result, L"MAPI makes no entry ID of the store.", {}, {}};
    const Ref<Store> made = Ref<Store>::adopt(new Store(shared, identity, entry_id));
    const Ref<Store> store = shared->registry.claim(made, settings);
    if (store.get() != made.get())
        return {S_OK, {}, store, {}};
    MAPIUID uid = PROVIDER_UID;
    result = support->SetProviderUID(&uid, 0);
    if (FAILED(result))
        return {result, L"MAPI doesn't take the provider's UID.", {}, {}};
    const Ref<IMSLogon> logon = Ref<IMSLogon>::adopt(new ::Logon(shared->allocators, store->mailbox, store->engine, store->logon));
    store->keep(support);
    return {S_OK, {}, store, logon};
}

HRESULT Provider::CompareStoreIDs(ULONG size1, LPENTRYID entry_id1, ULONG size2, LPENTRYID entry_id2, ULONG,
                                  ULONG *result) {
    if (!clear(result))
        return MAPI_E_INVALID_PARAMETER;
    if (!has_identity(size1, entry_id1) || !has_identity(size2, entry_id2))
        return MAPI_E_INVALID_ENTRYID;
    return guarded([&]() -> HRESULT {
        *result = identity_of(size1, entry_id1) == identity_of(size2, entry_id2);
        return S_OK;
    });
}

HRESULT __cdecl MSProviderInit(HINSTANCE, LPMALLOC, LPALLOCATEBUFFER allocate, LPALLOCATEMORE more, LPFREEBUFFER free,
                               ULONG, ULONG mapi_version, ULONG *version, LPMSPROVIDER *provider) {
    const Allocators allocators{allocate, more, free};
    clear(provider);
    if (version && !makes(Mistake::version_not_told))
        *version = CURRENT_SPI_VERSION;
    if (!version || !provider)
        return MAPI_E_INVALID_PARAMETER;
    if (mapi_version < CURRENT_SPI_VERSION)
        return MAPI_E_VERSION;
    if (!allocators)
        return MAPI_E_INVALID_PARAMETER;
    *version = CURRENT_SPI_VERSION;
    return guarded([&]() -> HRESULT {
        *provider = new Provider(allocators);
        return S_OK;
    });
}
