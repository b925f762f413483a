// What is done to the messages in a folder.
#include "folder_object.h"

#include "message_object.h"
#include "../ref.h"

#include <algorithm>

namespace {

// Does something to each message that a list names. What can't be done is left, and told.
template <typename Act> HRESULT for_each(const ENTRYLIST *list, Act act) {
    require(list && (list->lpbin || !list->cValues), MAPI_E_INVALID_PARAMETER);
    bool whole = true;
    for (ULONG i = 0; i < list->cValues; ++i) {
        try {
            const Named named = read_entry_id(list->lpbin[i].cb, list->lpbin[i].lpb);
            require(named.kind == Kind::message, MAPI_E_INVALID_ENTRYID);
            act(named.id);
        } catch (const Refused &) {
            whole = false;
        }
    }
    return whole ? S_OK : MAPI_W_PARTIAL_COMPLETION;
}

} // namespace

HRESULT FolderObject::CreateMessage(LPCIID iid, ULONG flags, LPMESSAGE *message) {
    if (!clear(message))
        return MAPI_E_INVALID_PARAMETER;
    return guarded([&]() -> HRESULT {
        require(!iid || *iid == IID_IMessage || *iid == IID_IMAPIProp || *iid == IID_IUnknown,
                MAPI_E_INTERFACE_NOT_SUPPORTED);
        require(changes, MAPI_E_NO_ACCESS);
        *message = new_message(allocators, mailbox, id, flags & MAPI_ASSOCIATED);
        return S_OK;
    });
}

HRESULT FolderObject::CopyMessages(LPENTRYLIST list, LPCIID, LPVOID target, ULONG, LPMAPIPROGRESS, ULONG flags) {
    return guarded([&]() -> HRESULT {
        require(target, MAPI_E_INVALID_PARAMETER);
        const bool move = flags & MESSAGE_MOVE;
        const FolderObject *const ours = behind(target);
        if (!ours || ours->mailbox != mailbox)
            return copy_to_stranger(list, static_cast<IMAPIFolder *>(target), move);
        Turn turn(*mailbox);
        return for_each(list, [&](Id message) {
            require(mailbox->message(turn, message).folder == id, MAPI_E_NOT_FOUND);
            move ? mailbox->move_message(turn, message, ours->id) : mailbox->copy_message(turn, message, ours->id);
        });
    });
}

// To a folder of another mailbox or another provider: by what any folder can do.
HRESULT FolderObject::copy_to_stranger(const ENTRYLIST *list, IMAPIFolder *target, bool move) {
    return for_each(list, [&](Id id) {
        const auto check = [](HRESULT result) { require(SUCCEEDED(result), result); };
        const Ref<IMessage> source = Ref<IMessage>::adopt(open_message(allocators, mailbox, id, false));
        Ref<IMessage> copy;
        check(target->CreateMessage(nullptr, 0, copy.out()));
        check(source->CopyTo(0, nullptr, nullptr, 0, nullptr, &IID_IMessage, copy.get(), 0, nullptr));
        check(copy->SaveChanges(0));
        if (!move)
            return;
        Turn turn(*mailbox);
        mailbox->delete_message(turn, id);
    });
}

HRESULT FolderObject::DeleteMessages(LPENTRYLIST list, ULONG, LPMAPIPROGRESS, ULONG) {
    return guarded([&]() -> HRESULT {
        Turn turn(*mailbox);
        return for_each(list, [&](Id message) {
            require(mailbox->message(turn, message).folder == id, MAPI_E_NOT_FOUND);
            mailbox->delete_message(turn, message);
        });
    });
}

HRESULT FolderObject::SetReadFlags(LPENTRYLIST list, ULONG, LPMAPIPROGRESS, ULONG flags) {
    return guarded([&]() -> HRESULT {
        require(are_read_flags(flags), MAPI_E_INVALID_PARAMETER);
        Turn turn(*mailbox);
        const auto mark = [&](Id message) {
            require(mailbox->message(turn, message).folder == id, MAPI_E_NOT_FOUND);
            if (!(flags & GENERATE_RECEIPT_ONLY))
                mailbox->mark_read(turn, message, !(flags & CLEAR_READ_FLAG));
        };
        if (list)
            return for_each(list, mark);
        const std::vector<Id> messages = mailbox->messages_in(turn, id, false);
        std::for_each(messages.begin(), messages.end(), mark);
        return S_OK;
    });
}

HRESULT FolderObject::GetMessageStatus(ULONG size, LPENTRYID entry_id, ULONG, ULONG *status) {
    if (!clear(status))
        return MAPI_E_INVALID_PARAMETER;
    return guarded([&]() -> HRESULT {
        Turn turn(*mailbox);
        *status = mailbox->message(turn, read_entry_id(size, entry_id).id).status;
        return S_OK;
    });
}

HRESULT FolderObject::SetMessageStatus(ULONG size, LPENTRYID entry_id, ULONG status, ULONG mask, ULONG *old) {
    clear(old);
    return guarded([&]() -> HRESULT {
        Turn turn(*mailbox);
        const ULONG before = mailbox->set_status(turn, read_entry_id(size, entry_id).id, status, mask);
        if (old)
            *old = before;
        return S_OK;
    });
}

// An order that is kept for other sessions would be lost with the mailbox.
HRESULT FolderObject::SaveContentsSort(LPSSortOrderSet, ULONG) { return unsupported(); }

HRESULT FolderObject::EmptyFolder(ULONG, LPMAPIPROGRESS, ULONG flags) {
    return guarded([&]() -> HRESULT {
        Turn turn(*mailbox);
        mailbox->empty_folder(turn, id, flags & DEL_ASSOCIATED);
        return S_OK;
    });
}
