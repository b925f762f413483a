// Callbacks that call back into the provider.
#include "probe.h"

namespace {

using Call = Callback::Call;

} // namespace

SCENARIO("SYNC-19 a Progress that asks for another run does not deadlock") {
    probe::Store store;
    Callback callback, nested;
    probe::Request inner;
    callback.on_progress = [&](const Call &call) {
        if (call.index == 0)
            inner.start(store.sync.get(), &nested);
        return S_OK;
    };
    probe::Request outer(store.sync.get(), &callback);
    EXPECT(outer.wait());
    EXPECT_EQ(callback.outcome(), S_OK);
    EXPECT_EQ(inner.result, S_OK);
    EXPECT(inner.wait());
    EXPECT_EQ(nested.outcome(), S_OK);
    EXPECT_EQ(nested.count(Call::Progress), 4);
}

SCENARIO("SYNC-19 a Done that asks for another run does not deadlock") {
    probe::Store store;
    Callback callback, nested;
    probe::Request inner;
    callback.on_done = [&](const Call &) {
        inner.start(store.sync.get(), &nested);
        return S_OK;
    };
    probe::Request outer(store.sync.get(), &callback);
    EXPECT(outer.wait());
    EXPECT_EQ(inner.result, S_OK);
    EXPECT(inner.wait());
    EXPECT_EQ(nested.outcome(), S_OK);
}

SCENARIO("SYNC-19 the last Release of the store inside a callback does not deadlock") {
    probe::Orders orders;
    orders.steps(100).step_ms(100);
    Callback callback;
    probe::Request request;
    {
        probe::Store store;
        callback.on_progress = [&](const Call &call) {
            if (call.index == 0)
                store.release();
            return S_OK;
        };
        request.start(store.sync.get(), &callback);
        EXPECT(request.wait());
        EXPECT_EQ(callback.outcome(), USER_CANCEL);
        EXPECT_EQ(callback.reference_count(), 1);
    }
}

SCENARIO("SYNC-19 StoreLogoff, a run and the last Release inside Done do not deadlock") {
    Callback callback, late;
    probe::Request request, last;
    {
        probe::Store store;
        callback.on_done = [&](const Call &) {
            store.store_logoff();
            last.start(store.sync.get(), &late);
            store.release();
            return S_OK;
        };
        request.start(store.sync.get(), &callback);
        EXPECT(request.wait());
        EXPECT_EQ(callback.outcome(), S_OK);
        if (last.result == S_OK) {
            EXPECT(last.wait());
            EXPECT_EQ(late.outcome(), USER_CANCEL);
        }
        EXPECT_EQ(late.reference_count(), 1);
    }
}

SCENARIO("SYNC-19 QueryInterface and properties inside a callback do not deadlock") {
    probe::Store store;
    Callback callback;
    callback.on_progress = [&](const Call &) {
        Held<IMAPISync> sync;
        EXPECT_EQ(store->QueryInterface(IID_IMAPISync, sync.void_out()), S_OK);
        ULONG count = 0;
        SPropValue *values = nullptr;
        EXPECT_EQ(store->GetProps(nullptr, 0, &count, &values), S_OK);
        memory::free_buffer(values);
        return S_OK;
    };
    probe::Request request(store.sync.get(), &callback);
    EXPECT(request.wait());
    EXPECT_EQ(callback.outcome(), S_OK);
}
