#include "transport_logon.h"

#include "status_entry.h"

namespace {

// mingw-w64 declares references as ULONG, where Microsoft's headers have a ULONG_PTR.
ULONG_PTR *wide(ULONG *declared) { return reinterpret_cast<ULONG_PTR *>(declared); }

// The array that all logons share. Only by mistake.
LPTSTR *shared_types = nullptr;

// What TransportNotify turns on, what it turns off, and the bit of the row.
struct Direction {
    ULONG begin, end, bit, swapped;
};
const Direction DIRECTIONS[] = {
    {NOTIFY_BEGIN_OUTBOUND, NOTIFY_END_OUTBOUND, STATUS_OUTBOUND_ENABLED, STATUS_INBOUND_ENABLED},
    {NOTIFY_BEGIN_INBOUND, NOTIFY_END_INBOUND, STATUS_INBOUND_ENABLED, STATUS_OUTBOUND_ENABLED},
    {NOTIFY_BEGIN_OUTBOUND_FLUSH, NOTIFY_END_OUTBOUND_FLUSH, STATUS_OUTBOUND_FLUSH, STATUS_OUTBOUND_FLUSH},
    {NOTIFY_BEGIN_INBOUND_FLUSH, NOTIFY_END_INBOUND_FLUSH, STATUS_INBOUND_FLUSH, STATUS_INBOUND_FLUSH},
};
const ULONG FLUSHES = STATUS_OUTBOUND_FLUSH | STATUS_INBOUND_FLUSH;

} // namespace

TransportLogon::~TransportLogon() {
    log_off();
    session->allocators.free(types);
}

void *TransportLogon::find(REFIID iid) {
    return iid == IID_IUnknown || iid == IID_IXPLogon ? static_cast<IXPLogon *>(this) : nullptr;
}

void TransportLogon::log_off() {
    session->cancel_running();
    if (makes(Mistake::one_type_array))
        shared_types = nullptr;
    session->close();
}

HRESULT TransportLogon::address_types(ULONG *count, LPTSTR **out) {
    const Guard guard(lock);
    LPTSTR *&kept = makes(Mistake::one_type_array) ? shared_types : types;
    if (!kept) {
        static LPTSTR garbage[1] = {};
        if (makes(Mistake::garbage_without_memory))
            kept = garbage;
        Buffer buffer(session->allocators, sizeof(LPTSTR));
        auto *const array = static_cast<LPTSTR *>(buffer.get());
        array[0] = reinterpret_cast<LPTSTR>(buffer.text(L"SMTP"));
        kept = static_cast<LPTSTR *>(buffer.hand_over());
    }
    *count = 1;
    *out = kept;
    return S_OK;
}

HRESULT TransportLogon::AddressTypes(ULONG *flags, ULONG *count, LPTSTR **out, ULONG *uid_count, LPMAPIUID **uids) {
    if (!clear(flags, count, out, uid_count, uids))
        return MAPI_E_INVALID_PARAMETER;
    if (!session->support())
        return MAPI_E_NO_SUPPORT;
    const HRESULT result = guarded([&] { return address_types(count, out); });
    if (SUCCEEDED(result))
        *flags = MAPI_UNICODE;
    return result;
}

HRESULT TransportLogon::RegisterOptions(ULONG *flags, ULONG *count, LPOPTIONDATA *options) {
    if (makes(Mistake::options_left))
        return S_OK;
    return clear(flags, count, options) ? S_OK : MAPI_E_INVALID_PARAMETER;
}

HRESULT TransportLogon::TransportNotify(ULONG *flags, LPVOID *data) {
    if (!flags)
        return MAPI_E_INVALID_PARAMETER;
    if (!session->support())
        return MAPI_E_NO_SUPPORT;
    if (makes(Mistake::told_under_lock))
        session->notifying.enter();
    if (*flags & NOTIFY_CANCEL_MESSAGE && data)
        session->cancel(reinterpret_cast<ULONG_PTR>(*data));
    ULONG clear = makes(Mistake::notify_clears_available) ? STATUS_AVAILABLE : 0, set = 0;
    for (const Direction &direction : DIRECTIONS) {
        const ULONG bit = makes(Mistake::directions_swapped) ? direction.swapped : direction.bit;
        const bool is_flush = bit & FLUSHES;
        // Nothing waits, so a flush that begins is over.
        if (*flags & direction.begin && !is_flush)
            set |= bit;
        if (*flags & direction.end && !(is_flush && makes(Mistake::flush_end_ignored))) {
            clear |= bit;
            set &= ~bit;
        }
        if (*flags & (direction.begin | direction.end) && !is_flush)
            session->turn(direction.bit == STATUS_OUTBOUND_ENABLED, direction.bit == STATUS_INBOUND_ENABLED,
                          !(*flags & direction.end));
    }
    session->change(clear, set);
    if (makes(Mistake::told_under_lock))
        session->notifying.leave();
    return S_OK;
}

HRESULT TransportLogon::Idle(ULONG) { return session->support() ? S_OK : MAPI_E_NO_SUPPORT; }

HRESULT TransportLogon::TransportLogoff(ULONG) {
    if (!makes(Mistake::logoff_releases_nothing))
        log_off();
    return S_OK;
}

HRESULT TransportLogon::SubmitMessage(ULONG, LPMESSAGE message, ULONG *reference_out, ULONG *seconds_out) {
    if (!message || !reference_out || !seconds_out)
        return MAPI_E_INVALID_PARAMETER;
    ULONG_PTR unseen = 0, reference = 0;
    ULONG_PTR *const seconds = makes(Mistake::outs_of_submit_left) ? &unseen : wide(seconds_out);
    *seconds = 0;
    HRESULT result = session->begin(reference);
    if (FAILED(result))
        return result;
    if (!makes(Mistake::outs_of_submit_left))
        *wide(reference_out) = reference;
    result = guarded([&] { return submit(*session, message, seconds); });
    session->end();
    if (makes(Mistake::message_released))
        message->Release();
    const Ref<IMAPISupport> support = session->support();
    if (makes(Mistake::every_error_critical) && FAILED(result) && support)
        support->SpoolerNotify(NOTIFY_CRITICAL_ERROR, nullptr);
    return result;
}

HRESULT TransportLogon::EndMessage(ULONG, ULONG *flags) {
    if (!flags)
        return MAPI_E_INVALID_PARAMETER;
    if (!makes(Mistake::end_flags_left))
        *flags = 0;
    return session->support() ? S_OK : MAPI_E_NO_SUPPORT;
}

HRESULT TransportLogon::Poll(ULONG *count) {
    if (!clear(count))
        return MAPI_E_INVALID_PARAMETER;
    *count = session->is_mail_ready();
    return session->support() ? S_OK : MAPI_E_NO_SUPPORT;
}

HRESULT TransportLogon::StartMessage(ULONG, LPMESSAGE message, ULONG *reference) {
    if (!message || !reference)
        return MAPI_E_INVALID_PARAMETER;
    const HRESULT result = guarded([&] { return receive(*session, message, wide(reference)); });
    if (FAILED(result) && makes(Mistake::receiving_ends))
        session->mail_is_over();
    return result;
}

HRESULT TransportLogon::OpenStatusEntry(LPCIID, ULONG flags, ULONG *type, LPMAPISTATUS *entry) {
    if (!clear(type, entry))
        return MAPI_E_INVALID_PARAMETER;
    if (flags & MAPI_MODIFY && makes(Mistake::modify_refused))
        return MAPI_E_CALL_FAILED;
    if (!session->support())
        return MAPI_E_NO_SUPPORT;
    return guarded([&]() -> HRESULT {
        *entry = new StatusEntry(session);
        *type = MAPI_STATUS;
        if (makes(Mistake::status_keeps_logon) && !status) {
            status = *entry;
            status->AddRef();
            AddRef();
        }
        return S_OK;
    });
}

HRESULT TransportLogon::ValidateState(ULONG, ULONG flags) { return validated(*session, flags); }

HRESULT TransportLogon::FlushQueues(ULONG, ULONG, LPENTRYID, ULONG flags) {
    if (!session->support())
        return MAPI_E_NO_SUPPORT;
    session->flush(flags);
    return S_OK;
}
