#include "request.h"

HRESULT Request::make(const MAPISIB &block, IUnknown *store, Request &request) {
    const HANDLE event = CreateEventW(nullptr, !makes(Mistake::auto_reset_event), FALSE, nullptr);
    if (!event)
        return MAPI_E_NOT_ENOUGH_RESOURCES;
    const HANDLE process = GetCurrentProcess();
    if (!DuplicateHandle(process, event, process, &request.ours, 0, FALSE, DUPLICATE_SAME_ACCESS)) {
        CloseHandle(event);
        return MAPI_E_NOT_ENOUGH_RESOURCES;
    }
    request.callers = event;
    request.what = block.ulFlags;
    request.session = Ref<IMAPISession>::share(block.psesSync);
    if (makes(Mistake::session_leaked) && block.psesSync)
        block.psesSync->AddRef();
    IUnknown *const unknown = block.punkCallBack;
    const HRESULT known =
        unknown ? unknown->QueryInterface(IID_IMAPISyncProgressCallback, request.heard.void_out()) : S_OK;
    if (FAILED(known)) {
        // The run is silent then.
        request.heard = {};
        if (makes(Mistake::callback_required)) {
            request.refuse(nullptr);
            return known;
        }
    }
    if (makes(Mistake::worker_keeps_store))
        request.owner = Ref<IUnknown>::share(store);
    if (makes(Mistake::block_kept))
        request.block = &block;
    *block.phSyncDoneEvent = event;
    return S_OK;
}

Request::Request(Request &&other) noexcept { *this = std::move(other); }

Request &Request::operator=(Request &&other) noexcept {
    std::swap(what, other.what);
    std::swap(session, other.session);
    std::swap(heard, other.heard);
    std::swap(owner, other.owner);
    std::swap(block, other.block);
    std::swap(callers, other.callers);
    std::swap(ours, other.ours);
    return *this;
}

Request::~Request() {
    if (ours)
        CloseHandle(ours);
}

void Request::refuse(HANDLE *event) {
    CloseHandle(callers);
    if (event && !makes(Mistake::event_left_on_refusal))
        *event = nullptr;
}

void Request::done(HRESULT result) {
    if (makes(Mistake::signalled_early))
        SetEvent(ours);
    if (heard) {
        const HANDLE told = makes(Mistake::block_kept) ? *block->phSyncDoneEvent : callers;
        heard->Done(told, result);
        if (makes(Mistake::done_twice))
            heard->Done(told, result);
    }
    heard.reset();
    session.reset();
    owner.reset();
}

void Request::signal() {
    if (makes(Mistake::callers_handle_closed)) {
        SetEvent(callers);
        CloseHandle(callers);
        return;
    }
    SetEvent(ours);
}
