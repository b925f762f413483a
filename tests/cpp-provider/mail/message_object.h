// A message that is open, in a folder or in an attachment.
#pragma once

#include "../ref.h"
#include "prop_object.h"

class AttachmentObject;

class MessageObject : public PropObject<IMessage> {
public:
    // Without a content to begin with, the message is new. One in an attachment has that as its owner.
    MessageObject(const Allocators &allocators, const std::shared_ptr<Mailbox> &mailbox, Id id, const Message &state,
                  bool changes, const Ref<AttachmentObject> &owner = {});

    MAPI_IMESSAGE_METHODS(override)
    HRESULT STDMETHODCALLTYPE CopyTo(ULONG count, LPCIID interfaces, LPSPropTagArray excluded, ULONG window,
                                     LPMAPIPROGRESS progress, LPCIID iid, LPVOID target, ULONG flags,
                                     LPSPropProblemArray *problems) override;
    HRESULT STDMETHODCALLTYPE CopyProps(LPSPropTagArray included, ULONG window, LPMAPIPROGRESS progress, LPCIID iid,
                                        LPVOID target, ULONG flags, LPSPropProblemArray *problems) override;

    Properties all(Turn &turn) const override;
    HRESULT set(Turn &turn, ULONG tag, const Value &value) override;
    HRESULT remove(Turn &turn, ULONG tag) override;
    bool is_open_for_changes() const override { return changes; }
    HRESULT save(ULONG flags) override;
    HRESULT open(ULONG tag, REFIID iid, ULONG options, ULONG flags, IUnknown **object) override;

    // The attachment is now one of the message, or has changed.
    void put(Turn &turn, const Attachment &attachment);
    // Whether that object is this message, perhaps opened a second time.
    bool is_same(IUnknown *other) const;

    Content content; // with what has not been saved, used within a turn

protected:
    ~MessageObject() override;
    void *find(REFIID iid) override;

private:
    Message live(Turn &turn) const;
    HRESULT set_flags(ULONG flags);
    void save_in_folder(Turn &turn, const std::shared_ptr<const Content> &saved, bool force);

    const Id id;
    Message state;                       // where it is and what was set of its flags
    std::shared_ptr<const Content> base; // what was read or saved last
    std::atomic<bool> changes;
    const Ref<AttachmentObject> owner;
};

IMessage *new_message(const Allocators &allocators, const std::shared_ptr<Mailbox> &mailbox, Id folder, bool associated);
IMessage *open_message(const Allocators &allocators, const std::shared_ptr<Mailbox> &mailbox, Id id, bool changes);

// Whether flags of SetReadFlag or SetReadFlags make sense together.
bool are_read_flags(ULONG flags);

// What GetProps and tables tell of an attachment.
Properties attachment_properties(const Bag &message, const Attachment &attachment);
