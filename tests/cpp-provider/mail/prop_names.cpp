// Named properties, as an object's methods tell them.
#include "exchange.h"
#include "prop_object.h"

#include <cstring>

namespace {

// A name in a caller's memory.
MAPINAMEID *give_name(const Name &name, Buffer &buffer) {
    auto *const given = static_cast<MAPINAMEID *>(buffer.more(sizeof(MAPINAMEID)));
    *given = {};
    given->lpguid = static_cast<GUID *>(buffer.copy(name.set.data(), name.set.size()));
    given->ulKind = name.kind;
    if (name.kind == MNID_ID)
        given->Kind.lID = name.number;
    else
        given->Kind.lpwstrName = buffer.text(name.text);
    return given;
}

bool is_wanted(const Name *name, const Bytes &set, ULONG flags) {
    if (!name || (!set.empty() && name->set != set))
        return false;
    return !(flags & (name->kind == MNID_ID ? MAPI_NO_IDS : MAPI_NO_STRINGS));
}

} // namespace

HRESULT get_ids_from_names(Bag &bag, ULONG count, MAPINAMEID **given, ULONG flags, SPropTagArray **tags) {
    if (!clear(tags))
        return MAPI_E_INVALID_PARAMETER;
    return guarded([&]() -> HRESULT {
        // Nobody is told all names in this direction.
        require(count && given, MAPI_E_TOO_COMPLEX);
        std::vector<Name> names;
        for (ULONG i = 0; i < count; ++i)
            names.push_back(read_name(given[i]));
        std::vector<ULONG> found;
        bool whole = true;
        {
            Turn turn(*bag.mailbox);
            for (const Name &name : names) {
                const ULONG id = bag.mailbox->names.id_of(name, flags & MAPI_CREATE);
                found.push_back(id ? PROP_TAG(PT_UNSPECIFIED, id) : PROP_TAG(PT_ERROR, 0));
                whole = whole && id;
            }
        }
        *tags = give_tags(bag.allocators, found);
        return whole ? S_OK : MAPI_W_ERRORS_RETURNED;
    });
}

HRESULT get_names_from_ids(Bag &bag, SPropTagArray **tags, const GUID *set, ULONG flags, ULONG *count,
                           MAPINAMEID ***names) {
    if (!clear(count, names) || !tags)
        return MAPI_E_INVALID_PARAMETER;
    return guarded([&]() -> HRESULT {
        const auto *const first = reinterpret_cast<const BYTE *>(set);
        const Bytes of_set = set ? Bytes(first, first + sizeof *set) : Bytes();
        const bool asks_for_all = !*tags;
        std::vector<ULONG> ids;
        if (!asks_for_all)
            for (ULONG i = 0; i < (*tags)->cValues; ++i)
                ids.push_back(PROP_ID((*tags)->aulPropTag[i]));
        std::vector<Name> found;
        std::vector<bool> is_found;
        {
            Turn turn(*bag.mailbox);
            const Names &all = bag.mailbox->names;
            for (const ULONG id : asks_for_all ? all.ids_of(of_set) : std::vector<ULONG>(ids)) {
                const Name *const name = all.name_of(id);
                const bool wanted = asks_for_all ? is_wanted(name, of_set, flags) : name != nullptr;
                if (asks_for_all && !wanted)
                    continue;
                if (asks_for_all)
                    ids.push_back(id);
                found.push_back(wanted ? *name : Name());
                is_found.push_back(wanted);
            }
        }
        Buffer buffer(bag.allocators, sizeof(MAPINAMEID *) * (found.empty() ? 1 : found.size()));
        auto **const given = static_cast<MAPINAMEID **>(buffer.get());
        bool whole = true;
        for (size_t i = 0; i < found.size(); ++i) {
            given[i] = is_found[i] ? give_name(found[i], buffer) : nullptr;
            whole = whole && is_found[i];
        }
        if (asks_for_all) {
            std::vector<ULONG> told;
            for (const ULONG id : ids)
                told.push_back(PROP_TAG(PT_UNSPECIFIED, id));
            *tags = give_tags(bag.allocators, told);
        }
        *count = static_cast<ULONG>(found.size());
        *names = static_cast<MAPINAMEID **>(buffer.hand_over());
        return whole ? S_OK : MAPI_W_ERRORS_RETURNED;
    });
}
