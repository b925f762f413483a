// A folder that is open.
#pragma once

#include "prop_object.h"

class FolderObject : public PropObject<IMAPIFolder> {
public:
    FolderObject(const Allocators &allocators, const std::shared_ptr<Mailbox> &mailbox, Id id, bool changes)
        : PropObject(allocators, mailbox), id(id), changes(changes) {}

    MAPI_IMAPICONTAINER_METHODS(override)
    MAPI_IMAPIFOLDER_METHODS(override)

    Properties all(Turn &turn) const override { return mailbox->folder_properties(turn, id); }
    HRESULT set(Turn &turn, ULONG tag, const Value &value) override {
        return mailbox->set_folder_property(turn, id, tag, value);
    }
    HRESULT remove(Turn &turn, ULONG tag) override { return mailbox->remove_folder_property(turn, id, tag); }
    bool is_open_for_changes() const override { return changes; }
    // What is set is saved at once.
    HRESULT save(ULONG) override { return S_OK; }
    HRESULT open(ULONG tag, REFIID iid, ULONG options, ULONG flags, IUnknown **object) override;

    // The object behind an interface, if it is a folder of ours.
    static FolderObject *behind(void *interface_pointer);

    const Id id;

protected:
    void *find(REFIID iid) override;

private:
    HRESULT copy_to_stranger(const ENTRYLIST *list, IMAPIFolder *target, bool move);

    const bool changes;
};

// Text that a caller gives, in the width that the flags say.
std::wstring given_text(LPTSTR text, ULONG flags);
