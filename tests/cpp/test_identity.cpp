// QueryInterface, AddRef and Release of every object.
#include "probe.h"

#include <memory>

namespace {

using Iids = std::vector<const IID *>;

void *const GARBAGE = reinterpret_cast<void *>(static_cast<uintptr_t>(0xBADBAD));

// IUnknown as C declares it: a reference can't be NULL.
struct UnknownOfC {
    virtual HRESULT STDMETHODCALLTYPE QueryInterface(const IID *iid, void **out) = 0;
};

HRESULT query(void *object, const IID *iid, void **out) {
    return CALL(static_cast<UnknownOfC *>(object), UnknownOfC, QueryInterface, iid, out);
}

IUnknown *identity(void *object) {
    void *unknown = nullptr;
    if (query(object, &IID_IUnknown, &unknown) != S_OK)
        return nullptr;
    static_cast<IUnknown *>(unknown)->Release();
    return static_cast<IUnknown *>(unknown);
}

// Every interface leads to every other, and all of them to one identity.
void expect_one_identity(IUnknown *object, const Iids &iids) {
    IUnknown *const expected = identity(object);
    EXPECT(expected != nullptr);
    for (const IID *from : iids) {
        Held<IUnknown> source;
        EXPECT_EQ(query(object, from, source.void_out()), S_OK);
        if (!source)
            continue;
        EXPECT(identity(source.get()) == expected);
        for (const IID *to : iids) {
            Held<IUnknown> target;
            EXPECT_EQ(query(source.get(), to, target.void_out()), S_OK);
            EXPECT(target && identity(target.get()) == expected);
        }
    }
}

void expect_refusals(IUnknown *object, const Iids &foreign) {
    for (const IID *iid : foreign) {
        void *out = GARBAGE;
        EXPECT_EQ(query(object, iid, &out), NO_INTERFACE);
        EXPECT(out == nullptr);
    }
    EXPECT_EQ(query(object, &IID_IUnknown, nullptr), INVALID_PARAMETER);
    void *out = GARBAGE;
    EXPECT_EQ(query(object, nullptr, &out), INVALID_PARAMETER);
    EXPECT(out == nullptr);
}

void expect_counts(IUnknown *object) {
    const ULONG before = CALL(object, IUnknown, AddRef);
    EXPECT_EQ(CALL(object, IUnknown, AddRef), before + 1);
    EXPECT_EQ(CALL(object, IUnknown, Release), before);
    EXPECT_EQ(CALL(object, IUnknown, Release), before - 1);
}

const Iids STORE = {&IID_IUnknown, &IID_IMAPIProp, &IID_IMsgStore, &IID_IMAPISync};
const Iids PROVIDER = {&IID_IUnknown, &IID_IMSProvider, &IID_IMAPIProviderShutdown};
const Iids LOGON = {&IID_IUnknown, &IID_IMSLogon};

} // namespace

SCENARIO("COM-01 the store has one identity over IUnknown, IMAPIProp, IMsgStore and IMAPISync") {
    probe::Store store;
    expect_one_identity(store.get(), STORE);
    expect_one_identity(store.sync.get(), STORE);
}

SCENARIO("COM-01 the provider has one identity over IUnknown, IMSProvider and IMAPIProviderShutdown") {
    probe::Store store;
    expect_one_identity(store.provider.get(), PROVIDER);
}

SCENARIO("COM-01 the logon has one identity, which is not the store's") {
    probe::Store store;
    expect_one_identity(store.logon, LOGON);
    EXPECT(identity(store.logon) != identity(store.get()));
}

SCENARIO("COM-02 QueryInterface refuses foreign IIDs and NULL") {
    probe::Store store;
    expect_refusals(store.get(), {&IID_IMessage, &IID_IMSLogon, &IID_IMSProvider, &GUID_NULL});
    expect_refusals(store.sync.get(), {&IID_IMessage, &IID_IMSLogon, &GUID_NULL});
    expect_refusals(store.provider.get(), {&IID_IMsgStore, &IID_IMSLogon, &IID_IMAPISync, &GUID_NULL});
    expect_refusals(store.logon, {&IID_IMsgStore, &IID_IMSProvider, &IID_IMAPISync, &GUID_NULL});
}

SCENARIO("COM-03 AddRef and Release return the new count") {
    probe::Store store;
    expect_counts(store.get());
    expect_counts(store.sync.get());
    expect_counts(store.provider.get());
    expect_counts(store.logon);
}

SCENARIO("COM-03 counts are atomic") {
    probe::Store store;
    const ULONG before = store->AddRef();
    {
        std::vector<std::unique_ptr<threads::Thread>> all;
        for (int i = 0; i < 8; ++i)
            all.push_back(std::make_unique<threads::Thread>([&store] {
                for (int round = 0; round < 20000; ++round) {
                    store->AddRef();
                    store->Release();
                }
            }));
    }
    EXPECT_EQ(store->Release(), before - 1);
}
