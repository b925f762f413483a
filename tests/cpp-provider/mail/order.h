// The order of a table's rows.
#pragma once

#include "mailbox.h"

using Order = std::vector<SSortOrder>;

// Copies a caller's order. Refuses categories, and what can't be compared.
Order read_order(const SSortOrderSet *given);

// Rows without the property come last in either direction; those that are equal stay as they are.
void sort_rows(Rows &rows, const Order &order);
