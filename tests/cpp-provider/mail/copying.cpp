#include "copying.h"

#include "attachment_object.h"
#include "computed.h"
#include "exchange.h"

#include <algorithm>

Selection Selection::without(ULONG count, const IID *interfaces, const SPropTagArray *tags, ULONG flags) {
    // All that can be left out by an interface is everything.
    require(count == 0 || interfaces, MAPI_E_INVALID_PARAMETER);
    const auto is_ours = [](const IID &iid) {
        return iid == IID_IUnknown || iid == IID_IMAPIProp || iid == IID_IMessage || iid == IID_IAttachment;
    };
    require(std::none_of(interfaces, interfaces + count, is_ours), MAPI_E_INTERFACE_NOT_SUPPORTED);
    Selection selection;
    if (tags) {
        require(tags->cValues, MAPI_E_INVALID_PARAMETER);
        selection.named.insert(tags->aulPropTag, tags->aulPropTag + tags->cValues);
    }
    selection.flags = flags;
    return selection;
}

Selection Selection::of(const SPropTagArray *tags, ULONG flags) {
    require(tags && tags->cValues, MAPI_E_INVALID_PARAMETER);
    Selection selection;
    selection.excludes = false;
    selection.named.insert(tags->aulPropTag, tags->aulPropTag + tags->cValues);
    selection.flags = flags;
    return selection;
}

// A property is named by its ID, whatever the type.
bool Selection::has(ULONG tag) const {
    const auto names = [&](ULONG one) {
        return makes(Mistake::left_out_by_whole_tag) ? one == tag : PROP_ID(one) == PROP_ID(tag);
    };
    return std::any_of(named.begin(), named.end(), names) != excludes;
}

namespace {

// The properties that an object has of these.
std::set<ULONG> there_already(IMAPIProp *object, const std::vector<ULONG> &tags, const Allocators &allocators) {
    std::set<ULONG> ids;
    SPropTagArray *const asked = give_tags(allocators, tags);
    ULONG count = 0;
    SPropValue *values = nullptr;
    const HRESULT result = object->GetProps(asked, MAPI_UNICODE, &count, &values);
    allocators.free(asked);
    must(result);
    for (ULONG i = 0; i < count; ++i)
        if (PROP_TYPE(values[i].ulPropTag) != PT_ERROR)
            ids.insert(PROP_ID(values[i].ulPropTag));
    allocators.free(values);
    return ids;
}

void copy_recipients(const std::vector<Recipient> &recipients, IMessage *to, const Allocators &allocators) {
    Buffer buffer(allocators, CbNewADRLIST(std::max<size_t>(recipients.size(), 1)));
    auto *const list = static_cast<ADRLIST *>(buffer.get());
    list->cEntries = static_cast<ULONG>(recipients.size());
    for (size_t i = 0; i < recipients.size(); ++i) {
        const Properties &properties = recipients[i].properties;
        auto *const values = static_cast<SPropValue *>(buffer.more(sizeof(SPropValue) * properties.size()));
        ULONG count = 0;
        for (const auto &property : properties)
            write_property(properties, tag_of(property), MAPI_UNICODE, S_OK, buffer, values[count++]);
        list->aEntries[i] = {0, count, values};
    }
    must(to->ModifyRecipients(0, list));
}

void copy_attachment(IAttach *from, IMessage *to) {
    ULONG number = 0;
    Ref<IAttach> copy;
    must(to->CreateAttach(nullptr, 0, &number, copy.out()));
    must(from->CopyTo(0, nullptr, nullptr, 0, nullptr, &IID_IAttachment, copy.get(), 0, nullptr));
    must(copy->SaveChanges(0));
}

} // namespace

void copy_properties(Bag &from, const Selection &selection, bool (*is_computed)(ULONG), IMAPIProp *to,
                     SPropProblemArray **problems) {
    Properties chosen;
    {
        Turn turn(*from.mailbox);
        for (const auto &property : from.all(turn))
            if (property.second.type != PT_OBJECT && !is_computed(tag_of(property)) && selection.has(tag_of(property)))
                chosen.insert(property);
    }
    std::vector<ULONG> tags;
    for (const auto &property : chosen)
        tags.push_back(tag_of(property));
    if (!selection.replaces() && !tags.empty()) {
        const std::set<ULONG> there = there_already(to, tags, from.allocators);
        tags.erase(std::remove_if(tags.begin(), tags.end(), [&](ULONG tag) { return there.count(PROP_ID(tag)); }),
                   tags.end());
    }
    if (tags.empty())
        return;
    Buffer buffer(from.allocators, sizeof(SPropValue) * tags.size());
    auto *const values = static_cast<SPropValue *>(buffer.get());
    for (size_t i = 0; i < tags.size(); ++i)
        write_property(chosen, tags[i], MAPI_UNICODE, S_OK, buffer, values[i]);
    must(to->SetProps(static_cast<ULONG>(tags.size()), values, problems));
    if (!selection.moves())
        return;
    Turn turn(*from.mailbox);
    for (const ULONG tag : tags)
        from.remove(turn, tag);
}

namespace {

HRESULT copy_message_to(MessageObject &from, const Selection &selection, void *target, SPropProblemArray **problems) {
    const Ref<IMessage> to = copy_target<IMessage>(target, IID_IMessage);
    require(!from.is_same(to.get()), MAPI_E_NO_ACCESS);
    copy_properties(from, selection, is_computed_of_messages, to.get(), problems);
    std::vector<Recipient> recipients;
    std::vector<ULONG> numbers;
    {
        Turn turn(*from.mailbox);
        recipients = from.content.recipients;
        for (const Attachment &attachment : from.content.attachments)
            numbers.push_back(attachment.number);
    }
    if (selection.has(PR_MESSAGE_RECIPIENTS) && !recipients.empty())
        copy_recipients(recipients, to.get(), from.allocators);
    if (!selection.has(PR_MESSAGE_ATTACHMENTS))
        return S_OK;
    for (const ULONG number : numbers) {
        Ref<IAttach> attachment;
        must(from.OpenAttach(number, nullptr, 0, attachment.out()));
        copy_attachment(attachment.get(), to.get());
    }
    return S_OK;
}

HRESULT copy_attachment_to(AttachmentObject &from, const Selection &selection, void *target,
                           SPropProblemArray **problems) {
    const Ref<IAttach> to = copy_target<IAttach>(target, IID_IAttachment);
    require(static_cast<IAttach *>(&from) != to.get(), MAPI_E_NO_ACCESS);
    copy_properties(from, selection, is_computed_of_attachments, to.get(), problems);
    const Ref<IMessage> inner = from.embedded(false, false);
    if (!inner || !selection.has(PR_ATTACH_DATA_OBJ))
        return S_OK;
    Ref<IMessage> copy;
    auto **const place = reinterpret_cast<IUnknown **>(copy.out());
    must(to->OpenProperty(PR_ATTACH_DATA_OBJ, &IID_IMessage, 0, MAPI_CREATE | MAPI_MODIFY, place));
    must(inner->CopyTo(0, nullptr, nullptr, 0, nullptr, &IID_IMessage, copy.get(), 0, nullptr));
    must(copy->SaveChanges(0));
    return S_OK;
}

} // namespace

HRESULT MessageObject::CopyTo(ULONG count, LPCIID interfaces, LPSPropTagArray excluded, ULONG, LPMAPIPROGRESS, LPCIID,
                              LPVOID target, ULONG flags, LPSPropProblemArray *problems) {
    clear(problems);
    return guarded([&] {
        return copy_message_to(*this, Selection::without(count, interfaces, excluded, flags), target, problems);
    });
}

HRESULT MessageObject::CopyProps(LPSPropTagArray included, ULONG, LPMAPIPROGRESS, LPCIID, LPVOID target, ULONG flags,
                                 LPSPropProblemArray *problems) {
    clear(problems);
    return guarded([&] { return copy_message_to(*this, Selection::of(included, flags), target, problems); });
}

HRESULT AttachmentObject::CopyTo(ULONG count, LPCIID interfaces, LPSPropTagArray excluded, ULONG, LPMAPIPROGRESS, LPCIID,
                                 LPVOID target, ULONG flags, LPSPropProblemArray *problems) {
    clear(problems);
    return guarded([&] {
        return copy_attachment_to(*this, Selection::without(count, interfaces, excluded, flags), target, problems);
    });
}

HRESULT AttachmentObject::CopyProps(LPSPropTagArray included, ULONG, LPMAPIPROGRESS, LPCIID, LPVOID target, ULONG flags,
                                    LPSPropProblemArray *problems) {
    clear(problems);
    return guarded([&] { return copy_attachment_to(*this, Selection::of(included, flags), target, problems); });
}
