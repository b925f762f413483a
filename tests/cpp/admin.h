// IProviderAdmin and its table: a message service with one provider.
#pragma once

#include "profile.h"

struct UnsupportedTable : public IMAPITable {
    MAPI_IMAPITABLE_METHODS(override { return NO_SUPPORT; })
};

struct UnsupportedAdmin : public IProviderAdmin {
    MAPI_IPROVIDERADMIN_METHODS(override { return NO_SUPPORT; })
};

// The MAPIUID of the provider's section.
extern const MAPIUID SECTION_UID;

// A table of one row, with the column PR_PROVIDER_UID.
class ProviderTable : public Counted<UnsupportedTable, &IID_IMAPITable> {
public:
    HRESULT STDMETHODCALLTYPE SetColumns(LPSPropTagArray, ULONG) override { return S_OK; }
    HRESULT STDMETHODCALLTYPE QueryRows(LONG count, ULONG flags, LPSRowSet *rows) override;
};

class Admin : public Counted<UnsupportedAdmin, &IID_IProviderAdmin> {
public:
    HRESULT STDMETHODCALLTYPE GetProviderTable(ULONG flags, LPMAPITABLE *table) override;
    HRESULT STDMETHODCALLTYPE OpenProfileSection(LPMAPIUID uid, LPCIID iid, ULONG flags, LPPROFSECT *section) override;

    ProviderTable table;
    ProfileSection section;
};
