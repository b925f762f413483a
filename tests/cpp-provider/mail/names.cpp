#include "names.h"

#include "../object.h"

namespace {

const ULONG FIRST_NAMED = 0x8000, LAST_NAMED = 0xFFFE;

Bytes bytes_of(const GUID &guid) {
    const auto *const first = reinterpret_cast<const BYTE *>(&guid);
    return {first, first + sizeof guid};
}

} // namespace

Name read_name(const MAPINAMEID *given) {
    require(given && given->lpguid, MAPI_E_INVALID_PARAMETER);
    Name name;
    name.set = bytes_of(*given->lpguid);
    name.kind = given->ulKind;
    if (name.kind == MNID_ID) {
        name.number = given->Kind.lID;
    } else {
        require(name.kind == MNID_STRING && given->Kind.lpwstrName, MAPI_E_INVALID_PARAMETER);
        name.text = given->Kind.lpwstrName;
    }
    return name;
}

ULONG Names::id_of(const Name &name, bool create) {
    // These name the properties that have no names.
    if (name.set == bytes_of(PS_MAPI) && name.kind == MNID_ID)
        return name.number > 0 && name.number < LONG(FIRST_NAMED) ? name.number : 0;
    const auto found = ids.find(name);
    if (found != ids.end())
        return found->second;
    if (!create)
        return 0;
    const ULONG id = FIRST_NAMED + static_cast<ULONG>(names.size());
    require(id <= LAST_NAMED, MAPI_E_NOT_ENOUGH_RESOURCES);
    names.push_back(name);
    ids[name] = id;
    return id;
}

const Name *Names::name_of(ULONG id) const {
    return id >= FIRST_NAMED && id - FIRST_NAMED < names.size() ? &names[id - FIRST_NAMED] : nullptr;
}

std::vector<ULONG> Names::ids_of(const Bytes &set) const {
    std::vector<ULONG> found;
    for (size_t i = 0; i < names.size(); ++i)
        if (set.empty() || names[i].set == set)
            found.push_back(FIRST_NAMED + static_cast<ULONG>(i));
    return found;
}
