#include "callback.h"

HRESULT Callback::Progress(const WCHAR *text, ULONG index, ULONG max) {
    const HRESULT answer = record({Call::Progress, GetCurrentThreadId(), S_OK, text, index, max, nullptr}, on_progress);
    begun.open();
    return answer;
}

HRESULT Callback::Error(HRESULT result, const WCHAR *text) {
    return record({Call::Error, GetCurrentThreadId(), result, text, 0, 0, nullptr}, on_error);
}

HRESULT Callback::Done(HANDLE handle, HRESULT result) {
    return record({Call::Done, GetCurrentThreadId(), result, L"", 0, 0, handle}, on_done);
}

HRESULT Callback::record(const Call &call, const std::function<HRESULT(const Call &)> &action) {
    if (++inside != 1)
        check::fail(__FILE__, __LINE__, "SYNC-10, SYNC-15: two callbacks at once");
    if (reference_count() < 2)
        check::fail(__FILE__, __LINE__, "SYNC-11: a callback without a reference");
    {
        threads::Guard guard(lock);
        recorded.push_back(call);
    }
    const HRESULT answer = action ? action(call) : S_OK;
    --inside;
    return answer;
}

bool Callback::answers(REFIID iid) {
    if (!IsEqualGUID(iid, IID_IMAPISyncProgressCallback))
        return Counted::answers(iid);
    threads::Guard guard(lock);
    query_threads.push_back(GetCurrentThreadId());
    return !refuses;
}

std::vector<Callback::Call> Callback::calls() const {
    threads::Guard guard(lock);
    return recorded;
}

std::vector<Callback::Call> Callback::calls(Call::Kind kind) const {
    std::vector<Call> found;
    for (const Call &call : calls())
        if (call.kind == kind)
            found.push_back(call);
    return found;
}

HRESULT Callback::outcome() const {
    const std::vector<Call> done = calls(Call::Done);
    return done.size() == 1 ? done.front().result : E_PENDING;
}
