// What has become of rows: the events that lead from those that a client has to those that are there.
#pragma once

#include "mailbox.h"

// A table event, in the order in which a client applies them.
struct RowEvent {
    ULONG kind;            // TABLE_ROW_ADDED and the like
    Bytes key;             // of the row
    const Row *row;        // as it is now; NULL if it has gone
    const Row *row_before; // the one that it is now behind; NULL if it is the first
};

std::vector<RowEvent> difference(const Rows &told, const Rows &now,
                                 const std::function<bool(const Row &, const Row &)> &looks_the_same);
