// The store's methods for what is in it, and those without support.
#include "store.h"

#include "mail/opening.h"
#include "mail/tables.h"

#include <algorithm>
#include <cstring>

HRESULT Store::OpenEntry(ULONG size, LPENTRYID entry_id, LPCIID iid, ULONG flags, ULONG *type, LPUNKNOWN *object) {
    return open_entry(allocators, mailbox, size, entry_id, iid, flags, type, object);
}

HRESULT Store::CompareEntryIDs(ULONG size1, LPENTRYID entry_id1, ULONG size2, LPENTRYID entry_id2, ULONG,
                               ULONG *result) {
    return compare_entry_ids(size1, entry_id1, size2, entry_id2, result);
}

HRESULT Store::Advise(ULONG size, LPENTRYID entry_id, ULONG events, LPMAPIADVISESINK sink, ULONG *connection) {
    return connections.advise(size, entry_id, events, sink, connection_of(connection));
}

HRESULT Store::Unadvise(ULONG connection) { return connections.unadvise(connection); }

HRESULT Store::NotifyNewMail(LPNOTIFICATION notification) { return notify_new_mail(*mailbox, notification); }

HRESULT Store::SetReceiveFolder(LPTSTR message_class, ULONG flags, ULONG size, LPENTRYID entry_id) {
    return guarded([&]() -> HRESULT {
        Id folder = 0;
        if (entry_id && size) {
            const Named named = read_entry_id(size, entry_id);
            require(named.kind == Kind::folder, MAPI_E_INVALID_ENTRYID);
            folder = named.id;
        }
        Turn turn(*mailbox);
        mailbox->set_receive_folder(turn, given_text(message_class, flags), folder);
        return S_OK;
    });
}

HRESULT Store::GetReceiveFolder(LPTSTR message_class, ULONG flags, ULONG *size, LPENTRYID *folder, LPTSTR *found) {
    clear(found);
    if (!clear(size, folder))
        return MAPI_E_INVALID_PARAMETER;
    return guarded([&]() -> HRESULT {
        std::wstring found_class;
        Bytes entry_id;
        {
            Turn turn(*mailbox);
            const Id id = mailbox->receive_folder(turn, given_text(message_class, flags), found_class);
            entry_id = entry_id_of(Kind::folder, id);
        }
        Buffer id_buffer(allocators, entry_id.size());
        std::copy(entry_id.begin(), entry_id.end(), static_cast<BYTE *>(id_buffer.get()));
        if (found) {
            // A text of its own, so the buffer is the text.
            const std::string bytes = narrow(found_class);
            const bool wide = flags & MAPI_UNICODE;
            const size_t length = wide ? (found_class.size() + 1) * sizeof(WCHAR) : bytes.size() + 1;
            const void *const text = wide ? static_cast<const void *>(found_class.c_str()) : bytes.c_str();
            Buffer text_buffer(allocators, length);
            std::memcpy(text_buffer.get(), text, length);
            *found = static_cast<LPTSTR>(text_buffer.hand_over());
        }
        *size = static_cast<ULONG>(entry_id.size());
        *folder = static_cast<ENTRYID *>(id_buffer.hand_over());
        return S_OK;
    });
}

HRESULT Store::GetReceiveFolderTable(ULONG flags, LPMAPITABLE *table) {
    if (!clear(table))
        return MAPI_E_INVALID_PARAMETER;
    return guarded([&]() -> HRESULT {
        *table = receive_folder_table(*this, flags);
        return S_OK;
    });
}

// STORE-04: the mask has no STORE_SUBMIT_OK.
HRESULT Store::AbortSubmit(ULONG, LPENTRYID, ULONG) { return unsupported(); }

HRESULT Store::GetOutgoingQueue(ULONG, LPMAPITABLE *table) { return unsupported(table); }

HRESULT Store::SetLockState(LPMESSAGE, ULONG) { return unsupported(); }

HRESULT Store::FinishedMsg(ULONG, ULONG, LPENTRYID) { return unsupported(); }
