// What a run tells its callback, when it succeeds, fails, panics, and when the callback itself fails.
#include "probe.h"

namespace {

using Call = Callback::Call;

// The calls as a word of letters: P, E, D.
std::string order(const Callback &callback) {
    std::string letters;
    for (const Call &call : callback.calls())
        letters += "PED"[call.kind];
    return letters;
}

const HRESULT CODE = static_cast<HRESULT>(0x80040115);

} // namespace

SCENARIO("SYNC-10 Progress in order, then Done once, last, with the handle, all on one worker") {
    probe::Store store;
    Callback callback;
    probe::Request request(store.sync.get(), &callback);
    EXPECT(request.wait());
    const std::vector<Call> calls = callback.calls();
    EXPECT_EQ(order(callback), "PPPPD");
    for (ULONG i = 0; i + 1 < calls.size(); ++i) {
        EXPECT_EQ(calls[i].index, i);
        EXPECT_EQ(calls[i].max, 3);
        EXPECT(!calls[i].text.empty());
    }
    EXPECT_EQ(calls.back().handle, request.event);
    EXPECT_EQ(calls.back().result, S_OK);
    for (const Call &call : calls) {
        EXPECT_EQ(call.thread, calls[0].thread);
        EXPECT(call.thread != GetCurrentThreadId());
    }
    Sleep(50);
    EXPECT_EQ(callback.calls().size(), calls.size());
}

SCENARIO("SYNC-10 a start that failed never calls Done") {
    probe::Store store;
    Callback callback;
    MAPISIB block = {sizeof block, 0, nullptr, &callback, nullptr};
    EXPECT_EQ(store.sync->SynchronizeInBackground(&block), INVALID_PARAMETER);
    Sleep(50);
    EXPECT(callback.calls().empty());
}

SCENARIO("SYNC-11 the event comes after Done and after the releases") {
    probe::Store store;
    probe::Orders orders;
    orders.steps(0);
    for (int round = 0; round < 200; ++round) {
        Callback callback;
        Session session;
        HANDLE event = nullptr;
        bool early = false;
        callback.on_done = [&](const Call &call) {
            early = WaitForSingleObject(call.handle, 0) == WAIT_OBJECT_0;
            return S_OK;
        };
        probe::Request request(store.sync.get(), &callback, 0, &session);
        event = request.event;
        EXPECT(request.wait());
        EXPECT(!early && event);
        EXPECT_EQ(callback.reference_count(), 1);
        EXPECT_EQ(session.reference_count(), 1);
        EXPECT_EQ(callback.outcome(), S_OK);
    }
}

SCENARIO("SYNC-12 a failing run calls Error once, with text, and then Done with the same status") {
    probe::Store store;
    probe::Orders orders;
    orders.fail("80040115");
    Callback callback;
    probe::Request request(store.sync.get(), &callback);
    EXPECT(request.wait());
    EXPECT_EQ(order(callback), "PPPPED");
    const std::vector<Call> errors = callback.calls(Call::Error);
    EXPECT(errors.size() == 1 && errors[0].result == CODE && !errors[0].text.empty());
    EXPECT_EQ(callback.outcome(), CODE);
}

SCENARIO("SYNC-13 a panic becomes Error and Done, and the next sync runs") {
    probe::Store store;
    for (int round = 0; round < 3; ++round) {
        {
            probe::Orders orders;
            orders.panic();
            Callback callback;
            probe::Request request(store.sync.get(), &callback);
            EXPECT(request.wait());
            EXPECT_EQ(order(callback), "PPPPED");
            EXPECT_EQ(callback.outcome(), UNEXPECTED);
            EXPECT_EQ(callback.reference_count(), 1);
        }
        Callback callback;
        probe::Request request(store.sync.get(), &callback);
        EXPECT(request.wait());
        EXPECT_EQ(callback.outcome(), S_OK);
    }
}

SCENARIO("SYNC-14 a callback that fails changes nothing") {
    probe::Store store;
    Callback callback;
    callback.on_progress = callback.on_error = callback.on_done = [](const Call &) { return static_cast<HRESULT>(E_FAIL); };
    probe::Request request(store.sync.get(), &callback);
    EXPECT(request.wait());
    EXPECT_EQ(order(callback), "PPPPD");
    EXPECT_EQ(callback.outcome(), S_OK);
    probe::Orders orders;
    orders.fail("80040115");
    Callback failing;
    failing.on_error = [](const Call &) { return static_cast<HRESULT>(E_FAIL); };
    probe::Request second(store.sync.get(), &failing);
    EXPECT(second.wait());
    EXPECT_EQ(failing.outcome(), CODE);
}

SCENARIO("SYNC-14 a slow callback changes nothing") {
    probe::Store store;
    Callback callback;
    callback.on_progress = callback.on_done = [](const Call &) {
        Sleep(150);
        return S_OK;
    };
    probe::Request request(store.sync.get(), &callback);
    EXPECT(request.wait());
    EXPECT_EQ(order(callback), "PPPPD");
    EXPECT_EQ(callback.outcome(), S_OK);
}

SCENARIO("SYNC-14 a tight loop can't flood the callback, and the last position arrives") {
    probe::Store store;
    probe::Orders orders;
    orders.steps(20000).step_ms(0);
    Callback callback;
    const DWORD start = GetTickCount();
    probe::Request request(store.sync.get(), &callback);
    EXPECT(request.wait());
    const DWORD milliseconds = GetTickCount() - start;
    const std::vector<Call> progress = callback.calls(Call::Progress);
    // A burst, and some tens a second.
    EXPECT(progress.size() <= 50 + milliseconds / 20);
    EXPECT(!progress.empty() && progress.back().index == 20000 && progress.back().max == 20000);
    EXPECT_EQ(callback.outcome(), S_OK);
}

SCENARIO("SYNC-20 the worker is in COM's multithreaded apartment") {
    probe::Store store;
    Callback callback;
    APTTYPE type = APTTYPE_CURRENT;
    APTTYPEQUALIFIER qualifier;
    HRESULT result = E_PENDING;
    callback.on_progress = [&](const Call &) {
        result = CoGetApartmentType(&type, &qualifier);
        return S_OK;
    };
    probe::Request request(store.sync.get(), &callback);
    EXPECT(request.wait());
    EXPECT_EQ(result, S_OK);
    EXPECT_EQ(type, APTTYPE_MTA);
    EXPECT_EQ(qualifier, APTTYPEQUALIFIER_NONE);
}

SCENARIO("SYNC-20 a MAPI that can't be initialised does not stop the run") {
    // Wine's, which has no MAPI subsystem; on Windows the system's own, which has no Outlook here.
    const HMODULE mapi = LoadLibraryA("mapi32.dll");
    probe::Store store;
    Callback callback;
    probe::Request request(store.sync.get(), &callback);
    EXPECT(request.wait());
    EXPECT_EQ(callback.outcome(), S_OK);
    if (mapi)
        FreeLibrary(mapi);
}
