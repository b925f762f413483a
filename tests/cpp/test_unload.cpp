// FreeLibrary while a run goes on. The module is unloaded before these scenarios, so each load is a
// real one.
#include "probe.h"

namespace {

using Call = Callback::Call;

// A store that is released without a logoff or a Shutdown, because they would wait for the worker.
struct OpenStore {
    explicit OpenStore(const probe::Dll &dll) : provider(dll) {
        IMSLogon *logon = nullptr;
        EXPECT_EQ(provider.logon(support, &logon, store.out()), S_OK);
        EXPECT_EQ(store->QueryInterface(IID_IMAPISync, sync.void_out()), S_OK);
        support.adopt(logon, false);
        support.Release();
    }
    ~OpenStore() {
        sync.reset();
        store.reset();
        EXPECT_EQ(support.reference_count(), 0);
        EXPECT_EQ(support.logon_references, 0);
        provider.abandon();
    }
    probe::Provider provider;
    Support support;
    Held<IMsgStore> store;
    Held<IMAPISync> sync;
};

} // namespace

UNLOADING_SCENARIO("SYNC-18 nothing is left loaded when nobody uses the DLL") {
    EXPECT(probe::goes_within(5000));
}

UNLOADING_SCENARIO("SYNC-18 FreeLibrary during a run: the worker keeps the DLL until it has left") {
    Callback callback;
    threads::Gate gate, reached;
    callback.on_progress = [&](const Call &) {
        reached.open();
        gate.wait();
        return S_OK;
    };
    probe::Request request;
    {
        const probe::Dll dll;
        OpenStore store(dll);
        request.start(store.sync.get(), &callback);
        EXPECT(reached.wait());
    }
    EXPECT(probe::is_loaded());
    EXPECT(!request.is_signalled());
    gate.open();
    EXPECT(request.wait());
    EXPECT_EQ(callback.outcome(), USER_CANCEL);
    EXPECT_EQ(callback.reference_count(), 1);
    EXPECT(probe::goes_within(5000));
}

UNLOADING_SCENARIO("SYNC-18 FreeLibrary right after the event: no crash, and the DLL goes") {
    for (int round = 0; round < 8; ++round) {
        probe::Store store;
        Callback callback;
        probe::Request request(store.sync.get(), &callback);
        EXPECT(request.wait());
        EXPECT_EQ(callback.outcome(), S_OK);
        store.close();
        EXPECT(probe::goes_within(5000));
    }
}

UNLOADING_SCENARIO("SYNC-18 FreeLibrary right after logoff cancelled the run: no crash, and the DLL goes") {
    probe::Orders orders;
    orders.steps(100).step_ms(100);
    for (int round = 0; round < 5; ++round) {
        Callback callback;
        probe::Request request;
        {
            probe::Store store;
            request.start(store.sync.get(), &callback);
            EXPECT(callback.begun.wait());
        }
        EXPECT(request.wait());
        EXPECT_EQ(callback.outcome(), USER_CANCEL);
        EXPECT(probe::goes_within(5000));
    }
}

UNLOADING_SCENARIO("SYNC-18 FreeLibrary during a run that the last Release has cancelled: no crash, and the DLL goes") {
    probe::Orders orders;
    orders.steps(100).step_ms(100);
    for (int round = 0; round < 5; ++round) {
        Callback callback;
        probe::Request request;
        {
            const probe::Dll dll;
            OpenStore store(dll);
            request.start(store.sync.get(), &callback);
            EXPECT(callback.begun.wait());
        }
        EXPECT(request.wait());
        EXPECT_EQ(callback.outcome(), USER_CANCEL);
        EXPECT(probe::goes_within(5000));
    }
}
