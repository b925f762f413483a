// A message's recipients and attachments, and its read mark.
#include "attachment_object.h"
#include "exchange.h"
#include "message_object.h"
#include "tables.h"

#include <algorithm>

namespace {

// What a caller gives of a recipient: PT_ERROR says nothing, PT_NULL is nothing that a row may have.
Properties read_recipient(const ADRENTRY &entry) {
    require(entry.rgPropVals || !entry.cValues, MAPI_E_INVALID_PARAMETER);
    Properties properties;
    for (ULONG i = 0; i < entry.cValues; ++i) {
        const SPropValue &given = entry.rgPropVals[i];
        if (PROP_TYPE(given.ulPropTag) == PT_ERROR)
            continue;
        Value value;
        require(read_value(given, value), MAPI_E_INVALID_PARAMETER);
        properties[PROP_ID(given.ulPropTag)] = value;
    }
    properties.emplace(PROP_ID(PR_RECIPIENT_TYPE), number_value(MAPI_TO));
    properties.emplace(PROP_ID(PR_DISPLAY_NAME_W), text_value(text_of(properties, PR_EMAIL_ADDRESS)));
    return properties;
}

std::vector<Recipient>::iterator row_of(std::vector<Recipient> &recipients, ULONG row) {
    return std::find_if(recipients.begin(), recipients.end(), [&](const Recipient &one) { return one.row == row; });
}

// Adds a row. It keeps the number that it has, unless another row has that.
void add_recipient(Content &content, const Properties &properties) {
    const Value *const given = value_of(properties, PR_ROWID);
    ULONG row = given ? static_cast<ULONG>(given->number) : content.next_row;
    if (row_of(content.recipients, row) != content.recipients.end())
        row = content.next_row;
    content.next_row = std::max(content.next_row, row + 1);
    content.recipients.push_back({row, properties});
}

void change_recipient(Content &content, const Properties &properties, bool remove) {
    const Value *const given = value_of(properties, PR_ROWID);
    require(given, MAPI_E_INVALID_PARAMETER);
    const auto there = row_of(content.recipients, static_cast<ULONG>(given->number));
    if (there == content.recipients.end()) {
        require(!remove, MAPI_E_NOT_FOUND);
        add_recipient(content, properties);
    } else if (remove) {
        content.recipients.erase(there);
    } else {
        there->properties = properties;
    }
}

} // namespace

bool are_read_flags(ULONG flags) {
    const bool clears = flags & CLEAR_READ_FLAG;
    return !(clears && (flags & (SUPPRESS_RECEIPT | GENERATE_RECEIPT_ONLY)));
}

HRESULT MessageObject::GetRecipientTable(ULONG flags, LPMAPITABLE *table) {
    if (!clear(table))
        return MAPI_E_INVALID_PARAMETER;
    return guarded([&]() -> HRESULT {
        *table = recipient_table(*this, flags);
        return S_OK;
    });
}

HRESULT MessageObject::ModifyRecipients(ULONG flags, LPADRLIST list) {
    return guarded([&]() -> HRESULT {
        require(list && flags <= MODRECIP_REMOVE, MAPI_E_INVALID_PARAMETER);
        require(changes, MAPI_E_NO_ACCESS);
        std::vector<Properties> rows;
        for (ULONG i = 0; i < list->cEntries; ++i)
            rows.push_back(read_recipient(list->aEntries[i]));
        Turn turn(*mailbox);
        Content changed;
        changed.recipients = content.recipients;
        changed.next_row = content.next_row;
        if (flags == 0)
            changed.recipients.clear();
        for (const Properties &row : rows) {
            if (flags & (MODRECIP_MODIFY | MODRECIP_REMOVE))
                change_recipient(changed, row, flags & MODRECIP_REMOVE);
            else
                add_recipient(changed, row);
        }
        if (makes(Mistake::recipients_numbered_anew))
            for (Recipient &recipient : changed.recipients)
                recipient.row = changed.next_row++;
        content.recipients = changed.recipients;
        content.next_row = changed.next_row;
        return S_OK;
    });
}

HRESULT MessageObject::GetAttachmentTable(ULONG flags, LPMAPITABLE *table) {
    if (!clear(table))
        return MAPI_E_INVALID_PARAMETER;
    return guarded([&]() -> HRESULT {
        *table = attachment_table(*this, flags);
        return S_OK;
    });
}

HRESULT MessageObject::OpenAttach(ULONG number, LPCIID iid, ULONG flags, LPATTACH *attachment) {
    if (!clear(attachment))
        return MAPI_E_INVALID_PARAMETER;
    return guarded([&]() -> HRESULT {
        require(!iid || *iid == IID_IAttachment || *iid == IID_IMAPIProp || *iid == IID_IUnknown,
                MAPI_E_INTERFACE_NOT_SUPPORTED);
        require(!(flags & MAPI_MODIFY) || changes, MAPI_E_NO_ACCESS);
        Turn turn(*mailbox);
        for (const Attachment &there : content.attachments) {
            if (there.number != number)
                continue;
            const bool for_changes = changes && (flags & (MAPI_MODIFY | MAPI_BEST_ACCESS));
            *attachment = new AttachmentObject(*this, there, for_changes);
            return S_OK;
        }
        return MAPI_E_NOT_FOUND;
    });
}

HRESULT MessageObject::CreateAttach(LPCIID iid, ULONG, ULONG *number, LPATTACH *attachment) {
    if (!clear(number, attachment))
        return MAPI_E_INVALID_PARAMETER;
    return guarded([&]() -> HRESULT {
        require(!iid || *iid == IID_IAttachment || *iid == IID_IMAPIProp || *iid == IID_IUnknown,
                MAPI_E_INTERFACE_NOT_SUPPORTED);
        require(changes, MAPI_E_NO_ACCESS);
        Turn turn(*mailbox);
        Attachment made{content.next_attachment++, {}, nullptr};
        made.properties[PROP_ID(PR_RECORD_KEY)] = bytes_value(key_of(new_id()));
        made.properties[PROP_ID(PR_ATTACH_METHOD)] = number_value(NO_ATTACHMENT);
        made.properties[PROP_ID(PR_RENDERING_POSITION)] = number_value(-1);
        if (makes(Mistake::attachment_shown_at_once))
            put(turn, made);
        *number = made.number;
        *attachment = new AttachmentObject(*this, made, true);
        return S_OK;
    });
}

HRESULT MessageObject::DeleteAttach(ULONG number, ULONG, LPMAPIPROGRESS, ULONG) {
    return guarded([&]() -> HRESULT {
        require(changes, MAPI_E_NO_ACCESS);
        Turn turn(*mailbox);
        auto &all = content.attachments;
        const auto is_it = [&](const Attachment &one) { return one.number == number; };
        const auto there = std::find_if(all.begin(), all.end(), is_it);
        require(there != all.end(), MAPI_E_NOT_FOUND);
        all.erase(there);
        return S_OK;
    });
}

// STORE-04: the mask has no STORE_SUBMIT_OK.
HRESULT MessageObject::SubmitMessage(ULONG) { return unsupported(); }

// Receipts would have to be sent, so there are none.
HRESULT MessageObject::SetReadFlag(ULONG flags) {
    return guarded([&]() -> HRESULT {
        require(are_read_flags(flags), MAPI_E_INVALID_PARAMETER);
        Turn turn(*mailbox);
        if (!(flags & GENERATE_RECEIPT_ONLY) && !owner)
            mailbox->mark_read(turn, id, !(flags & CLEAR_READ_FLAG));
        return S_OK;
    });
}
