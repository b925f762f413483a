#include "tables.h"

#include "message_object.h"

#include <algorithm>

namespace {

const std::vector<ULONG> CONTENTS_COLUMNS = {
    PR_ENTRYID,          PR_INSTANCE_KEY,     PR_RECORD_KEY,   PR_PARENT_ENTRYID,        PR_OBJECT_TYPE,
    PR_MESSAGE_CLASS_W,  PR_MESSAGE_FLAGS,    PR_MESSAGE_SIZE, PR_MESSAGE_DELIVERY_TIME, PR_CLIENT_SUBMIT_TIME,
    PR_SUBJECT_W,        PR_NORMALIZED_SUBJECT_W, PR_SENDER_NAME_W, PR_DISPLAY_TO_W,     PR_DISPLAY_CC_W,
    PR_IMPORTANCE,       PR_PRIORITY,         PR_SENSITIVITY,  PR_HASATTACH,             PR_MSG_STATUS,
    PR_LAST_MODIFICATION_TIME, PR_ROW_TYPE,   PR_STORE_ENTRYID, PR_STORE_RECORD_KEY,     PR_MAPPING_SIGNATURE,
};
const std::vector<ULONG> HIERARCHY_COLUMNS = {
    PR_DISPLAY_NAME_W, PR_ENTRYID,    PR_INSTANCE_KEY,  PR_OBJECT_TYPE,    PR_DEPTH,
    PR_FOLDER_TYPE,    PR_SUBFOLDERS, PR_RECORD_KEY,    PR_PARENT_ENTRYID, PR_COMMENT_W,
    PR_CONTENT_COUNT,  PR_CONTENT_UNREAD, PR_CONTAINER_CLASS_W,
};
const std::vector<ULONG> RECEIVE_FOLDER_COLUMNS = {PR_ENTRYID, PR_MESSAGE_CLASS_W, PR_RECORD_KEY, PR_INSTANCE_KEY};
const std::vector<ULONG> RECIPIENT_COLUMNS = {
    PR_ROWID,         PR_RECIPIENT_TYPE, PR_DISPLAY_NAME_W, PR_ADDRTYPE_W, PR_EMAIL_ADDRESS_W,
    PR_ENTRYID,       PR_SEARCH_KEY,     PR_OBJECT_TYPE,    PR_DISPLAY_TYPE, PR_RESPONSIBILITY,
    PR_INSTANCE_KEY,
};
const std::vector<ULONG> ATTACHMENT_COLUMNS = {
    PR_ATTACH_NUM,   PR_INSTANCE_KEY,      PR_RECORD_KEY, PR_RENDERING_POSITION,
    PR_ATTACH_SIZE,  PR_ATTACH_FILENAME_W, PR_ATTACH_METHOD, PR_ATTACH_LONG_FILENAME_W,
};

bool never_changed(const Change &) { return false; }

IMAPITable *make_table(const Bag &bag, const RowSource &source, ULONG flags) {
    return new Table(bag.allocators, bag.mailbox, source, flags);
}

} // namespace

IMAPITable *contents_table(FolderObject &object, ULONG flags) {
    const Id folder = object.id;
    const std::shared_ptr<Mailbox> mailbox = object.mailbox;
    const bool associated = flags & MAPI_ASSOCIATED;
    const auto is_changed = [folder](const Change &change) {
        return change.kind == Kind::message && (change.parent == folder || change.old_parent == folder);
    };
    const auto rows = [mailbox, folder, associated](Turn &turn) { return mailbox->contents(turn, folder, associated); };
    {
        Turn turn(*mailbox);
        mailbox->folder(turn, folder);
    }
    return make_table(object, {CONTENTS_COLUMNS, rows, is_changed}, flags);
}

IMAPITable *hierarchy_table(FolderObject &object, ULONG flags) {
    const Id folder = object.id;
    const std::shared_ptr<Mailbox> mailbox = object.mailbox;
    const bool deep = flags & CONVENIENT_DEPTH;
    const auto is_changed = [](const Change &change) { return change.kind == Kind::folder; };
    // The first level is 1, as in Microsoft's own tables.
    const auto rows = [mailbox, folder, deep](Turn &turn) { return mailbox->hierarchy(turn, folder, deep, 1); };
    {
        Turn turn(*mailbox);
        mailbox->folder(turn, folder);
    }
    return make_table(object, {HIERARCHY_COLUMNS, rows, is_changed}, flags);
}

IMAPITable *receive_folder_table(const Bag &store, ULONG flags) {
    const std::shared_ptr<Mailbox> mailbox = store.mailbox;
    const auto rows = [mailbox](Turn &turn) { return mailbox->receive_folders(turn); };
    return make_table(store, {RECEIVE_FOLDER_COLUMNS, rows, never_changed}, flags);
}

IMAPITable *recipient_table(MessageObject &message, ULONG flags) {
    const Ref<MessageObject> kept = Ref<MessageObject>::share(&message);
    const auto rows = [kept](Turn &) {
        Rows rows;
        for (const Recipient &recipient : kept->content.recipients) {
            Row row{key_of(recipient.row), recipient.properties, nullptr};
            row.properties[PROP_ID(PR_ROWID)] = number_value(static_cast<LONG>(recipient.row));
            row.properties[PROP_ID(PR_INSTANCE_KEY)] = bytes_value(row.key);
            rows.push_back(row);
        }
        return rows;
    };
    return make_table(message, {RECIPIENT_COLUMNS, rows, never_changed}, flags);
}

IMAPITable *attachment_table(MessageObject &message, ULONG flags) {
    const Ref<MessageObject> kept = Ref<MessageObject>::share(&message);
    const auto rows = [kept](Turn &) {
        Rows rows;
        for (const Attachment &attachment : kept->content.attachments) {
            Row row{key_of(attachment.number), attachment_properties(*kept.get(), attachment), nullptr};
            row.properties[PROP_ID(PR_INSTANCE_KEY)] = bytes_value(row.key);
            rows.push_back(row);
        }
        const auto position = [](const Row &row) { return number_of(row.properties, PR_RENDERING_POSITION); };
        std::stable_sort(rows.begin(), rows.end(),
                         [&](const Row &one, const Row &other) { return position(one) < position(other); });
        return rows;
    };
    return make_table(message, {ATTACHMENT_COLUMNS, rows, never_changed}, flags);
}
