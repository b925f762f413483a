// The message store: IMsgStore, and IMAPISync as another interface of the same object.
#pragma once

#include "object.h"
#include "registry.h"

class Store : public Object<IMsgStore, IMAPISync> {
public:
    Store(const std::shared_ptr<Shared> &shared, const Identity &identity, const std::vector<BYTE> &entry_id);

    MAPI_IMAPIPROP_METHODS(override)
    MAPI_IMSGSTORE_METHODS(override)
    HRESULT STDMETHODCALLTYPE SynchronizeInBackground(MAPISIB *block) override;

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
    const std::vector<BYTE> entry_id; // as clients know it
    Ref<IMAPISupport> support;
    std::atomic<ULONG> logoff_flags{LOGOFF_ABORT};
};

extern const MAPIUID PROVIDER_UID;
