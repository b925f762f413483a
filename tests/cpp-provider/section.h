// Our section of the profile.
#pragma once

#include "buffer.h"
#include "ref.h"
#include "run.h"

#include <vector>

// The setting: what `Settings::mode` is read from.
const ULONG SETTING_ID = 0x6601;
const ULONG PR_SETTING_W = PROP_TAG(PT_UNICODE, SETTING_ID);

struct Account {
    Settings settings;
    MAPIUID uid = {}; // of the section, which tells one account from another
};

// Reads the section that the support object has for us. If there is none, nothing is configured, which will do.
HRESULT read_account(IMAPISupport *support, const Allocators &allocators, Account &account);

// The section of the service's provider, for writing: through the provider administration, else the support object's
// own.
HRESULT open_section(IMAPISupport *support, IProviderAdmin *admin, const Allocators &allocators, Ref<IProfSect> &section);

// Writes the properties and saves them, all or none.
HRESULT write_section(IProfSect *section, const Allocators &allocators, std::vector<SPropValue> &properties);
