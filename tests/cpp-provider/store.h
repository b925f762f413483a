// The message store: IMsgStore, and IMAPISync as another interface of the same object.
#pragma once

#include "mail/advising.h"
#include "mail/prop_object.h"
#include "registry.h"

class Store : public PropObject<IMsgStore, IMAPISync> {
public:
    Store(const std::shared_ptr<Shared> &shared, const Identity &identity, const std::vector<BYTE> &entry_id);

    MAPI_IMSGSTORE_METHODS(override)
    HRESULT STDMETHODCALLTYPE SynchronizeInBackground(MAPISIB *block) override;
    HRESULT STDMETHODCALLTYPE GetProps(LPSPropTagArray named, ULONG flags, ULONG *count, LPSPropValue *values) override;
    HRESULT STDMETHODCALLTYPE GetLastError(HRESULT status, ULONG flags, LPMAPIERROR *error) override;

    Properties all(Turn &turn) const override;
    HRESULT set(Turn &turn, ULONG tag, const Value &value) override;
    HRESULT remove(Turn &turn, ULONG tag) override;
    bool is_open_for_changes() const override { return true; }
    HRESULT save(ULONG) override { return S_OK; }
    HRESULT open(ULONG, REFIID, ULONG, ULONG, IUnknown **) override { return MAPI_E_NOT_FOUND; }

    // From here on the store keeps the support object, and says goodbye through it.
    void keep(IMAPISupport *support);

    // Whether stores have that interface.
    static bool has(REFIID iid);

    const Identity identity;
    std::shared_ptr<Engine> engine; // given by the registry
    unsigned logon = 0;             // the engine's number for this logon

protected:
    ~Store() override;
    void *find(REFIID iid) override;

private:
    const std::shared_ptr<Shared> shared;
    Connections connections;
    Ref<IMAPISupport> support;
    std::atomic<ULONG> logoff_flags{LOGOFF_ABORT};
};
