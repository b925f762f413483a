// An attachment that is open.
#pragma once

#include "message_object.h"

class AttachmentObject : public PropObject<IAttach> {
public:
    AttachmentObject(MessageObject &message, const Attachment &attachment, bool changes)
        : PropObject(message.allocators, message.mailbox), message(Ref<MessageObject>::share(&message)),
          attachment(attachment), changes(changes) {}

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

    // The message in it was saved.
    void embed(Turn &, const std::shared_ptr<const Content> &content) { attachment.embedded = content; }
    // The message in it; without one, NULL unless it is to be made.
    Ref<IMessage> embedded(bool make, bool for_changes);

protected:
    void *find(REFIID iid) override;

private:
    const Ref<MessageObject> message;
    Attachment attachment; // with what has not been saved, used within a turn
    std::atomic<bool> changes;
};
