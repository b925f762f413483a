// A table: one class for all, over rows that come from somewhere.
#pragma once

#include "condition.h"
#include "difference.h"
#include "order.h"
#include "prop_object.h"
#include "../ref.h"

#include <optional>

// Where a table has its rows from.
struct RowSource {
    std::vector<ULONG> columns; // unless the caller sets others
    // All rows, in the order in which they are shown unless the caller sorts them.
    std::function<Rows(Turn &)> rows;
    // Whether a change may have changed the rows.
    std::function<bool(const Change &)> is_changed_by;
};

class Table : public Object<IMAPITable> {
public:
    // The flags say in which width text is.
    Table(const Allocators &allocators, const std::shared_ptr<Mailbox> &mailbox, const RowSource &source, ULONG flags);
    MAPI_IMAPITABLE_METHODS(override)

protected:
    ~Table() override;
    void *find(REFIID iid) override;

private:
    // A place before a row, or at the end. It stays with its row.
    struct Place {
        size_t index = 0;
        bool row_is_gone = false;
    };
    // Somebody who hears of changes, and the rows that were told to be there.
    struct Follower {
        Ref<IMAPIAdviseSink> sink;
        Rows told;
    };

    Rows read(Turn &turn) const;
    void refresh(Turn &turn);
    void begin_anew(Turn &turn);
    void move_places(const Rows &now);
    size_t origin(BOOKMARK bookmark, bool &row_is_gone);
    void go_to(size_t index) { cursor = {index, false}; }
    SRow give_row(const Row &row, Buffer &buffer, SPropValue *values) const;
    // Table events.
    void follow(Follower &follower);
    bool looks_the_same(const Row &one, const Row &other) const;

    const Allocators allocators;
    const std::shared_ptr<Mailbox> mailbox;
    const RowSource source;
    const ULONG flags;

    // What follows is used within a turn.
    std::vector<ULONG> columns;
    std::optional<Condition> restriction;
    Order order;
    Rows rows; // when somebody last looked
    Place cursor;
    std::map<ULONG, Place> bookmarks;
    ULONG last_bookmark = BOOKMARK_END;
    std::map<ULONG, std::shared_ptr<Follower>> followers;
};
