// A request from Outlook: the part of its MAPISIB that is needed until the run is over.
#pragma once

#include "object.h"
#include "ref.h"

#include <vector>

class Request {
public:
    // Takes over everything in the block, on the caller's thread: the structure is the caller's, and may be gone once
    // the call returns. Puts the event's handle where the block says.
    static HRESULT make(const MAPISIB &block, IUnknown *store, Request &request);

    Request() = default;
    Request(Request &&other) noexcept;
    Request &operator=(Request &&other) noexcept;
    ~Request();

    ULONG flags() const { return what; }
    IMAPISyncProgressCallback *callback() const { return heard.get(); }

    // Takes the event back: nobody has been told of it yet.
    void refuse(HANDLE *event);
    // Tells the end and gives up session and callback.
    void done(HRESULT result);
    // Signals the event; by then nothing else of the request is left.
    void signal();

private:
    ULONG what = 0;
    Ref<IMAPISession> session;
    Ref<IMAPISyncProgressCallback> heard;
    Ref<IUnknown> owner;           // only by mistake
    const MAPISIB *block = nullptr; // only by mistake
    HANDLE callers = nullptr;      // the caller's to close: for us just a number to tell in Done
    HANDLE ours = nullptr;         // of the same event, and safe from the caller's CloseHandle
};

using Batch = std::vector<Request>;
