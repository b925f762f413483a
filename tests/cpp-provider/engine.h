// The engine of one store: takes requests and runs them on a worker, one run at a time.
//
// The worker holds the engine, and the engine holds neither the store nor MAPI's support object: the store's last
// Release must be able to come during a run, or it could not cancel it.
#pragma once

#include "locks.h"
#include "run.h"

#include <memory>

class Engine : public std::enable_shared_from_this<Engine> {
public:
    // A logon begins; it ends with the number returned. An engine that still has a worker from an earlier logon
    // continues after it, so the two logons' runs don't overlap.
    unsigned open(const Settings &settings);

    // Takes a request: it waits for the current run, or gets a worker. A request that is refused stays the
    // caller's.
    HRESULT submit(Request &request);

    // Cancels the run and whatever waits.
    void cancel();
    // The same for good: nothing is accepted any more. False if the logon is not the last one that began.
    bool close(unsigned logon);
    void close();
    // Waits for what was cancelled, until that time at most, and not at all on the worker, which would wait for
    // itself.
    void wait(ULONGLONG deadline);
    // Until when a logoff that begins now may wait.
    static ULONGLONG deadline();

    // Why the last run failed, if it failed with this status.
    bool last_error(HRESULT status, std::wstring &text);

private:
    struct Work {
        Batch batch, cancelled;
        Settings settings;
    };

    static DWORD WINAPI thread(void *start);
    bool start_worker();
    void work();
    bool next(Work &work);
    void serve(Batch &batch, const Settings &settings);
    void finish(Batch &batch, HRESULT result);
    void cancel_locked();

    Lock lock; // of all that follows
    Settings settings;
    Batch starting;  // what the worker begins with
    Batch waiting;   // what the next run serves
    Batch cancelled; // what waited and is to be told that it won't run
    size_t at_work = 0; // how many the worker has
    bool working = false;
    DWORD worker = 0; // the thread, once it runs
    unsigned begun = 0, ended = 0; // rounds of the worker
    unsigned logons = 0;
    bool closed = false;
    Outcome last;
    std::atomic<bool> stopped{false}; // read by the run without the lock
};
