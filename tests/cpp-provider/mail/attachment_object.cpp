#include "attachment_object.h"

#include "computed.h"

void *AttachmentObject::find(REFIID iid) {
    const bool known = iid == IID_IUnknown || iid == IID_IMAPIProp || iid == IID_IAttachment;
    return known ? static_cast<IAttach *>(this) : nullptr;
}

Properties attachment_properties(const Bag &bag, const Attachment &attachment) {
    Properties properties = attachment.properties;
    LONG size = 0;
    for (const auto &property : attachment.properties)
        size += static_cast<LONG>(size_of(property.second));
    bag.mailbox->add_common(properties);
    properties[PROP_ID(PR_ATTACH_NUM)] = number_value(static_cast<LONG>(attachment.number));
    properties[PROP_ID(PR_ATTACH_SIZE)] = number_value(size);
    properties[PROP_ID(PR_OBJECT_TYPE)] = number_value(MAPI_ATTACH);
    if (attachment.embedded)
        properties[PROP_ID(PR_ATTACH_DATA_OBJ)] = object_value();
    return properties;
}

Properties AttachmentObject::all(Turn &) const { return attachment_properties(*this, attachment); }

HRESULT AttachmentObject::set(Turn &, ULONG tag, const Value &value) {
    if (is_computed_of_attachments(tag))
        return MAPI_E_COMPUTED;
    attachment.properties[PROP_ID(tag)] = value;
    return S_OK;
}

HRESULT AttachmentObject::remove(Turn &, ULONG tag) {
    if (is_computed_of_attachments(tag))
        return MAPI_E_COMPUTED;
    attachment.properties.erase(PROP_ID(tag));
    return S_OK;
}

HRESULT AttachmentObject::save(ULONG flags) {
    require(changes, MAPI_E_NO_ACCESS);
    Turn turn(*mailbox);
    message->put(turn, attachment);
    changes = (flags & KEEP_OPEN_READWRITE) != 0;
    return S_OK;
}

Ref<IMessage> AttachmentObject::embedded(bool make, bool for_changes) {
    Turn turn(*mailbox);
    if (!attachment.embedded && !make)
        return {};
    const Message state{0, false, MSGFLAG_UNSENT | MSGFLAG_READ, 0, make ? nullptr : attachment.embedded};
    const Ref<AttachmentObject> self = Ref<AttachmentObject>::share(this);
    return Ref<IMessage>::adopt(new MessageObject(allocators, mailbox, new_id(), state, for_changes, self));
}

// PR_ATTACH_DATA_BIN and PR_ATTACH_DATA_OBJ have one ID: what is a stream isn't opened here.
HRESULT AttachmentObject::open(ULONG tag, REFIID iid, ULONG, ULONG flags, IUnknown **object) {
    require(PROP_ID(tag) == PROP_ID(PR_ATTACH_DATA_OBJ), MAPI_E_NOT_FOUND);
    require(iid == IID_IMessage, MAPI_E_INTERFACE_NOT_SUPPORTED);
    const bool for_changes = flags & (MAPI_CREATE | MAPI_MODIFY);
    Ref<IMessage> opened = embedded(flags & MAPI_CREATE, for_changes);
    require(static_cast<bool>(opened), MAPI_E_NOT_FOUND);
    *object = opened.detach();
    return S_OK;
}
