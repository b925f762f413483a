// What a message is: its properties, and how it is saved.
#include "message_object.h"

#include "attachment_object.h"
#include "computed.h"
#include "tables.h"

// Nobody else knows it: only our messages answer.
static const IID IID_OurMessage = {0xa1c52f90, 0x7b33, 0x4d0e, {0x86, 0x5d, 0x1f, 0x0a, 0xee, 0x43, 0x97, 0x2c}};

namespace {

// What a client may set in PR_MESSAGE_FLAGS until the first save.
const ULONG FLAGS_TO_SET = MSGFLAG_READ | MSGFLAG_UNMODIFIED | MSGFLAG_UNSENT | MSGFLAG_FROMME | MSGFLAG_RESEND;

} // namespace

MessageObject::MessageObject(const Allocators &allocators, const std::shared_ptr<Mailbox> &mailbox, Id id,
                             const Message &state, bool changes, const Ref<AttachmentObject> &owner)
    : PropObject(allocators, mailbox), id(id), state(state), base(state.content), changes(changes), owner(owner) {
    if (base)
        content = *base;
    else
        content.properties[PROP_ID(PR_SEARCH_KEY)] = bytes_value(key_of(new_id()));
}

MessageObject::~MessageObject() = default;

void *MessageObject::find(REFIID iid) {
    if (iid == IID_OurMessage)
        return this;
    const bool known = iid == IID_IUnknown || iid == IID_IMAPIProp || iid == IID_IMessage;
    return known ? static_cast<IMessage *>(this) : nullptr;
}

bool MessageObject::is_same(IUnknown *other) const {
    void *ours = nullptr;
    if (FAILED(other->QueryInterface(IID_OurMessage, &ours)))
        return false;
    const Ref<MessageObject> message = Ref<MessageObject>::adopt(static_cast<MessageObject *>(ours));
    return message->id == id && message->mailbox == mailbox;
}

// Marks and moves are not saved with the content: they are as they are.
Message MessageObject::live(Turn &turn) const {
    if (!base || owner)
        return state;
    try {
        return mailbox->message(turn, id);
    } catch (const Refused &) {
        return state; // it was deleted meanwhile
    }
}

Properties MessageObject::all(Turn &turn) const {
    Properties properties = computed_properties(id, live(turn), content);
    mailbox->add_common(properties);
    properties[PROP_ID(PR_ACCESS_LEVEL)] = number_value(changes ? MAPI_MODIFY : 0);
    if (owner)
        for (const ULONG tag : {PR_ENTRYID, PR_PARENT_ENTRYID, PR_RECORD_KEY})
            properties.erase(PROP_ID(tag));
    return properties;
}

HRESULT MessageObject::set_flags(ULONG flags) {
    if (base)
        return MAPI_E_COMPUTED;
    state.flags = (state.flags & ~FLAGS_TO_SET) | (flags & FLAGS_TO_SET);
    return S_OK;
}

HRESULT MessageObject::set(Turn &turn, ULONG tag, const Value &value) {
    if (tag == PR_MESSAGE_FLAGS)
        return set_flags(static_cast<ULONG>(value.number));
    if (is_computed_of_messages(tag))
        return MAPI_E_COMPUTED;
    content.properties[PROP_ID(tag)] = value;
    if (makes(Mistake::saved_when_set) && base && !owner)
        save_in_folder(turn, std::make_shared<const Content>(content), true);
    return S_OK;
}

HRESULT MessageObject::remove(Turn &, ULONG tag) {
    if (is_computed_of_messages(tag))
        return MAPI_E_COMPUTED;
    content.properties.erase(PROP_ID(tag));
    return S_OK;
}

void MessageObject::put(Turn &, const Attachment &attachment) {
    for (Attachment &there : content.attachments) {
        if (there.number != attachment.number)
            continue;
        there = attachment;
        return;
    }
    content.attachments.push_back(attachment);
}

void MessageObject::save_in_folder(Turn &turn, const std::shared_ptr<const Content> &saved, bool force) {
    Message message = state;
    message.content = saved;
    mailbox->save_message(turn, id, message, base, force);
    base = saved;
}

HRESULT MessageObject::save(ULONG flags) {
    require(changes, MAPI_E_NO_ACCESS);
    Turn turn(*mailbox);
    Content saved = content;
    Properties &properties = saved.properties;
    const Value time = time_value(now());
    properties.emplace(PROP_ID(PR_CREATION_TIME), time);
    properties[PROP_ID(PR_LAST_MODIFICATION_TIME)] = time;
    if (text_of(properties, PR_MESSAGE_CLASS).empty())
        properties[PROP_ID(PR_MESSAGE_CLASS)] = text_value(L"IPM");
    const auto shared = std::make_shared<const Content>(saved);
    if (owner) {
        owner->embed(turn, shared);
        base = shared;
    } else {
        save_in_folder(turn, shared, flags & FORCE_SAVE);
    }
    content = saved;
    changes = (flags & KEEP_OPEN_READWRITE) != 0;
    return S_OK;
}

HRESULT MessageObject::open(ULONG tag, REFIID iid, ULONG options, ULONG, IUnknown **object) {
    require(iid == IID_IMAPITable, MAPI_E_INTERFACE_NOT_SUPPORTED);
    switch (PROP_ID(tag)) {
    case PROP_ID(PR_MESSAGE_RECIPIENTS):
        *object = recipient_table(*this, options);
        return S_OK;
    case PROP_ID(PR_MESSAGE_ATTACHMENTS):
        *object = attachment_table(*this, options);
        return S_OK;
    default:
        return MAPI_E_NOT_FOUND;
    }
}

IMessage *new_message(const Allocators &allocators, const std::shared_ptr<Mailbox> &mailbox, Id folder, bool associated) {
    const Message state{folder, associated, MSGFLAG_UNSENT | MSGFLAG_UNMODIFIED, 0, nullptr};
    {
        Turn turn(*mailbox);
        mailbox->folder(turn, folder);
    }
    return new MessageObject(allocators, mailbox, new_id(), state, true);
}

IMessage *open_message(const Allocators &allocators, const std::shared_ptr<Mailbox> &mailbox, Id id, bool changes) {
    Turn turn(*mailbox);
    return new MessageObject(allocators, mailbox, id, mailbox->message(turn, id), changes);
}
