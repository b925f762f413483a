// A table's rows, columns and order.
#include "table.h"

#include "exchange.h"

#include <algorithm>

Table::Table(const Allocators &allocators, const std::shared_ptr<Mailbox> &mailbox, const RowSource &source, ULONG flags)
    : allocators(allocators), mailbox(mailbox), source(source), flags(flags), columns(source.columns) {}

Table::~Table() {
    for (const auto &follower : followers)
        mailbox->announcer.remove(follower.first);
}

void *Table::find(REFIID iid) {
    return iid == IID_IUnknown || iid == IID_IMAPITable ? static_cast<IMAPITable *>(this) : nullptr;
}

HRESULT Table::GetLastError(HRESULT, ULONG, LPMAPIERROR *error) { return clear(error) ? S_OK : MAPI_E_INVALID_PARAMETER; }

// The rows that there are, as they are shown.
Rows Table::read(Turn &turn) const {
    Rows now = source.rows(turn);
    const auto is_hidden = [&](const Row &row) { return restriction && !is_met(*restriction, row); };
    now.erase(std::remove_if(now.begin(), now.end(), is_hidden), now.end());
    now = rows_of_values(now, order);
    sort_rows(now, order);
    return now;
}

// Looks again, and keeps all places at their rows.
void Table::refresh(Turn &turn) {
    Rows now = read(turn);
    move_places(now);
    rows = std::move(now);
}

// A place whose row has gone is before the next row that is still there.
void Table::move_places(const Rows &now) {
    std::map<Bytes, size_t> places;
    for (size_t i = 0; i < now.size(); ++i)
        places[now[i].key] = i;
    const auto move = [&](Place &place) {
        for (size_t i = place.index; i < rows.size(); ++i) {
            const auto found = places.find(rows[i].key);
            if (found == places.end()) {
                place.row_is_gone = place.row_is_gone || i == place.index;
                continue;
            }
            place.index = found->second;
            return;
        }
        place.index = now.size();
    };
    // Who stands before all rows stands before those that come, too.
    if (cursor.index != 0)
        move(cursor);
    for (auto &bookmark : bookmarks)
        move(bookmark.second);
}

// After a sort or a restriction, the cursor is at the first row, and no bookmark is valid.
void Table::begin_anew(Turn &turn) {
    bookmarks.clear();
    go_to(0);
    rows = read(turn);
    // What is told from now on is told of these rows.
    for (auto &follower : followers)
        follower.second->told = rows;
}

HRESULT Table::GetStatus(ULONG *status, ULONG *type) {
    if (!clear(status, type))
        return MAPI_E_INVALID_PARAMETER;
    *status = TBLSTAT_COMPLETE;
    *type = TBLTYPE_DYNAMIC;
    return S_OK;
}

HRESULT Table::SetColumns(LPSPropTagArray tags, ULONG) {
    return guarded([&]() -> HRESULT {
        require(tags && tags->cValues, MAPI_E_INVALID_PARAMETER);
        const std::vector<ULONG> asked(tags->aulPropTag, tags->aulPropTag + tags->cValues);
        Turn turn(*mailbox);
        const auto can_be_shown = [&](ULONG tag) { return !is_value_tag(tag) || has_value_tag(order, tag); };
        require(std::all_of(asked.begin(), asked.end(), can_be_shown), MAPI_E_TOO_COMPLEX);
        columns = asked;
        return S_OK;
    });
}

HRESULT Table::QueryColumns(ULONG asked, LPSPropTagArray *tags) {
    if (!clear(tags))
        return MAPI_E_INVALID_PARAMETER;
    return guarded([&]() -> HRESULT {
        std::vector<ULONG> told;
        {
            Turn turn(*mailbox);
            told = asked & TBL_ALL_COLUMNS ? source.columns : columns;
            std::set<ULONG> known(told.begin(), told.end());
            if (asked & TBL_ALL_COLUMNS)
                for (const Row &row : source.rows(turn))
                    for (const auto &property : row.properties)
                        if (property.second.type != PT_OBJECT && known.insert(tag_of(property)).second)
                            told.push_back(tag_of(property));
        }
        *tags = give_tags(allocators, told);
        return S_OK;
    });
}

HRESULT Table::Restrict(LPSRestriction given, ULONG) {
    return guarded([&]() -> HRESULT {
        std::optional<Condition> condition;
        if (given)
            condition = read_condition(given);
        Turn turn(*mailbox);
        restriction = condition;
        begin_anew(turn);
        return S_OK;
    });
}

HRESULT Table::SortTable(LPSSortOrderSet given, ULONG) {
    return guarded([&]() -> HRESULT {
        const Order asked = read_order(given);
        Turn turn(*mailbox);
        order = asked;
        begin_anew(turn);
        return S_OK;
    });
}

HRESULT Table::QuerySortOrder(LPSSortOrderSet *out) {
    if (!clear(out))
        return MAPI_E_INVALID_PARAMETER;
    return guarded([&]() -> HRESULT {
        Order told;
        {
            Turn turn(*mailbox);
            told = order;
        }
        Buffer buffer(allocators, CbNewSSortOrderSet(std::max<size_t>(told.size(), 1)));
        auto *const set = static_cast<SSortOrderSet *>(buffer.get());
        *set = {};
        set->cSorts = static_cast<ULONG>(told.size());
        std::copy(told.begin(), told.end(), set->aSort);
        *out = static_cast<SSortOrderSet *>(buffer.hand_over());
        return S_OK;
    });
}

// Everything is done at once, so there is nothing to wait for or to break off.
HRESULT Table::WaitForCompletion(ULONG, ULONG, ULONG *status) {
    if (status)
        *status = TBLSTAT_COMPLETE;
    return S_OK;
}

HRESULT Table::Abort() { return S_OK; }

HRESULT Table::ExpandRow(ULONG, LPBYTE, ULONG, ULONG, LPSRowSet *set, ULONG *more) { return unsupported(set, more); }

HRESULT Table::CollapseRow(ULONG, LPBYTE, ULONG, ULONG *count) { return unsupported(count); }

HRESULT Table::GetCollapseState(ULONG, ULONG, LPBYTE, ULONG *size, LPBYTE *state) { return unsupported(size, state); }

HRESULT Table::SetCollapseState(ULONG, ULONG, LPBYTE, BOOKMARK *place) { return unsupported(place); }
