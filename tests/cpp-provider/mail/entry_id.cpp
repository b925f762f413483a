#include "entry_id.h"

#include "../object.h"

#include <cstring>

const MAPIUID PROVIDER_UID = {
    {0x0c, 0x8e, 0x2b, 0x51, 0x6f, 0x3d, 0x47, 0x94, 0xa1, 0x5c, 0xd2, 0x70, 0x9b, 0x1e, 0x44, 0xf8}};

namespace {

const BYTE ENTRY_ID_VERSION = 1;

// Nothing but bytes, so it has no gaps.
struct EntryIdLayout {
    BYTE flags[4]; // all 0: long-term
    MAPIUID provider;
    BYTE version;
    BYTE kind;
    BYTE id[sizeof(Id)];
};

} // namespace

// The time is the start, so that a later process gives no number again.
Id new_id() {
    static std::atomic<Id> next{static_cast<Id>(time_value(now()).number)};
    return next++;
}

Bytes key_of(Id id) {
    Bytes key(sizeof id);
    std::memcpy(key.data(), &id, sizeof id);
    return key;
}

Bytes entry_id_of(Kind kind, Id id) {
    EntryIdLayout layout = {};
    layout.provider = PROVIDER_UID;
    layout.version = ENTRY_ID_VERSION;
    layout.kind = static_cast<BYTE>(kind);
    std::memcpy(layout.id, &id, sizeof id);
    const auto *const first = reinterpret_cast<const BYTE *>(&layout);
    return {first, first + sizeof layout};
}

Named read_entry_id(ULONG size, const void *bytes) {
    EntryIdLayout layout;
    require(bytes && size >= offsetof(EntryIdLayout, version), MAPI_E_INVALID_ENTRYID);
    std::memcpy(&layout, bytes, offsetof(EntryIdLayout, version));
    const bool ours = std::memcmp(&layout.provider, &PROVIDER_UID, sizeof PROVIDER_UID) == 0;
    require(ours || makes(Mistake::foreign_ids_opened), MAPI_E_UNKNOWN_ENTRYID);
    require(size == sizeof layout, MAPI_E_INVALID_ENTRYID);
    std::memcpy(&layout, bytes, sizeof layout);
    const bool known = layout.kind == static_cast<BYTE>(Kind::folder) || layout.kind == static_cast<BYTE>(Kind::message);
    require(layout.version == ENTRY_ID_VERSION && known, MAPI_E_INVALID_ENTRYID);
    Named named = {static_cast<Kind>(layout.kind), 0};
    std::memcpy(&named.id, layout.id, sizeof named.id);
    return named;
}
