// What a table tells of its rows.
#include "exchange.h"
#include "table.h"

#include <algorithm>

namespace {

// So many changes at once are told as one: read the table again.
const size_t MOST_EVENTS = 64;

SPropValue key_property(const Bytes &key) {
    SPropValue property = {};
    property.ulPropTag = PR_INSTANCE_KEY;
    property.Value.bin = {static_cast<ULONG>(key.size()), const_cast<BYTE *>(key.data())};
    return property;
}

} // namespace

HRESULT Table::Advise(ULONG, LPMAPIADVISESINK sink, ULONG *declared) {
    ULONG_PTR *const connection = connection_of(declared);
    if (!clear(connection) || !sink)
        return MAPI_E_INVALID_PARAMETER;
    return guarded([&]() -> HRESULT {
        const auto follower = std::make_shared<Follower>();
        follower->sink = Ref<IMAPIAdviseSink>::share(sink);
        Turn turn(*mailbox);
        follower->told = read(turn);
        const ULONG number = mailbox->announcer.add([this, follower](const Change &change) {
            // A table whose last reference is gone waits for this to end.
            if (!source.is_changed_by(change) || !add_ref_unless_gone())
                return;
            const Ref<Table> self = Ref<Table>::adopt(this);
            follow(*follower);
        });
        followers[number] = follower;
        *connection = number;
        return S_OK;
    });
}

HRESULT Table::Unadvise(ULONG connection) {
    return guarded([&]() -> HRESULT {
        std::shared_ptr<Follower> last_use;
        {
            Turn turn(*mailbox);
            const auto found = followers.find(connection);
            require(found != followers.end(), MAPI_E_NOT_FOUND);
            last_use = found->second;
            followers.erase(found);
        }
        mailbox->announcer.remove(connection);
        return S_OK;
    });
}

// Whether a client sees no difference in the columns of the moment.
bool Table::looks_the_same(const Row &one, const Row &other) const {
    const auto is_same = [&](ULONG column) {
        const Value *const a = value_of(one.properties, column);
        const Value *const b = value_of(other.properties, column);
        return a && b ? *a == *b : a == b;
    };
    return std::all_of(columns.begin(), columns.end(), is_same);
}

void Table::follow(Follower &follower) {
    Rows told, now;
    std::vector<RowEvent> events;
    std::vector<std::unique_ptr<Buffer>> buffers;
    std::vector<NOTIFICATION> notifications;
    {
        Turn turn(*mailbox);
        now = read(turn);
        told = std::exchange(follower.told, now);
        events = difference(told, now, [&](const Row &a, const Row &b) { return looks_the_same(a, b); });
        if (events.empty())
            return;
        const bool too_many = events.size() > MOST_EVENTS;
        if (too_many)
            events.assign(1, {TABLE_CHANGED, {}, nullptr, nullptr});
        for (const RowEvent &event : events) {
            NOTIFICATION notification = {};
            notification.ulEventType = fnevTableModified;
            TABLE_NOTIFICATION &table = notification.info.tab;
            table.ulTableEvent = event.kind;
            table.propIndex.ulPropTag = table.propPrior.ulPropTag = PR_NULL;
            if (event.kind != TABLE_CHANGED)
                table.propIndex = key_property(event.key);
            if (event.row_before)
                table.propPrior = key_property(event.row_before->key);
            if (event.row) {
                buffers.push_back(std::make_unique<Buffer>(allocators, sizeof(SPropValue) * columns.size()));
                Buffer &buffer = *buffers.back();
                table.row = give_row(*event.row, buffer, static_cast<SPropValue *>(buffer.get()));
            }
            notifications.push_back(notification);
        }
    }
    follower.sink->OnNotify(static_cast<ULONG>(notifications.size()), notifications.data());
}
