// Logon and SpoolerLogon.
#include "probe.h"

#include <cstring>

namespace {

IMSLogon *const NO_LOGON = reinterpret_cast<IMSLogon *>(static_cast<uintptr_t>(0xBADBAD));
IMsgStore *const NO_STORE = reinterpret_cast<IMsgStore *>(static_cast<uintptr_t>(0xBADBAD));

} // namespace

SCENARIO("COM-05 Logon refuses a NULL out pointer and clears the other") {
    const probe::Dll dll;
    probe::Provider provider(dll);
    Support support;
    IMSLogon *logon = NO_LOGON;
    EXPECT_EQ(provider.logon(support, &logon, nullptr), INVALID_PARAMETER);
    EXPECT(logon == nullptr);
    IMsgStore *store = NO_STORE;
    EXPECT_EQ(provider.logon(support, nullptr, &store), INVALID_PARAMETER);
    EXPECT(store == nullptr);
    EXPECT_EQ(support.reference_count(), 1);
    EXPECT(support.logoffs.empty());
}

SCENARIO("ENTRY-06 a logon for an interface that the store lacks fails with NULL outs") {
    const probe::Dll dll;
    probe::Provider provider(dll);
    Support support;
    IMSLogon *logon = NO_LOGON;
    IMsgStore *store = NO_STORE;
    MAPIERROR *error = nullptr;
    const HRESULT result = CALL(provider.get(), IMSProvider, Logon, &support, 0, nullptr, 0, nullptr, MAPI_UNICODE,
                                &IID_IMessage, nullptr, nullptr, &error, &logon, &store);
    EXPECT_EQ(result, static_cast<HRESULT>(MAPI_E_FAILONEPROVIDER));
    EXPECT(logon == nullptr && store == nullptr);
    EXPECT(error && error->lpszError);
    memory::free_buffer(error);
    EXPECT_EQ(support.reference_count(), 1);
    EXPECT_EQ(memory::roots(), 0);
}

SCENARIO("ENTRY-04 a second logon answers the open store and leaves the new support object alone") {
    probe::Store first;
    Support second;
    IMSLogon *logon = NO_LOGON;
    Held<IMsgStore> store;
    EXPECT_EQ(first.provider.logon(second, &logon, store.out()), S_OK);
    EXPECT(logon == nullptr);
    EXPECT(store.get() == first.get());
    EXPECT_EQ(second.reference_count(), 1);
    EXPECT(second.uids.empty());
    EXPECT(second.logoffs.empty());
}

SCENARIO("ENTRY-04 a logon after the last Release opens a new store") {
    const probe::Dll dll;
    probe::Provider provider(dll);
    for (int round = 0; round < 3; ++round) {
        Support support;
        IMSLogon *logon = nullptr;
        Held<IMsgStore> store;
        EXPECT_EQ(provider.logon(support, &logon, store.out()), S_OK);
        EXPECT(logon != nullptr);
        support.adopt(logon);
        support.Release();
        store.reset();
        EXPECT_EQ(support.reference_count(), 0);
        EXPECT_EQ(support.logon_references, 0);
    }
}

SCENARIO("ENTRY-05 store, support and logon form a chain and no ring") {
    probe::Store store;
    EXPECT_EQ(store.support.uids.size(), 1);
    store.logon->AddRef();
    EXPECT_EQ(store.logon->Release(), 1);
    store.close(); // checks that all of them have gone
}

SCENARIO("ENTRY-09 StoreLogoffTransports is called once, with the flags of StoreLogoff") {
    probe::Store store;
    EXPECT(store.store_logoff(LOGOFF_ORDERLY) & LOGOFF_COMPLETE);
    EXPECT(store.support.logoffs.empty());
    store.release();
    EXPECT_EQ(store.support.logoffs.size(), 1);
    EXPECT(!store.support.logoffs.empty() && store.support.logoffs[0] == LOGOFF_ORDERLY);
}

SCENARIO("ENTRY-09 without StoreLogoff the transports hear LOGOFF_ABORT") {
    probe::Store store;
    store.release();
    EXPECT_EQ(store.support.logoffs.size(), 1);
    EXPECT(!store.support.logoffs.empty() && store.support.logoffs[0] == LOGOFF_ABORT);
}

SCENARIO("SpoolerLogon gives a store and a logon of its own") {
    probe::Store store;
    Support support;
    IMSLogon *logon = nullptr;
    Held<IMsgStore> spooler;
    MAPIERROR *error = nullptr;
    BYTE security[] = {0};
    EXPECT_EQ(CALL(store.provider.get(), IMSProvider, SpoolerLogon, &support, 0, nullptr, 0, nullptr, 0, nullptr, 0,
                   security, &error, &logon, spooler.out()),
              S_OK);
    EXPECT(logon && spooler);
    EXPECT(error == nullptr);
    if (logon)
        support.adopt(logon);
    support.Release();
    Held<IMAPISync> sync;
    EXPECT_EQ(spooler->QueryInterface(IID_IMAPISync, sync.void_out()), S_OK);
    sync.reset();
    spooler.reset();
    EXPECT_EQ(support.reference_count(), 0);
    // The client's store goes on.
    Callback callback;
    probe::Request request(store.sync.get(), &callback);
    EXPECT(request.wait());
    EXPECT_EQ(callback.outcome(), S_OK);
}

SCENARIO("CompareStoreIDs compares the stores' own entry IDs") {
    probe::Store store;
    char first[] = "\0\0\0\0the one store", second[] = "\0\0\0\0the other one";
    const auto compare = [&](std::string one, std::string other, ULONG *result) {
        return CALL(store.provider.get(), IMSProvider, CompareStoreIDs, one.size(), reinterpret_cast<ENTRYID *>(&one[0]),
                    other.size(), reinterpret_cast<ENTRYID *>(&other[0]), 0, result);
    };
    const std::string one(first, sizeof first), other(second, sizeof second);
    ULONG result = 7;
    EXPECT_EQ(compare(one, one, &result), S_OK);
    EXPECT_EQ(result, 1);
    EXPECT_EQ(compare(one, other, &result), S_OK);
    EXPECT_EQ(result, 0);
    EXPECT_EQ(compare(one, other, nullptr), INVALID_PARAMETER);
}
