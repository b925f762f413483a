// Where mail arrives, by its class.
#include "mailbox.h"

#include "../object.h"

#include <cwctype>

namespace {

std::wstring in_capitals(std::wstring text) {
    for (WCHAR &letter : text)
        letter = static_cast<WCHAR>(std::towupper(letter));
    return text;
}

} // namespace

void Mailbox::set_receive_folder(Turn &turn, const std::wstring &message_class, Id id) {
    const std::wstring name = in_capitals(message_class);
    if (id == 0) {
        // Something must be left for mail of any class.
        require(!name.empty(), MAPI_E_INVALID_PARAMETER);
        classes.erase(name);
        return;
    }
    folder(turn, id);
    const auto there = classes.find(name);
    const Id key = there == classes.end() ? new_id() : there->second.key;
    classes[name] = {key, id};
}

// The longest class that the given one begins with, at a dot.
Id Mailbox::receive_folder(Turn &, const std::wstring &message_class, std::wstring &found) const {
    found = message_class;
    for (;;) {
        const auto place = classes.find(in_capitals(found));
        if (place != classes.end())
            return place->second.folder;
        const size_t dot = found.rfind(L'.');
        found.resize(dot == std::wstring::npos ? 0 : dot);
    }
}

Rows Mailbox::receive_folders(Turn &) const {
    Rows rows;
    for (const auto &[name, place] : classes) {
        Row row;
        row.key = key_of(place.key);
        const Bytes entry_id = entry_id_of(Kind::folder, place.folder);
        row.properties[PROP_ID(PR_MESSAGE_CLASS_W)] = text_value(name);
        row.properties[PROP_ID(PR_ENTRYID)] = bytes_value(entry_id);
        row.properties[PROP_ID(PR_RECORD_KEY)] = bytes_value(entry_id);
        row.properties[PROP_ID(PR_INSTANCE_KEY)] = bytes_value(row.key);
        rows.push_back(row);
    }
    return rows;
}
