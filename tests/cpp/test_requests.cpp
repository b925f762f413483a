// SynchronizeInBackground: what it takes, what it gives, and that it returns at once.
#include "probe.h"

#include <cstring>
#include <memory>

namespace {

const HANDLE GARBAGE = reinterpret_cast<HANDLE>(static_cast<uintptr_t>(0xBADBAD));

// A MAPISIB with something behind it, for sizes that are not the structure's.
struct LargerBlock {
    MAPISIB block;
    ULONG beyond[4];
};

HRESULT submit(probe::Store &store, MAPISIB *block) {
    return CALL(store.sync.get(), IMAPISync, SynchronizeInBackground, block);
}

} // namespace

SCENARIO("SYNC-01 a NULL block is refused") {
    probe::Store store;
    EXPECT_EQ(submit(store, nullptr), INVALID_PARAMETER);
}

SCENARIO("SYNC-02, SYNC-03 every size below the structure's is refused, and what it does not cover left alone") {
    probe::Store store;
    Callback callback;
    Session session;
    for (ULONG size = 0; size < sizeof(MAPISIB); ++size) {
        HANDLE event = GARBAGE;
        MAPISIB block = {size, 0, &session, &callback, &event};
        EXPECT_EQ(submit(store, &block), INVALID_PARAMETER);
        EXPECT(event == GARBAGE);
    }
    EXPECT_EQ(callback.reference_count(), 1);
    EXPECT_EQ(session.reference_count(), 1);
    EXPECT(callback.calls().empty());
}

SCENARIO("SYNC-02 a larger structure is accepted") {
    probe::Store store;
    Callback callback;
    HANDLE event = GARBAGE;
    LargerBlock larger = {{sizeof larger, 0, nullptr, &callback, &event}, {~0u, ~0u, ~0u, ~0u}};
    EXPECT_EQ(submit(store, &larger.block), S_OK);
    EXPECT(WaitForSingleObject(event, 20000) == WAIT_OBJECT_0);
    CloseHandle(event);
    EXPECT_EQ(callback.outcome(), S_OK);
}

SCENARIO("SYNC-03 a NULL pointer for the event is refused") {
    probe::Store store;
    Callback callback;
    MAPISIB block = {sizeof block, 0, nullptr, &callback, nullptr};
    EXPECT_EQ(submit(store, &block), INVALID_PARAMETER);
    EXPECT_EQ(callback.reference_count(), 1);
    EXPECT(callback.calls().empty());
}

SCENARIO("SYNC-04 no flag is refused") {
    probe::Store store;
    probe::Orders orders;
    orders.steps(0);
    const ULONG several = SYNC_UPLOAD_HIERARCHY | SYNC_DOWNLOAD_CONTENTS, headers = SYNC_HEADERS;
    for (const ULONG flags : {0ul, several, headers, 0x5A5A5A5Aul, ~0ul}) {
        Callback callback;
        probe::Request request(store.sync.get(), &callback, flags);
        EXPECT_EQ(request.result, S_OK);
        EXPECT(request.wait());
        EXPECT_EQ(callback.outcome(), S_OK);
    }
}

SCENARIO("SYNC-05, SYNC-11 session and callback are held during the run and released before the event") {
    probe::Store store;
    Callback callback;
    Session session;
    threads::Gate gate;
    callback.on_progress = [&](const Callback::Call &) {
        gate.wait();
        return S_OK;
    };
    probe::Request request(store.sync.get(), &callback, 0, &session);
    EXPECT(session.reference_count() >= 2);
    EXPECT(callback.reference_count() >= 2);
    EXPECT(!request.is_signalled());
    LONG session_at_done = 0;
    callback.on_done = [&](const Callback::Call &) {
        session_at_done = session.reference_count();
        return S_OK;
    };
    gate.open();
    EXPECT(request.wait());
    EXPECT_EQ(session.reference_count(), 1);
    EXPECT_EQ(callback.reference_count(), 1);
    EXPECT(session_at_done >= 2);
}

SCENARIO("SYNC-06 a NULL callback and one that refuses the interface make the run silent") {
    probe::Store store;
    probe::Request silent(store.sync.get(), nullptr);
    EXPECT_EQ(silent.result, S_OK);
    EXPECT(silent.wait());
    Callback refusing;
    refusing.refuses = true;
    probe::Request refused(store.sync.get(), &refusing);
    EXPECT_EQ(refused.result, S_OK);
    EXPECT(refused.wait());
    EXPECT(refusing.calls().empty());
    EXPECT_EQ(refusing.reference_count(), 1);
}

SCENARIO("SYNC-06 the callback is asked for on the caller's thread, before the call returns") {
    probe::Store store;
    Callback callback;
    probe::Request request(store.sync.get(), &callback);
    EXPECT(callback.query_threads.size() >= 1);
    EXPECT(request.wait());
    for (const DWORD thread : callback.query_threads)
        EXPECT_EQ(thread, GetCurrentThreadId());
}

SCENARIO("SYNC-07 the structure is overwritten right after the call") {
    probe::Store store;
    Callback callback;
    Session session;
    HANDLE event = nullptr;
    auto block = std::make_unique<MAPISIB>();
    *block = {sizeof *block, SYNC_ON_DEMAND, &session, &callback, &event};
    EXPECT_EQ(submit(store, block.get()), S_OK);
    std::memset(block.get(), 0xCC, sizeof *block);
    block.reset();
    const HANDLE given = event;
    event = GARBAGE;
    EXPECT(WaitForSingleObject(given, 20000) == WAIT_OBJECT_0);
    EXPECT(event == GARBAGE);
    CloseHandle(given);
    EXPECT_EQ(callback.outcome(), S_OK);
    EXPECT_EQ(session.reference_count(), 1);
}

SCENARIO("SYNC-08 the event is manual-reset, the caller's own, and a new one each time") {
    probe::Store store;
    Callback callback;
    probe::Request first(store.sync.get(), &callback), second(store.sync.get(), nullptr);
    EXPECT(first.event != second.event);
    EXPECT(first.wait() && second.wait());
    EXPECT(first.is_signalled() && first.is_signalled());
    // Nobody has closed it: it can still be set, reset and closed.
    EXPECT(ResetEvent(first.event));
    EXPECT(!first.is_signalled());
    EXPECT(CloseHandle(first.event));
    first.event = nullptr;
}

SCENARIO("SYNC-08 an event that is closed inside Done harms nobody") {
    probe::Store store;
    Callback callback;
    HANDLE stranger = nullptr;
    callback.on_done = [&](const Callback::Call &call) {
        CloseHandle(call.handle);
        // Likely the same number: whoever signals it now signals a stranger's event.
        stranger = CreateEventW(nullptr, TRUE, FALSE, nullptr);
        return S_OK;
    };
    probe::Request request(store.sync.get(), &callback);
    request.event = nullptr;
    EXPECT(callback.begun.wait());
    while (callback.reference_count() > 1)
        Sleep(1);
    probe::Request next(store.sync.get(), nullptr);
    EXPECT(next.wait());
    EXPECT(WaitForSingleObject(stranger, 0) == WAIT_TIMEOUT);
    CloseHandle(stranger);
}

SCENARIO("SYNC-09 the call returns at once") {
    probe::Store store;
    probe::Orders orders;
    orders.steps(1).step_ms(600);
    Callback callback;
    const DWORD start = GetTickCount();
    probe::Request request(store.sync.get(), &callback);
    EXPECT(GetTickCount() - start < 300);
    EXPECT(!request.is_signalled());
    EXPECT(request.wait());
    EXPECT(GetTickCount() - start >= 500);
    for (const Callback::Call &call : callback.calls())
        EXPECT(call.thread != GetCurrentThreadId());
}
