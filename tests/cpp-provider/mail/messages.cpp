// The messages of a mailbox: how they come, change and go.
#include "mailbox.h"

#include "../object.h"
#include "computed.h"

#include <algorithm>

const Message &Mailbox::message(Turn &, Id id) const {
    const auto found = messages.find(id);
    require(found != messages.end(), MAPI_E_NOT_FOUND);
    return found->second;
}

std::vector<Id> Mailbox::messages_in(Turn &, Id folder, bool associated) const {
    std::vector<Id> found;
    for (const auto &[id, message] : messages)
        if (message.folder == folder && message.associated == associated)
            found.push_back(id);
    return found;
}

Properties Mailbox::message_properties(Turn &turn, Id id) const {
    const Message &own = message(turn, id);
    Properties properties = computed_properties(id, own, *own.content);
    add_common(properties);
    return properties;
}

Rows Mailbox::contents(Turn &turn, Id id, bool associated) const {
    Rows rows;
    for (const Id message : messages_in(turn, id, associated)) {
        Row row{key_of(message), message_properties(turn, message), messages.at(message).content};
        row.properties[PROP_ID(PR_INSTANCE_KEY)] = bytes_value(row.key);
        row.properties[PROP_ID(PR_ROW_TYPE)] = number_value(TBL_LEAF_ROW);
        row.properties[PROP_ID(PR_DEPTH)] = number_value(0);
        rows.push_back(row);
    }
    return rows;
}

void Mailbox::save_message(Turn &turn, Id id, const Message &saved, const std::shared_ptr<const Content> &base,
                           bool force) {
    const auto there = messages.find(id);
    const bool is_new = !base;
    require(is_new ? has_folder(turn, saved.folder) : there != messages.end(), MAPI_E_OBJECT_DELETED);
    if (is_new) {
        messages[id] = saved;
        turn.changed({fnevObjectCreated, Kind::message, id, saved.folder});
        modified(turn, Kind::folder, saved.folder, folders[saved.folder].parent);
        return;
    }
    Message &own = there->second;
    const bool changed = own.content != base;
    require(!changed || force || makes(Mistake::last_save_wins), MAPI_E_OBJECT_CHANGED);
    own.content = saved.content;
    own.flags &= ~MSGFLAG_UNMODIFIED;
    modified(turn, Kind::message, id, own.folder);
}

void Mailbox::copy_message(Turn &turn, Id id, Id target) {
    folder(turn, target);
    Message copy = message(turn, id);
    const Id copy_id = new_id(), old_folder = copy.folder;
    copy.folder = target;
    copy.status = 0;
    messages[copy_id] = copy;
    turn.changed({fnevObjectCopied, Kind::message, copy_id, target, id, old_folder});
    modified(turn, Kind::folder, target, folders[target].parent);
}

void Mailbox::move_message(Turn &turn, Id id, Id target) {
    folder(turn, target);
    const Id old_folder = message(turn, id).folder;
    messages[id].folder = target;
    if (makes(Mistake::move_told_as_deletion)) {
        turn.changed({fnevObjectDeleted, Kind::message, id, old_folder});
        turn.changed({fnevObjectCreated, Kind::message, id, target});
    } else {
        turn.changed({fnevObjectMoved, Kind::message, id, target, id, old_folder});
    }
    for (const Id parent : {old_folder, target})
        modified(turn, Kind::folder, parent, folders[parent].parent);
}

void Mailbox::delete_message(Turn &turn, Id id) {
    const Id parent = message(turn, id).folder;
    messages.erase(id);
    turn.changed({fnevObjectDeleted, Kind::message, id, parent});
    modified(turn, Kind::folder, parent, folders[parent].parent);
}

// A mark is no new content, so nobody's save is in its way.
void Mailbox::mark_read(Turn &turn, Id id, bool read) {
    message(turn, id);
    Message &own = messages[id];
    const ULONG flags = read ? own.flags | MSGFLAG_READ : own.flags & ~MSGFLAG_READ;
    if (own.associated || flags == own.flags)
        return;
    own.flags = flags;
    if (makes(Mistake::mark_is_a_save))
        own.content = std::make_shared<const Content>(*own.content);
    modified(turn, Kind::message, id, own.folder);
    modified(turn, Kind::folder, own.folder, folders[own.folder].parent);
}

ULONG Mailbox::set_status(Turn &turn, Id id, ULONG status, ULONG mask) {
    message(turn, id);
    Message &own = messages[id];
    const ULONG old = own.status;
    own.status = (old & ~mask) | (status & mask);
    if (own.status != old)
        modified(turn, Kind::message, id, own.folder);
    return old;
}
