// Properties and lists of recipients, in and out of the spooler's objects.
#pragma once

#include "../mail/exchange.h"
#include "../ref.h"

using Rows = std::vector<Properties>;

// What a list of values says; errors are left out.
Properties read_row(ULONG count, const SPropValue *values);
// All rows of a table.
HRESULT read_rows(IMAPITable *table, const Allocators &allocators, Rows &rows);

// The values in memory of MAPI's, a root.
Buffer write_row(const Allocators &allocators, const Properties &properties);
// Sets all of them.
HRESULT set_all(IMAPIProp *object, const Allocators &allocators, const Properties &properties);

// A list of recipients: a root for itself, and one for each entry.
ADRLIST *give_list(const Allocators &allocators, const Rows &rows);
void free_list(const Allocators &allocators, ADRLIST *list);
