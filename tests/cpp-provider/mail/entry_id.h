// What folders and messages are called: by a number among ourselves, by an entry ID elsewhere.
#pragma once

#include "value.h"

// A number that nothing else has, in this mailbox or another one, now or later. 0 stands for none.
using Id = ULONGLONG;

Id new_id();

enum class Kind : BYTE { folder = 1, message = 2 };

// Long-term, and the only one that the object ever has.
Bytes entry_id_of(Kind kind, Id id);

// What an entry ID names. Refuses what is none of ours, or none at all.
struct Named {
    Kind kind;
    Id id;
};
Named read_entry_id(ULONG size, const void *bytes);

// A number as the bytes of a key.
Bytes key_of(Id id);

extern const MAPIUID PROVIDER_UID;
