// A table's cursor and bookmarks, and what is read where they stand.
#include "exchange.h"
#include "table.h"

#include <algorithm>

namespace {

const LONGLONG MOST_ROWS = 0x10000;

// A row that is read: each has memory of its own.
using RowBuffers = std::vector<std::unique_ptr<Buffer>>;

} // namespace

// The row before which a bookmark stands.
size_t Table::origin(BOOKMARK bookmark, bool &row_is_gone) {
    row_is_gone = false;
    if (bookmark == BOOKMARK_BEGINNING)
        return 0;
    if (bookmark == BOOKMARK_CURRENT)
        return cursor.index;
    if (bookmark == BOOKMARK_END)
        return rows.size();
    const auto found = bookmarks.find(bookmark);
    require(found != bookmarks.end(), MAPI_E_INVALID_BOOKMARK);
    row_is_gone = found->second.row_is_gone;
    found->second.row_is_gone = false; // told once
    return found->second.index;
}

HRESULT Table::GetRowCount(ULONG, ULONG *count) {
    if (!clear(count))
        return MAPI_E_INVALID_PARAMETER;
    return guarded([&]() -> HRESULT {
        Turn turn(*mailbox);
        refresh(turn);
        *count = static_cast<ULONG>(rows.size());
        return S_OK;
    });
}

HRESULT Table::SeekRow(BOOKMARK bookmark, LONG by, LONG *sought) {
    clear(sought);
    return guarded([&]() -> HRESULT {
        Turn turn(*mailbox);
        refresh(turn);
        bool row_is_gone;
        const LONGLONG from = static_cast<LONGLONG>(origin(bookmark, row_is_gone));
        const LONGLONG to = std::clamp<LONGLONG>(from + by, 0, static_cast<LONGLONG>(rows.size()));
        go_to(static_cast<size_t>(to));
        if (sought)
            *sought = static_cast<LONG>(to - from);
        return row_is_gone ? MAPI_W_POSITION_CHANGED : S_OK;
    });
}

HRESULT Table::SeekRowApprox(ULONG numerator, ULONG denominator) {
    return guarded([&]() -> HRESULT {
        require(denominator != 0, MAPI_E_INVALID_PARAMETER);
        Turn turn(*mailbox);
        refresh(turn);
        const ULONGLONG part = std::min(numerator, denominator);
        go_to(static_cast<size_t>(rows.size() * part / denominator));
        return S_OK;
    });
}

HRESULT Table::QueryPosition(ULONG *row, ULONG *numerator, ULONG *denominator) {
    if (!clear(row, numerator, denominator))
        return MAPI_E_INVALID_PARAMETER;
    return guarded([&]() -> HRESULT {
        Turn turn(*mailbox);
        refresh(turn);
        *row = *numerator = static_cast<ULONG>(cursor.index);
        *denominator = static_cast<ULONG>(std::max<size_t>(rows.size(), 1));
        return S_OK;
    });
}

HRESULT Table::FindRow(LPSRestriction given, BOOKMARK bookmark, ULONG how) {
    return guarded([&]() -> HRESULT {
        const Condition condition = read_condition(given);
        Turn turn(*mailbox);
        refresh(turn);
        bool row_is_gone;
        const size_t from = origin(bookmark, row_is_gone);
        const auto meets = [&](const Row &row) { return is_met(condition, row); };
        size_t found = rows.size();
        if (how & DIR_BACKWARD) {
            const auto first = std::make_reverse_iterator(rows.begin() + from);
            const auto there = std::find_if(first, rows.rend(), meets);
            if (there != rows.rend())
                found = static_cast<size_t>(rows.rend() - there) - 1;
        } else {
            found = static_cast<size_t>(std::find_if(rows.begin() + from, rows.end(), meets) - rows.begin());
        }
        require(found < rows.size(), MAPI_E_NOT_FOUND);
        go_to(found + (makes(Mistake::found_row_passed) ? 1 : 0));
        return row_is_gone ? MAPI_W_POSITION_CHANGED : S_OK;
    });
}

HRESULT Table::CreateBookmark(BOOKMARK *bookmark) {
    // As Microsoft's headers have it, a bookmark is as wide as a pointer.
    ULONG_PTR *const out = connection_of(bookmark);
    if (!clear(out))
        return MAPI_E_INVALID_PARAMETER;
    return guarded([&]() -> HRESULT {
        Turn turn(*mailbox);
        refresh(turn);
        bookmarks[++last_bookmark] = cursor;
        *out = last_bookmark;
        return S_OK;
    });
}

HRESULT Table::FreeBookmark(BOOKMARK bookmark) {
    return guarded([&]() -> HRESULT {
        Turn turn(*mailbox);
        const bool is_standard = bookmark <= BOOKMARK_END;
        return is_standard || bookmarks.erase(bookmark) ? S_OK : MAPI_E_INVALID_BOOKMARK;
    });
}

SRow Table::give_row(const Row &row, Buffer &buffer, SPropValue *values) const {
    for (size_t i = 0; i < columns.size(); ++i) {
        // A row for each value has that value, of the single type.
        const ULONG tag = is_value_tag(columns[i]) ? columns[i] & ~MVI_FLAG : columns[i];
        const Value *const value = value_of(row.properties, tag);
        if (PROP_TYPE(tag) == PT_NULL)
            values[i] = {PR_NULL, 0, {}};
        else if (value && value->type == PT_OBJECT)
            write_property({}, tag, flags, MAPI_E_NOT_FOUND, buffer, values[i]);
        else
            write_property(row.properties, tag, flags, MAPI_E_NOT_FOUND, buffer, values[i]);
    }
    return {0, static_cast<ULONG>(columns.size()), values};
}

HRESULT Table::QueryRows(LONG count, ULONG how, LPSRowSet *out) {
    if (!clear(out))
        return MAPI_E_INVALID_PARAMETER;
    return guarded([&]() -> HRESULT {
        require(count != 0, MAPI_E_INVALID_PARAMETER);
        const LONGLONG asked = count < 0 ? -LONGLONG(count) : LONGLONG(count);
        const size_t most = static_cast<size_t>(std::min(asked, MOST_ROWS));
        Turn turn(*mailbox);
        refresh(turn);
        const size_t from = count < 0 ? cursor.index - std::min(most, cursor.index) : cursor.index;
        const size_t to = count < 0 ? cursor.index : cursor.index + std::min(most, rows.size() - cursor.index);
        Buffer set(allocators, CbNewSRowSet(std::max<size_t>(to - from, 1)));
        auto *const given = static_cast<SRowSet *>(set.get());
        RowBuffers buffers;
        for (size_t i = from; i < to; ++i) {
            buffers.push_back(std::make_unique<Buffer>(allocators, sizeof(SPropValue) * columns.size()));
            Buffer &buffer = *buffers.back();
            given->aRow[i - from] = give_row(rows[i], buffer, static_cast<SPropValue *>(buffer.get()));
        }
        given->cRows = static_cast<ULONG>(to - from);
        for (const auto &buffer : buffers)
            buffer->hand_over();
        *out = static_cast<SRowSet *>(set.hand_over());
        // Backwards, the rows that were given are those that come next.
        const bool stays = (how & TBL_NOADVANCE) && !makes(Mistake::cursor_always_moves);
        go_to(count < 0 || stays ? from : to);
        return S_OK;
    });
}
