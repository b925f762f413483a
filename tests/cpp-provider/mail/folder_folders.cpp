// What is done to the folders in a folder.
#include "folder_object.h"

namespace {

Id folder_named(ULONG size, const ENTRYID *entry_id) {
    const Named named = read_entry_id(size, entry_id);
    require(named.kind == Kind::folder, MAPI_E_INVALID_ENTRYID);
    return named.id;
}

} // namespace

std::wstring given_text(LPTSTR text, ULONG flags) {
    if (!text)
        return {};
    return flags & MAPI_UNICODE ? std::wstring(reinterpret_cast<const WCHAR *>(text))
                                : widen(reinterpret_cast<const char *>(text));
}

HRESULT FolderObject::CreateFolder(ULONG type, LPTSTR name, LPTSTR comment, LPCIID iid, ULONG flags,
                                   LPMAPIFOLDER *folder) {
    if (!clear(folder))
        return MAPI_E_INVALID_PARAMETER;
    return guarded([&]() -> HRESULT {
        require(type != FOLDER_SEARCH, MAPI_E_NO_SUPPORT);
        require(type == FOLDER_GENERIC && name, MAPI_E_INVALID_PARAMETER);
        require(!iid || *iid == IID_IMAPIFolder || *iid == IID_IMAPIContainer || *iid == IID_IMAPIProp ||
                    *iid == IID_IUnknown,
                MAPI_E_INTERFACE_NOT_SUPPORTED);
        require(changes, MAPI_E_NO_ACCESS);
        Properties properties;
        if (comment)
            properties[PROP_ID(PR_COMMENT_W)] = text_value(given_text(comment, flags));
        Turn turn(*mailbox);
        const Id made = mailbox->create_folder(turn, id, given_text(name, flags), properties, flags & OPEN_IF_EXISTS);
        *folder = new FolderObject(allocators, mailbox, made, true);
        return S_OK;
    });
}

HRESULT FolderObject::CopyFolder(ULONG size, LPENTRYID entry_id, LPCIID, LPVOID target, LPTSTR new_name, ULONG,
                                 LPMAPIPROGRESS, ULONG flags) {
    return guarded([&]() -> HRESULT {
        require(target, MAPI_E_INVALID_PARAMETER);
        const FolderObject *const ours = behind(target);
        require(ours && ours->mailbox == mailbox, MAPI_E_NO_SUPPORT);
        const Id folder = folder_named(size, entry_id);
        Turn turn(*mailbox);
        const Folder &there = mailbox->folder(turn, folder);
        require(there.parent == id, MAPI_E_NOT_FOUND);
        const std::wstring name =
            new_name ? given_text(new_name, flags) : text_of(there.properties, PR_DISPLAY_NAME_W);
        if (flags & FOLDER_MOVE)
            mailbox->move_folder(turn, folder, ours->id, name);
        else
            mailbox->copy_folder(turn, folder, ours->id, name, flags & COPY_SUBFOLDERS);
        return S_OK;
    });
}

HRESULT FolderObject::DeleteFolder(ULONG size, LPENTRYID entry_id, ULONG, LPMAPIPROGRESS, ULONG flags) {
    return guarded([&]() -> HRESULT {
        const Id folder = folder_named(size, entry_id);
        Turn turn(*mailbox);
        require(mailbox->folder(turn, folder).parent == id, MAPI_E_NOT_FOUND);
        mailbox->delete_folder(turn, folder, flags);
        return S_OK;
    });
}
