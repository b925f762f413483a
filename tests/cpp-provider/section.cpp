#include "section.h"

#include "object.h"

#include <cstring>

namespace {

void read_value(const SPropValue &value, Account &account) {
    if (value.ulPropTag == PR_SETTING_W)
        account.settings.mode = value.Value.lpszW;
    if (value.ulPropTag == PR_PROVIDER_UID && value.Value.bin.cb == sizeof account.uid)
        std::memcpy(&account.uid, value.Value.bin.lpb, sizeof account.uid);
}

// The UID of the first provider in the service's table. A set of rows is a root, and so is each row.
HRESULT provider_uid(IProviderAdmin *admin, const Allocators &allocators, MAPIUID &uid) {
    Ref<IMAPITable> table;
    HRESULT result = admin->GetProviderTable(0, table.out());
    if (FAILED(result))
        return result;
    SizedSPropTagArray(1, columns) = {1, {PR_PROVIDER_UID}};
    result = table->SetColumns(reinterpret_cast<SPropTagArray *>(&columns), 0);
    if (FAILED(result))
        return result;
    SRowSet *rows = nullptr;
    result = table->QueryRows(1, 0, &rows);
    if (FAILED(result))
        return result;
    bool found = false;
    for (ULONG i = 0; i < rows->cRows; ++i) {
        const SRow &row = rows->aRow[i];
        if (row.cValues == 1 && row.lpProps->ulPropTag == PR_PROVIDER_UID && row.lpProps->Value.bin.cb == sizeof uid) {
            std::memcpy(&uid, row.lpProps->Value.bin.lpb, sizeof uid);
            found = true;
        }
        allocators.free(row.lpProps);
    }
    allocators.free(rows);
    return found ? S_OK : MAPI_E_NOT_FOUND;
}

} // namespace

HRESULT read_account(IMAPISupport *support, const Allocators &allocators, Account &account) {
    Ref<IProfSect> section;
    HRESULT result = support->OpenProfileSection(nullptr, 0, section.out());
    if (result == MAPI_E_NOT_FOUND)
        return S_OK;
    if (FAILED(result))
        return result;
    SizedSPropTagArray(2, tags) = {2, {PR_SETTING_W, PR_PROVIDER_UID}};
    ULONG count = 0;
    SPropValue *values = nullptr;
    result = section->GetProps(reinterpret_cast<SPropTagArray *>(&tags), MAPI_UNICODE, &count, &values);
    if (FAILED(result))
        return result;
    for (ULONG i = 0; i < count; ++i)
        read_value(values[i], account);
    allocators.free(values);
    return S_OK;
}

HRESULT open_section(IMAPISupport *support, IProviderAdmin *admin, const Allocators &allocators, Ref<IProfSect> &section) {
    MAPIUID uid;
    if (admin && SUCCEEDED(provider_uid(admin, allocators, uid)) &&
        SUCCEEDED(admin->OpenProfileSection(&uid, nullptr, MAPI_MODIFY, section.out())))
        return S_OK;
    return support->OpenProfileSection(nullptr, MAPI_MODIFY, section.out());
}

// The section keeps nothing of this unless it is saved.
HRESULT write_section(IProfSect *section, const Allocators &allocators, std::vector<SPropValue> &properties) {
    SPropProblemArray *problems = nullptr;
    const HRESULT result = section->SetProps(static_cast<ULONG>(properties.size()), properties.data(), &problems);
    if (FAILED(result))
        return result;
    if (problems) {
        const SCODE first = problems->cProblem ? problems->aProblem[0].scode : S_OK;
        allocators.free(problems);
        if (FAILED(first))
            return first;
    }
    return section->SaveChanges(0);
}
