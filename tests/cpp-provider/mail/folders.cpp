// The folders of a mailbox: what they have, and what is done to them.
#include "mailbox.h"

#include "../object.h"

#include <algorithm>

namespace {

// What only the store works out, and what is named otherwise than by SetProps.
const ULONG COMPUTED_OF_FOLDERS[] = {
    PR_ENTRYID, PR_PARENT_ENTRYID, PR_RECORD_KEY, PR_SEARCH_KEY, PR_STORE_ENTRYID, PR_STORE_RECORD_KEY,
    PR_STORE_SUPPORT_MASK, PR_MAPPING_SIGNATURE, PR_MDB_PROVIDER, PR_OBJECT_TYPE, PR_FOLDER_TYPE, PR_CONTENT_COUNT,
    PR_CONTENT_UNREAD, PR_ASSOC_CONTENT_COUNT, PR_SUBFOLDERS, PR_ACCESS, PR_ACCESS_LEVEL, PR_CONTAINER_CONTENTS,
    PR_CONTAINER_HIERARCHY, PR_FOLDER_ASSOCIATED_CONTENTS, PR_INSTANCE_KEY, PR_DEPTH,
};

bool is_computed_of_folders(ULONG tag) {
    const auto is_it = [&](ULONG computed) { return PROP_ID(computed) == PROP_ID(tag); };
    return std::any_of(std::begin(COMPUTED_OF_FOLDERS), std::end(COMPUTED_OF_FOLDERS), is_it);
}

const LONG ALL_OF_A_FOLDER = MAPI_ACCESS_MODIFY | MAPI_ACCESS_READ | MAPI_ACCESS_DELETE | MAPI_ACCESS_CREATE_HIERARCHY |
                             MAPI_ACCESS_CREATE_CONTENTS | MAPI_ACCESS_CREATE_ASSOCIATED;

} // namespace

Id Mailbox::add_folder(Id parent, const WCHAR *name) {
    const Id id = new_id();
    Folder folder{parent, {}};
    folder.properties[PROP_ID(PR_DISPLAY_NAME_W)] = text_value(name);
    folder.properties[PROP_ID(PR_CREATION_TIME)] = time_value(now());
    folder.properties[PROP_ID(PR_LAST_MODIFICATION_TIME)] = time_value(now());
    folders[id] = folder;
    return id;
}

const Folder &Mailbox::folder(Turn &, Id id) const {
    const auto found = folders.find(id);
    require(found != folders.end(), MAPI_E_NOT_FOUND);
    return found->second;
}

bool Mailbox::is_special(Id id) const {
    const SpecialFolders &all = special;
    for (const Id one : {all.root, all.subtree, all.inbox, all.outbox, all.deleted, all.sent, all.views, all.common_views,
                         all.finder})
        if (one == id)
            return true;
    return false;
}

std::vector<Id> Mailbox::children(Id parent) const {
    std::vector<Id> found;
    for (const auto &[id, folder] : folders)
        if (folder.parent == parent)
            found.push_back(id);
    return found;
}

Id Mailbox::child_named(Id parent, const std::wstring &name) const {
    for (const Id child : children(parent))
        if (_wcsicmp(text_of(folders.at(child).properties, PR_DISPLAY_NAME_W).c_str(), name.c_str()) == 0)
            return child;
    return 0;
}

// Whether a folder is another one, or somewhere below it.
bool Mailbox::is_within(Id id, Id other) const {
    for (; id != 0; id = folders.at(id).parent)
        if (id == other)
            return true;
    return false;
}

Properties Mailbox::folder_properties(Turn &turn, Id id) const {
    const Folder &own = folder(turn, id);
    Properties properties = own.properties;
    add_common(properties);
    const Bytes entry_id = entry_id_of(Kind::folder, id);
    // The root is its own parent.
    const Bytes parent = entry_id_of(Kind::folder, own.parent ? own.parent : id);
    LONG count = 0, unread = 0, associated = 0;
    for (const auto &[number, message] : messages) {
        if (message.folder != id)
            continue;
        ++(message.associated ? associated : count);
        if (!message.associated && !(message.flags & MSGFLAG_READ) && !makes(Mistake::unread_not_counted))
            ++unread;
    }
    properties[PROP_ID(PR_ENTRYID)] = bytes_value(entry_id);
    properties[PROP_ID(PR_RECORD_KEY)] = bytes_value(entry_id);
    properties[PROP_ID(PR_SEARCH_KEY)] = bytes_value(key_of(id));
    properties[PROP_ID(PR_PARENT_ENTRYID)] = bytes_value(parent);
    properties[PROP_ID(PR_OBJECT_TYPE)] = number_value(MAPI_FOLDER);
    properties[PROP_ID(PR_FOLDER_TYPE)] = number_value(own.parent ? FOLDER_GENERIC : FOLDER_ROOT);
    properties[PROP_ID(PR_CONTENT_COUNT)] = number_value(count);
    properties[PROP_ID(PR_CONTENT_UNREAD)] = number_value(unread);
    properties[PROP_ID(PR_ASSOC_CONTENT_COUNT)] = number_value(associated);
    properties[PROP_ID(PR_SUBFOLDERS)] = truth_value(!children(id).empty());
    properties[PROP_ID(PR_ACCESS)] = number_value(ALL_OF_A_FOLDER);
    properties[PROP_ID(PR_ACCESS_LEVEL)] = number_value(MAPI_MODIFY);
    for (const ULONG tag : {PR_CONTAINER_CONTENTS, PR_CONTAINER_HIERARCHY, PR_FOLDER_ASSOCIATED_CONTENTS})
        properties[PROP_ID(tag)] = object_value();
    return properties;
}

HRESULT Mailbox::set_folder_property(Turn &turn, Id id, ULONG tag, const Value &value) {
    const Id parent = folder(turn, id).parent;
    if (is_computed_of_folders(tag))
        return MAPI_E_COMPUTED;
    if (PROP_ID(tag) == PROP_ID(PR_DISPLAY_NAME)) {
        if (!is_text(PROP_TYPE(tag)) || value.text.empty())
            return MAPI_E_INVALID_PARAMETER;
        const Id other = child_named(parent, value.text);
        if (other != 0 && other != id)
            return MAPI_E_COLLISION;
    }
    folders[id].properties[PROP_ID(tag)] = value;
    folders[id].properties[PROP_ID(PR_LAST_MODIFICATION_TIME)] = time_value(now());
    modified(turn, Kind::folder, id, parent);
    return S_OK;
}

HRESULT Mailbox::remove_folder_property(Turn &turn, Id id, ULONG tag) {
    const Id parent = folder(turn, id).parent;
    if (is_computed_of_folders(tag) || PROP_ID(tag) == PROP_ID(PR_DISPLAY_NAME))
        return MAPI_E_COMPUTED;
    if (folders[id].properties.erase(PROP_ID(tag)))
        modified(turn, Kind::folder, id, parent);
    return S_OK;
}

Id Mailbox::create_folder(Turn &turn, Id parent, const std::wstring &name, const Properties &properties,
                          bool open_if_exists) {
    folder(turn, parent);
    require(!name.empty(), MAPI_E_INVALID_PARAMETER);
    if (const Id other = child_named(parent, name)) {
        require(open_if_exists, MAPI_E_COLLISION);
        return other;
    }
    const Id id = add_folder(parent, name.c_str());
    for (const auto &property : properties)
        if (!is_computed_of_folders(tag_of(property)) && property.first != PROP_ID(PR_DISPLAY_NAME))
            folders[id].properties.insert(property);
    turn.changed({fnevObjectCreated, Kind::folder, id, parent});
    modified(turn, Kind::folder, parent, folders[parent].parent);
    return id;
}

void Mailbox::move_folder(Turn &turn, Id id, Id parent, const std::wstring &name) {
    const Id old_parent = folder(turn, id).parent;
    folder(turn, parent);
    require(!is_special(id), MAPI_E_NO_ACCESS);
    require(!is_within(parent, id), MAPI_E_FOLDER_CYCLE);
    const Id other = child_named(parent, name);
    require(other == 0 || other == id, MAPI_E_COLLISION);
    folders[id].parent = parent;
    folders[id].properties[PROP_ID(PR_DISPLAY_NAME_W)] = text_value(name);
    turn.changed({fnevObjectMoved, Kind::folder, id, parent, id, old_parent});
}

void Mailbox::copy_folder(Turn &turn, Id id, Id parent, const std::wstring &name, bool with_folders) {
    folder(turn, parent);
    require(!is_within(parent, id), MAPI_E_FOLDER_CYCLE);
    const Properties properties = folder(turn, id).properties;
    const std::vector<Id> below = children(id);
    const Id copy = create_folder(turn, parent, name, properties, false);
    for (const bool associated : {false, true})
        for (const Id message : messages_in(turn, id, associated))
            copy_message(turn, message, copy);
    if (!with_folders)
        return;
    for (const Id child : below)
        copy_folder(turn, child, copy, text_of(folders[child].properties, PR_DISPLAY_NAME_W), true);
}

void Mailbox::delete_folder(Turn &turn, Id id, ULONG flags) {
    folder(turn, id);
    require(!is_special(id), MAPI_E_NO_ACCESS);
    flags |= makes(Mistake::deleted_with_contents) ? DEL_MESSAGES | DEL_FOLDERS : 0;
    require(messages_in(turn, id, false).empty() || (flags & DEL_MESSAGES), MAPI_E_HAS_MESSAGES);
    require(children(id).empty() || (flags & DEL_FOLDERS), MAPI_E_HAS_FOLDERS);
    drop_folder(turn, id);
}

// Deletes a folder with all that is in it.
void Mailbox::drop_folder(Turn &turn, Id id) {
    empty_folder(turn, id, true);
    const Id parent = folders[id].parent;
    folders.erase(id);
    for (auto place = classes.begin(); place != classes.end();)
        place = place->second.folder == id ? classes.erase(place) : std::next(place);
    turn.changed({fnevObjectDeleted, Kind::folder, id, parent});
}

void Mailbox::empty_folder(Turn &turn, Id id, bool with_associated) {
    folder(turn, id);
    for (const Id child : children(id))
        drop_folder(turn, child);
    for (const Id message : messages_in(turn, id, false))
        delete_message(turn, message);
    if (with_associated)
        for (const Id message : messages_in(turn, id, true))
            delete_message(turn, message);
}

// A folder that is deleted has no rows.
Rows Mailbox::hierarchy(Turn &turn, Id parent, bool deep, LONG depth) const {
    Rows rows;
    for (const Id child : children(parent)) {
        Row row{key_of(child), folder_properties(turn, child), nullptr};
        row.properties[PROP_ID(PR_INSTANCE_KEY)] = bytes_value(row.key);
        row.properties[PROP_ID(PR_DEPTH)] = number_value(depth);
        rows.push_back(row);
        if (!deep)
            continue;
        const Rows below = hierarchy(turn, child, true, depth + 1);
        rows.insert(rows.end(), below.begin(), below.end());
    }
    return rows;
}
