// The support object: what MAPI gives to a provider at logon.
#pragma once

#include "profile.h"

#include <vector>

struct UnsupportedSupport : public IMAPISupport {
    MAPI_IMAPISUPPORT_METHODS1(override { return NO_SUPPORT; })
    MAPI_IMAPISUPPORT_METHODS2(override { return NO_SUPPORT; })
    MAPI_IMAPISUPPORT_METHODS3(override { return NO_SUPPORT; })
};

class Support : public Counted<UnsupportedSupport, &IID_IMAPISup> {
public:
    HRESULT STDMETHODCALLTYPE GetMemAllocRoutines(LPALLOCATEBUFFER *allocate, LPALLOCATEMORE *more,
                                                  LPFREEBUFFER *free) override;
    HRESULT STDMETHODCALLTYPE OpenProfileSection(LPMAPIUID uid, ULONG flags, LPPROFSECT *section) override;
    HRESULT STDMETHODCALLTYPE SetProviderUID(LPMAPIUID uid, ULONG flags) override;
    HRESULT STDMETHODCALLTYPE WrapStoreEntryID(ULONG size, LPENTRYID entry_id, ULONG *wrapped_size,
                                               LPENTRYID *wrapped) override;
    HRESULT STDMETHODCALLTYPE StoreLogoffTransports(ULONG *flags) override;

    // Takes the logon's reference, as MAPI does: with the support object's last reference it is logged off
    // and released.
    void adopt(IMSLogon *logon, bool log_off = true);

    ProfileSection section;
    std::vector<ULONG> logoffs;  // the flags of each StoreLogoffTransports
    std::vector<MAPIUID> uids;   // what was given to SetProviderUID
    LONG logon_references = -1;  // what the logon's last Release returned

private:
    void last_release() override;
    IMSLogon *logon = nullptr;
    bool log_off = true;
};
