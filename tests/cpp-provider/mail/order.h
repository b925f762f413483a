// The order of a table's rows.
#pragma once

#include "mailbox.h"

using Order = std::vector<SSortOrder>;

// Copies a caller's order. Refuses categories, and what can't be compared.
Order read_order(const SSortOrderSet *given);

// Whether a tag asks for a row for each value of a list.
inline bool is_value_tag(ULONG tag) { return (tag & MVI_FLAG) == MVI_FLAG; }
// Whether an order has a row for each value of that property.
bool has_value_tag(const Order &order, ULONG tag);
// Makes a row for each value of the properties for which an order asks for that. A row without the property stays one.
Rows rows_of_values(const Rows &rows, const Order &order);

// Rows without the property come last in either direction; those that are equal stay as they are.
void sort_rows(Rows &rows, const Order &order);
