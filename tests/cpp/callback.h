// A progress callback that records what it is told, and meanwhile does what a scenario wants.
#pragma once

#include "counted.h"
#include "threads.h"

#include <functional>
#include <vector>

class Callback : public Counted<IMAPISyncProgressCallback, &IID_IMAPISyncProgressCallback> {
public:
    struct Call {
        enum Kind { Progress, Error, Done } kind;
        DWORD thread;
        HRESULT result;       // of Error and Done
        std::wstring text;    // of Progress and Error
        ULONG index, max;     // of Progress
        HANDLE handle;        // of Done
    };

    HRESULT STDMETHODCALLTYPE Progress(const WCHAR *text, ULONG index, ULONG max) override;
    HRESULT STDMETHODCALLTYPE Error(HRESULT result, const WCHAR *text) override;
    HRESULT STDMETHODCALLTYPE Done(HANDLE handle, HRESULT result) override;

    // What was called, in order.
    std::vector<Call> calls() const;
    std::vector<Call> calls(Call::Kind kind) const;
    int count(Call::Kind kind) const { return static_cast<int>(calls(kind).size()); }
    // The status that Done was called with; E_PENDING if it wasn't called, or more than once.
    HRESULT outcome() const;

    // What a call does before it answers; they run on the worker.
    std::function<HRESULT(const Call &)> on_progress, on_error, on_done;
    // Opened by the first Progress: the run has begun.
    threads::Gate begun;
    // Has no IMAPISyncProgressCallback.
    bool refuses = false;
    // Threads on which the interface was asked for.
    std::vector<DWORD> query_threads;

protected:
    bool answers(REFIID iid) override;

private:
    HRESULT record(const Call &call, const std::function<HRESULT(const Call &)> &action);
    mutable threads::Lock lock;
    std::vector<Call> recorded;
    std::atomic<int> inside{0};
};
