// ServiceEntry: the message service in a profile. There is no dialog, and nothing that must be configured.
#include "object.h"
#include "section.h"

namespace {

// A setting may come in either width of characters, and so may the profile's name for the account.
bool is_known(ULONG tag) {
    const ULONG type = PROP_TYPE(tag), id = PROP_ID(tag);
    return (type == PT_UNICODE || type == PT_STRING8) && (id == SETTING_ID || id == PROP_ID(PR_DISPLAY_NAME));
}

struct Failure {
    HRESULT result;
    std::wstring text;
};

// Checks everything before writing anything.
Failure configure(IMAPISupport *support, IProviderAdmin *admin, const Allocators &allocators, ULONG count,
                  const SPropValue *given) {
    if (count == 0)
        return {S_OK, {}};
    if (!given)
        return {MAPI_E_INVALID_PARAMETER, L"The properties are missing."};
    std::vector<std::wstring> texts(count);
    std::vector<SPropValue> properties(given, given + count);
    for (ULONG i = 0; i < count; ++i) {
        const ULONG tag = given[i].ulPropTag;
        const bool wide = PROP_TYPE(tag) == PT_UNICODE;
        if (!is_known(tag) || !(wide ? static_cast<void *>(given[i].Value.lpszW) : given[i].Value.lpszA))
            return {MAPI_E_INVALID_PARAMETER, L"One of the properties is not a setting of this service."};
        texts[i] = wide ? given[i].Value.lpszW : widen(given[i].Value.lpszA);
        properties[i].ulPropTag = CHANGE_PROP_TYPE(tag, PT_UNICODE);
        properties[i].Value.lpszW = &texts[i][0];
    }
    if (!support || !allocators)
        return {MAPI_E_NO_ACCESS, L"There is no profile to write the settings to."};
    Ref<IProfSect> section;
    HRESULT result = open_section(support, admin, allocators, section);
    if (SUCCEEDED(result))
        result = write_section(section.get(), allocators, properties);
    return {result, L"The settings can't be written to the profile."};
}

} // namespace

extern "C" HRESULT WINAPI ServiceEntry(HINSTANCE, LPMALLOC, LPMAPISUP support, ULONG, ULONG flags, ULONG context,
                                       ULONG count, LPSPropValue properties, LPPROVIDERADMIN admin, LPMAPIERROR *error) {
    clear(error);
    return guarded([&]() -> HRESULT {
        switch (context) {
        case MSG_SERVICE_DELETE:
            if (makes(Mistake::delete_wants_support) && !support)
                return MAPI_E_INVALID_PARAMETER;
            return S_OK;
        case MSG_SERVICE_INSTALL:
        case MSG_SERVICE_CREATE:
        case MSG_SERVICE_UNINSTALL:
            return S_OK;
        case MSG_SERVICE_CONFIGURE:
            break;
        default:
            return MAPI_E_NO_SUPPORT;
        }
        Allocators allocators;
        if (support)
            support->GetMemAllocRoutines(&allocators.allocate, &allocators.more, &allocators.free);
        const Failure failure = configure(support, admin, allocators, count, properties);
        if (FAILED(failure.result) && error && allocators)
            *error = describe(allocators, failure.result, failure.text, flags);
        return failure.result;
    });
}
