// A request of Outlook's: what of its MAPISIB is needed until the run is over.
#pragma once

#include "object.h"
#include "ref.h"

#include <vector>

class Request {
public:
    // Makes everything of the block our own, on the caller's thread: the structure is his, and may be gone once the call
    // returns. Puts the event's handle where the block says.
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
    // Signals the event; nothing else of the request is left by then.
    void signal();

private:
    ULONG what = 0;
    Ref<IMAPISession> session;
    Ref<IMAPISyncProgressCallback> heard;
    Ref<IUnknown> owner;           // only by mistake
    const MAPISIB *block = nullptr; // only by mistake
    HANDLE callers = nullptr;      // his to close: for us no more than a number to tell in Done
    HANDLE ours = nullptr;         // of the same event, and safe from his CloseHandle
};

using Batch = std::vector<Request>;
