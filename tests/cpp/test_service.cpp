// ServiceEntry: the message service in a profile.
#include "admin.h"
#include "probe.h"

#include <cstring>

namespace {

MAPIERROR *const GARBAGE = reinterpret_cast<MAPIERROR *>(static_cast<uintptr_t>(0xBADBAD));

// The setting `label` of the probe's manifest.
const ULONG LABEL = PROP_TAG(PT_UNICODE, 0x6601);

struct Answer {
    HRESULT result;
    MAPIERROR *error = GARBAGE;
};

Answer call(const probe::Dll &dll, ULONG context, Support *support = nullptr, Admin *admin = nullptr, ULONG count = 0,
            SPropValue *values = nullptr) {
    Answer answer;
    answer.result = stack::invoke("ServiceEntry", dll.service_entry(), dll.module(), nullptr, support, 0, MAPI_UNICODE,
                                  context, count, values, admin, &answer.error);
    return answer;
}

SPropValue text(ULONG tag, const WCHAR *value) {
    SPropValue property = {};
    property.ulPropTag = tag;
    property.Value.lpszW = const_cast<WCHAR *>(value);
    return property;
}

std::string bytes(const WCHAR *value) {
    return std::string(reinterpret_cast<const char *>(value), wcslen(value) * sizeof(WCHAR));
}

} // namespace

SCENARIO("ENTRY-07 INSTALL, CREATE, DELETE and UNINSTALL succeed, with a NULL support object too") {
    const probe::Dll dll;
    for (const ULONG context : {MSG_SERVICE_INSTALL, MSG_SERVICE_CREATE, MSG_SERVICE_DELETE, MSG_SERVICE_UNINSTALL}) {
        Support support;
        Admin admin;
        const Answer without = call(dll, context), with = call(dll, context, &support, &admin);
        EXPECT_EQ(without.result, S_OK);
        EXPECT(without.error == nullptr);
        EXPECT_EQ(with.result, S_OK);
        EXPECT(with.error == nullptr);
        EXPECT_EQ(support.reference_count(), 1);
        EXPECT_EQ(admin.reference_count(), 1);
    }
}

SCENARIO("ENTRY-07 PROVIDER_CREATE, PROVIDER_DELETE and unknown contexts are not supported") {
    const probe::Dll dll;
    for (const ULONG context : {MSG_SERVICE_PROVIDER_CREATE + 0ul, MSG_SERVICE_PROVIDER_DELETE + 0ul, 0ul, 8ul, 99ul, ~0ul}) {
        const Answer answer = call(dll, context);
        EXPECT_EQ(answer.result, NO_SUPPORT);
        EXPECT(answer.error == nullptr);
    }
}

SCENARIO("ENTRY-07 a NULL pointer for the error is fine") {
    const probe::Dll dll;
    const auto silently = [&](ULONG context) {
        return stack::invoke("ServiceEntry", dll.service_entry(), dll.module(), nullptr, nullptr, 0, 0, context, 0, nullptr,
                             nullptr, nullptr);
    };
    EXPECT_EQ(silently(MSG_SERVICE_DELETE), S_OK);
    EXPECT_EQ(silently(99), NO_SUPPORT);
}

SCENARIO("ENTRY-07 CONFIGURE without properties succeeds where no setting is required") {
    const probe::Dll dll;
    EXPECT_EQ(call(dll, MSG_SERVICE_CONFIGURE).result, S_OK);
}

SCENARIO("ENTRY-07 CONFIGURE writes the provider's section and saves it") {
    const probe::Dll dll;
    Support support;
    Admin admin;
    SPropValue property = text(LABEL, L"Grüße");
    EXPECT_EQ(call(dll, MSG_SERVICE_CONFIGURE, &support, &admin, 1, &property).result, S_OK);
    EXPECT(admin.section.bytes(LABEL) == bytes(L"Grüße"));
    EXPECT(admin.section.saves >= 1);
    for (const LONG count : {support.reference_count(), admin.reference_count(), admin.table.reference_count(),
                             admin.section.reference_count()})
        EXPECT_EQ(count, 1);
    EXPECT_EQ(memory::roots(), 0);
}

SCENARIO("ENTRY-07 CONFIGURE with a property that is no setting writes none and describes the error") {
    const probe::Dll dll;
    Support support;
    Admin admin;
    SPropValue properties[] = {text(LABEL, L"new"), text(PROP_TAG(PT_UNICODE, 0x6677), L"stranger")};
    const Answer answer = call(dll, MSG_SERVICE_CONFIGURE, &support, &admin, 2, properties);
    EXPECT(FAILED(answer.result));
    EXPECT(admin.section.bytes(LABEL).empty());
    EXPECT_EQ(admin.section.saves, 0);
    EXPECT(answer.error && answer.error != GARBAGE && wcslen(reinterpret_cast<WCHAR *>(answer.error->lpszError)) > 0);
    memory::free_buffer(answer.error);
    EXPECT_EQ(memory::roots(), 0);
}

SCENARIO("ENTRY-07 CONFIGURE with properties and nowhere to write them fails") {
    const probe::Dll dll;
    SPropValue property = text(LABEL, L"lost");
    const Answer answer = call(dll, MSG_SERVICE_CONFIGURE, nullptr, nullptr, 1, &property);
    EXPECT(FAILED(answer.result));
    EXPECT(answer.error == nullptr);
}

SCENARIO("ENTRY-07 what CONFIGURE has written is what the sync logic gets") {
    probe::Dll dll;
    probe::Provider provider(dll);
    Support support;
    support.section.set(LABEL, bytes(L"configured"));
    IMSLogon *logon = nullptr;
    Held<IMsgStore> store;
    Held<IMAPISync> sync;
    EXPECT_EQ(provider.logon(support, &logon, store.out()), S_OK);
    support.adopt(logon);
    support.Release();
    EXPECT_EQ(store->QueryInterface(IID_IMAPISync, sync.void_out()), S_OK);
    Callback callback;
    probe::Request request(sync.get(), &callback);
    EXPECT(request.wait());
    EXPECT(!callback.calls().empty() && callback.calls()[0].text.find(L"configured") == 0);
}
