// Where a run stands, for the callbacks of all requests that it serves.
#pragma once

#include "request.h"

#include <atomic>
#include <string>

class Progress {
public:
    Progress(const Batch &batch, const std::atomic<bool> &stopped)
        : batch(batch), stopped(stopped), vetoes(batch.size(), false) {}

    // Tells the position now, or keeps it if the last one was told a moment ago.
    void tell(const std::wstring &text, ULONG index, ULONG max);
    // Tells the last position if it was kept.
    void flush();
    // Whether somebody wants the run to end: a logoff, or everybody who is listening.
    bool is_cancelled() const;

private:
    void send();

    const Batch &batch;
    const std::atomic<bool> &stopped;
    std::vector<bool> vetoes; // whose Progress has answered MAPI_E_USER_CANCEL
    bool failed = false;      // only by mistake
    std::wstring text;
    ULONG index = 0, max = 0;
    bool pending = false;
    ULONGLONG last_told = 0;
};
