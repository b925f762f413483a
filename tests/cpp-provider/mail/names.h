// Named properties: one map for the whole mailbox.
#pragma once

#include "value.h"

#include <tuple>

struct Name {
    Bytes set; // a GUID
    ULONG kind = MNID_ID;
    LONG number = 0;
    std::wstring text;

    bool operator<(const Name &other) const {
        return std::tie(set, kind, number, text) < std::tie(other.set, other.kind, other.number, other.text);
    }
};

// Reads a caller's name; refuses what is none.
Name read_name(const MAPINAMEID *given);

class Names {
public:
    // The ID of a name: 0 if it has none and isn't to get one.
    ULONG id_of(const Name &name, bool create);
    // The name of an ID; NULL if it has none.
    const Name *name_of(ULONG id) const;
    // All IDs that have names of this set, or of any if it is empty.
    std::vector<ULONG> ids_of(const Bytes &set) const;

private:
    std::map<Name, ULONG> ids;
    std::vector<Name> names; // in the order of their IDs
};
