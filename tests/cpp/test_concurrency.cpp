// Many threads that ask at once.
#include "handles.h"
#include "probe.h"

#include <map>
#include <memory>

namespace {

const int THREADS = 16, ROUNDS = 100, BURST = 10; // 1,000 requests a thread

// Concurrent calls, over all callbacks of the store: a run calls from one worker.
std::atomic<int> overlaps{0}, inside{0};

// A callback that records only the handles of Done: sixteen thousand runs are many.
class Tally : public Counted<IMAPISyncProgressCallback, &IID_IMAPISyncProgressCallback> {
public:
    HRESULT STDMETHODCALLTYPE Progress(const WCHAR *, ULONG, ULONG) override { return at_work(); }
    HRESULT STDMETHODCALLTYPE Error(HRESULT, const WCHAR *) override {
        ++errors;
        return at_work();
    }
    HRESULT STDMETHODCALLTYPE Done(HANDLE handle, HRESULT result) override {
        {
            threads::Guard guard(lock);
            ++done[handle];
        }
        errors += result != S_OK;
        return at_work();
    }
    // How often Done was called with a handle; forgets it, because the number may come
    // again.
    int take(HANDLE handle) {
        threads::Guard guard(lock);
        const int count = done[handle];
        done.erase(handle);
        return count;
    }
    bool nothing_left() {
        threads::Guard guard(lock);
        return done.empty();
    }
    std::atomic<int> errors{0};

private:
    HRESULT at_work() {
        overlaps += ++inside != 1;
        SwitchToThread();
        --inside;
        return S_OK;
    }
    threads::Lock lock;
    std::map<HANDLE, int> done;
};

struct Counts {
    std::atomic<int> accepted{0}, refused{0}, wrong{0}, done_once{0};
};

void ask(IMAPISync *sync, Tally &tally, Session &session, Counts &counts) {
    for (int round = 0; round < ROUNDS; ++round) {
        HANDLE events[BURST] = {};
        for (HANDLE &event : events) {
            MAPISIB block = {sizeof block, SYNC_ON_DEMAND, &session, &tally, &event};
            const HRESULT result = sync->SynchronizeInBackground(&block);
            ++(result == S_OK ? counts.accepted : result == NOT_ENOUGH_RESOURCES ? counts.refused : counts.wrong);
            counts.wrong += (result == S_OK) != (event != nullptr);
        }
        for (const HANDLE event : events) {
            if (!event)
                continue;
            if (WaitForSingleObject(event, 30000) == WAIT_OBJECT_0 && tally.take(event) == 1)
                ++counts.done_once;
            CloseHandle(event);
        }
    }
}

} // namespace

SCENARIO("SYNC-10, SYNC-15, SYNC-17 16 threads ask 1,000 times each: one Done and one event for each accepted request") {
    probe::Orders orders;
    orders.steps(1).step_ms(0);
    probe::Store store;
    {
        probe::Request warm_up(store.sync.get(), nullptr);
        EXPECT(warm_up.wait());
    }
    Sleep(200); // the worker's own handles
    const int handles = handle_count();
    Counts counts;
    Session session;
    std::vector<std::unique_ptr<Tally>> tallies;
    {
        std::vector<std::unique_ptr<threads::Thread>> all;
        for (int i = 0; i < THREADS; ++i) {
            tallies.push_back(std::make_unique<Tally>());
            Tally &tally = *tallies.back();
            all.push_back(std::make_unique<threads::Thread>([&] { ask(store.sync.get(), tally, session, counts); }));
        }
    }
    EXPECT_EQ(counts.wrong, 0);
    EXPECT_EQ(counts.accepted + counts.refused, THREADS * ROUNDS * BURST);
    EXPECT(counts.accepted > 0 && counts.refused > 0);
    EXPECT_EQ(counts.done_once, counts.accepted);
    EXPECT_EQ(overlaps, 0);
    for (const auto &tally : tallies) {
        EXPECT(tally->nothing_left());
        EXPECT_EQ(tally->errors, 0);
        EXPECT_EQ(tally->reference_count(), 1);
    }
    EXPECT_EQ(session.reference_count(), 1);
    // The last worker signals before it leaves.
    int now = handle_count();
    for (int i = 0; i < 100 && now > handles; ++i, now = handle_count())
        Sleep(20);
    EXPECT(handles > 0);
    EXPECT_EQ(now, handles);
}
