// The provider object: IMSProvider, and IMAPIProviderShutdown for Outlook's fast way out.
#pragma once

#include "section.h"
#include "store.h"

class Provider : public Object<IMSProvider, IMAPIProviderShutdown> {
public:
    explicit Provider(const Allocators &allocators) : shared(std::make_shared<Shared>()) { shared->allocators = allocators; }

    MAPI_IMSPROVIDER_METHODS(override)
    HRESULT STDMETHODCALLTYPE QueryFastShutdown() override { return S_OK; }
    HRESULT STDMETHODCALLTYPE NotifyProcessShutdown() override { return S_OK; }
    HRESULT STDMETHODCALLTYPE DoFastShutdown() override;

protected:
    void *find(REFIID iid) override;

private:
    // How a logon ends.
    struct Opened {
        HRESULT result = S_OK;
        std::wstring text; // why it failed
        Ref<Store> store;
        Ref<IMSLogon> logon;
    };

    HRESULT log_on(IMAPISupport *support, ULONG size, const ENTRYID *entry_id, ULONG flags, LPCIID iid, LPMAPIERROR *error,
                   LPMSLOGON *logon, LPMDB *store);
    Opened open(IMAPISupport *support, ULONG size, const ENTRYID *entry_id, LPCIID iid);
    Opened open_new(IMAPISupport *support, const Identity &identity, const Settings &settings);

    const std::shared_ptr<Shared> shared;
};
