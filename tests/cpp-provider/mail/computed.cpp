#include "computed.h"

#include "tags.h"

#include <algorithm>

namespace {

const ULONG COMPUTED_OF_MESSAGES[] = {
    PR_ENTRYID, PR_PARENT_ENTRYID, PR_RECORD_KEY, PR_SEARCH_KEY, PR_STORE_ENTRYID, PR_STORE_RECORD_KEY,
    PR_STORE_SUPPORT_MASK, PR_MAPPING_SIGNATURE, PR_MDB_PROVIDER, PR_OBJECT_TYPE, PR_MESSAGE_FLAGS, PR_MSG_STATUS,
    PR_MESSAGE_SIZE, PR_HASATTACH, PR_DISPLAY_TO, PR_DISPLAY_CC, PR_DISPLAY_BCC, PR_NORMALIZED_SUBJECT, PR_ACCESS,
    PR_ACCESS_LEVEL, PR_MESSAGE_RECIPIENTS, PR_MESSAGE_ATTACHMENTS, PR_INSTANCE_KEY, PR_ROW_TYPE, PR_DEPTH,
};
const ULONG COMPUTED_OF_ATTACHMENTS[] = {
    PR_ATTACH_NUM, PR_ATTACH_SIZE, PR_RECORD_KEY, PR_STORE_ENTRYID, PR_STORE_RECORD_KEY, PR_STORE_SUPPORT_MASK,
    PR_MAPPING_SIGNATURE, PR_MDB_PROVIDER, PR_OBJECT_TYPE, PR_ACCESS, PR_ACCESS_LEVEL, PR_INSTANCE_KEY,
};

template <size_t COUNT> bool has_id(const ULONG (&tags)[COUNT], ULONG tag) {
    const auto is_it = [&](ULONG one) { return PROP_ID(one) == PROP_ID(tag); };
    return std::any_of(std::begin(tags), std::end(tags), is_it);
}

// The names of the recipients of one kind.
std::wstring names_of(const Content &content, LONG kind) {
    std::wstring names;
    for (const Recipient &recipient : content.recipients) {
        if (number_of(recipient.properties, PR_RECIPIENT_TYPE) != kind)
            continue;
        names += (names.empty() ? L"" : L"; ") + text_of(recipient.properties, PR_DISPLAY_NAME_W);
    }
    return names;
}

size_t size_of_all(const Properties &properties) {
    size_t size = 0;
    for (const auto &property : properties)
        size += sizeof(ULONG) + size_of(property.second);
    return size;
}

size_t size_of_content(const Content &content) {
    size_t size = size_of_all(content.properties);
    for (const Recipient &recipient : content.recipients)
        size += size_of_all(recipient.properties);
    for (const Attachment &attachment : content.attachments)
        size += size_of_all(attachment.properties) + (attachment.embedded ? size_of_content(*attachment.embedded) : 0);
    return size;
}

// How long the "Re: " of a subject is: up to three letters before a colon and a space.
size_t prefix_of(const std::wstring &subject) {
    const size_t colon = subject.find(L": ");
    const bool is_one = colon != std::wstring::npos && colon >= 1 && colon <= 3 &&
                        subject.find_first_of(L" 0123456789") > colon;
    return is_one ? colon + 2 : 0;
}

} // namespace

bool is_computed_of_messages(ULONG tag) { return has_id(COMPUTED_OF_MESSAGES, tag); }

bool is_computed_of_attachments(ULONG tag) { return has_id(COMPUTED_OF_ATTACHMENTS, tag); }

Properties computed_properties(Id id, const Message &message, const Content &content) {
    Properties properties = content.properties;
    const auto set = [&](ULONG tag, const Value &value) { properties[PROP_ID(tag)] = value; };
    const bool has_file = !content.attachments.empty();
    const ULONG flags = message.flags | (has_file ? MSGFLAG_HASATTACH : 0) | (message.associated ? MSGFLAG_ASSOCIATED : 0);
    set(PR_ENTRYID, bytes_value(entry_id_of(Kind::message, id)));
    set(PR_RECORD_KEY, bytes_value(entry_id_of(Kind::message, id)));
    set(PR_PARENT_ENTRYID, bytes_value(entry_id_of(Kind::folder, message.folder)));
    set(PR_OBJECT_TYPE, number_value(MAPI_MESSAGE));
    set(PR_MESSAGE_FLAGS, number_value(static_cast<LONG>(flags)));
    set(PR_MSG_STATUS, number_value(static_cast<LONG>(message.status)));
    set(PR_MESSAGE_SIZE, number_value(static_cast<LONG>(size_of_content(content))));
    set(PR_HASATTACH, truth_value(has_file));
    set(PR_DISPLAY_TO_W, text_value(names_of(content, MAPI_TO)));
    set(PR_DISPLAY_CC_W, text_value(names_of(content, MAPI_CC)));
    set(PR_DISPLAY_BCC_W, text_value(names_of(content, MAPI_BCC)));
    set(PR_ACCESS, number_value(MAPI_ACCESS_MODIFY | MAPI_ACCESS_READ | MAPI_ACCESS_DELETE));
    set(PR_ACCESS_LEVEL, number_value(MAPI_MODIFY));
    set(PR_MESSAGE_RECIPIENTS, object_value());
    set(PR_MESSAGE_ATTACHMENTS, object_value());
    if (value_of(properties, PR_SUBJECT)) {
        const std::wstring subject = text_of(properties, PR_SUBJECT);
        // A prefix that was set counts if the subject begins with it.
        const Value *const given = value_of(properties, PR_SUBJECT_PREFIX);
        const size_t size = given && subject.compare(0, given->text.size(), given->text) == 0 ? given->text.size()
                                                                                               : prefix_of(subject);
        set(PR_SUBJECT_PREFIX_W, text_value(subject.substr(0, size)));
        set(PR_NORMALIZED_SUBJECT_W, text_value(subject.substr(size)));
    }
    // RTF that stands alone is in step with the body.
    const bool alone = value_of(properties, PR_RTF_COMPRESSED) && !value_of(properties, PR_BODY) &&
                       !value_of(properties, PR_HTML);
    if (alone)
        set(PR_RTF_IN_SYNC, truth_value(true));
    return properties;
}
