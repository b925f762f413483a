// What cancels a run, and how long logoff waits.
#include "standing_run.h"

#include <functional>
#include <memory>

namespace {

using Call = Callback::Call;

// So long that a run that ends in time was cancelled.
void make_long(probe::Orders &orders) { orders.steps(600).step_ms(100); }

void expect_cancelled(const Callback &callback, const probe::Request &request) {
    EXPECT(request.wait(5000));
    EXPECT_EQ(callback.outcome(), USER_CANCEL);
    EXPECT_EQ(callback.count(Call::Error), 0); // SYNC-12
    EXPECT_EQ(callback.reference_count(), 1);
}

// A long run and a waiting request, both cancelled by `action` from outside.
void expect_cancels(const std::function<void(probe::Store &)> &action) {
    probe::Orders orders;
    make_long(orders);
    Callback running, waiting;
    probe::Request run, wait;
    {
        probe::Store store;
        run.start(store.sync.get(), &running);
        EXPECT(running.begun.wait());
        wait.start(store.sync.get(), &waiting);
        const DWORD start = GetTickCount();
        action(store);
        EXPECT(GetTickCount() - start < 4000);
        expect_cancelled(running, run);
        expect_cancelled(waiting, wait);
        EXPECT_EQ(waiting.count(Call::Progress), 0);
    }
}

} // namespace

SCENARIO("SYNC-16 StoreLogoff cancels the run and waits for it") {
    probe::Orders orders;
    make_long(orders);
    probe::Store store;
    Callback callback;
    probe::Request request(store.sync.get(), &callback);
    EXPECT(callback.begun.wait());
    store.store_logoff();
    // It has waited: the run is over already.
    EXPECT_EQ(callback.count(Call::Done), 1);
    expect_cancelled(callback, request);
}

SCENARIO("SYNC-16 StoreLogoff cancels waiting requests") {
    expect_cancels([](probe::Store &store) { store.store_logoff(); });
}

SCENARIO("SYNC-16 IMSLogon::Logoff cancels") {
    expect_cancels([](probe::Store &store) {
        ULONG flags = 0;
        EXPECT_EQ(CALL(store.logon, IMSLogon, Logoff, &flags), S_OK);
    });
}

SCENARIO("SYNC-16 Shutdown of the provider cancels") {
    expect_cancels([](probe::Store &store) {
        ULONG flags = 0;
        EXPECT_EQ(CALL(store.provider.get(), IMSProvider, Shutdown, &flags), S_OK);
    });
}

SCENARIO("SYNC-16, ENTRY-10 DoFastShutdown cancels") {
    expect_cancels([](probe::Store &store) {
        Held<IMAPIProviderShutdown> shutdown;
        EXPECT_EQ(store.provider->QueryInterface(IID_IMAPIProviderShutdown, shutdown.void_out()), S_OK);
        EXPECT_EQ(CALL(shutdown.get(), IMAPIProviderShutdown, DoFastShutdown), S_OK);
    });
}

SCENARIO("SYNC-16, SYNC-21 the last Release of the store cancels") {
    expect_cancels([](probe::Store &store) { store.release(); });
}

SCENARIO("SYNC-16 StoreLogoff inside a callback does not wait for itself") {
    probe::Orders orders;
    make_long(orders);
    probe::Store store;
    Callback callback;
    DWORD took = 0;
    callback.on_progress = [&](const Call &) {
        const DWORD start = GetTickCount();
        store.store_logoff();
        took = GetTickCount() - start;
        return S_OK;
    };
    probe::Request request(store.sync.get(), &callback);
    expect_cancelled(callback, request);
    EXPECT(took < 2000);
}

SCENARIO("SYNC-16 a Progress that answers MAPI_E_USER_CANCEL cancels") {
    probe::Orders orders;
    make_long(orders);
    probe::Store store;
    Callback callback;
    callback.on_progress = [](const Call &) { return static_cast<HRESULT>(USER_CANCEL); };
    probe::Request request(store.sync.get(), &callback);
    expect_cancelled(callback, request);
}

SCENARIO("SYNC-16 a merged run goes on as long as one callback wants it") {
    probe::Store store;
    Callback one, two;
    one.on_progress = [](const Call &) { return static_cast<HRESULT>(USER_CANCEL); };
    StandingRun standing(store);
    probe::Request request_one(store.sync.get(), &one), request_two(store.sync.get(), &two);
    standing.gate.open();
    EXPECT(request_one.wait() && request_two.wait());
    EXPECT_EQ(one.outcome(), S_OK);
    EXPECT_EQ(two.outcome(), S_OK);
    EXPECT_EQ(two.count(Call::Progress), 4);
}

SCENARIO("SYNC-16 a merged run is cancelled once every callback has answered so") {
    probe::Orders orders;
    probe::Store store;
    Callback one, two;
    one.on_progress = two.on_progress = [](const Call &) { return static_cast<HRESULT>(USER_CANCEL); };
    probe::Request request_one, request_two;
    {
        StandingRun standing(store);
        request_one.start(store.sync.get(), &one);
        request_two.start(store.sync.get(), &two);
        make_long(orders); // for the merged run: the stopped one has read its orders
    }
    expect_cancelled(one, request_one);
    expect_cancelled(two, request_two);
}

SCENARIO("SYNC-16 logoff does not wait longer than its bound") {
    probe::Store store;
    StandingRun standing(store);
    const DWORD start = GetTickCount();
    store.store_logoff();
    const DWORD took = GetTickCount() - start;
    EXPECT(took >= 4500 && took < 8000);
    EXPECT(!standing.request.is_signalled());
    standing.gate.open();
    expect_cancelled(standing.callback, standing.request);
}
