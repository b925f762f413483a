#include "engine.h"

#include <optional>

namespace {

// How many have not had their Done, including those of the current run.
const size_t MOST_REQUESTS = 64;
const ULONGLONG LOGOFF_WAIT = 5000;

void move_all(Batch &from, Batch &to) {
    for (Request &request : from)
        to.push_back(std::move(request));
    from.clear();
}

} // namespace

unsigned Engine::open(const Settings &configured) {
    Guard guard(lock);
    settings = configured;
    closed = false;
    return ++logons;
}

HRESULT Engine::submit(Request &request) {
    {
        Guard guard(lock);
        if (closed)
            return MAPI_E_INVALID_OBJECT;
        if (working && !makes(Mistake::runs_side_by_side)) {
            const size_t all = at_work + starting.size() + waiting.size() + cancelled.size();
            if (all >= MOST_REQUESTS && !makes(Mistake::endless_queue))
                return MAPI_E_NOT_ENOUGH_RESOURCES;
            waiting.push_back(std::move(request));
            return S_OK;
        }
        starting.push_back(std::move(request));
        working = true;
        if (!makes(Mistake::runs_on_callers_thread) && !start_worker()) {
            working = false;
            request = std::move(starting.back());
            starting.pop_back();
            return MAPI_E_NOT_ENOUGH_RESOURCES;
        }
    }
    if (makes(Mistake::runs_on_callers_thread))
        work();
    return S_OK;
}

void Engine::cancel_locked() {
    stopped = true;
    move_all(starting, cancelled);
    move_all(waiting, cancelled);
}

void Engine::cancel() {
    Guard guard(lock);
    cancel_locked();
}

bool Engine::close(unsigned logon) {
    Guard guard(lock);
    if (logon != logons)
        return false;
    closed = true;
    cancel_locked();
    return true;
}

void Engine::close() {
    Guard guard(lock);
    closed = true;
    cancel_locked();
}

ULONGLONG Engine::deadline() { return GetTickCount64() + LOGOFF_WAIT; }

void Engine::wait(ULONGLONG deadline) {
    Guard guard(lock);
    if (worker == GetCurrentThreadId())
        return;
    // The current round, and, if something that waited was cancelled, the next one, which tells it so.
    const unsigned last_round = begun + !cancelled.empty();
    while (working && static_cast<int>(ended - last_round) < 0) {
        const ULONGLONG now = GetTickCount64();
        if (now >= deadline)
            return;
        lock.sleep(static_cast<DWORD>(deadline - now));
    }
}

bool Engine::last_error(HRESULT status, std::wstring &text) {
    Guard guard(lock);
    if (FAILED(status) && last.result == status)
        text = last.text;
    return FAILED(status) && last.result == status;
}

// The body of the worker: round after round, until there is nothing to do.
void Engine::work() {
    Work work;
    while (next(work)) {
        finish(work.cancelled, MAPI_E_USER_CANCEL);
        if (!work.batch.empty())
            serve(work.batch, work.settings);
    }
}

// What to do in the next round; false if there is nothing and the worker should leave.
bool Engine::next(Work &work) {
    // What is over is released before the lock is taken.
    work.batch.clear();
    work.cancelled.clear();
    Guard guard(lock);
    ended = begun;
    // What was cancelled gets its own round: a logoff waits for that, and not for a run requested meanwhile.
    if (!cancelled.empty())
        std::swap(work.cancelled, cancelled);
    else
        std::swap(work.batch, starting.empty() ? waiting : starting);
    at_work = work.batch.size() + work.cancelled.size();
    working = at_work != 0;
    worker = working ? GetCurrentThreadId() : 0;
    begun += working;
    stopped = false;
    work.settings = settings;
    lock.wake_all();
    return working;
}

void Engine::serve(Batch &batch, const Settings &settings) {
    ULONG flags = 0;
    for (const Request &request : batch)
        flags |= request.flags();
    Progress progress(batch, stopped);
    Outcome outcome;
    try {
        std::optional<Guard> held;
        if (makes(Mistake::lock_held))
            held.emplace(lock);
        outcome = synchronise(settings, flags, progress);
    } catch (const std::exception &) {
        outcome = {E_UNEXPECTED, L"The synchronisation ended by an internal error."};
    }
    if (outcome.result != MAPI_E_USER_CANCEL)
        progress.flush();
    if (FAILED(outcome.result) && outcome.result != MAPI_E_USER_CANCEL) {
        {
            Guard guard(lock);
            last = outcome;
        }
        for (const Request &request : batch)
            if (request.callback() && !makes(Mistake::error_never_told))
                request.callback()->Error(outcome.result, outcome.text.c_str());
    }
    finish(batch, outcome.result);
}

// Each is told and lets go, and only then are the events signalled: whoever waits for one may free everything.
void Engine::finish(Batch &batch, HRESULT result) {
    {
        std::optional<Guard> held;
        if (makes(Mistake::lock_held_in_done))
            held.emplace(lock);
        for (Request &request : batch)
            request.done(result);
    }
    for (Request &request : batch)
        request.signal();
}
