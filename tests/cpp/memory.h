// MAPI's three allocators, which count what leaks, what is freed twice, and what is written past its
// end.
#pragma once

#include "sync_family.h"

namespace memory {

SCODE WINAPI allocate_buffer(ULONG size, void **buffer);
SCODE WINAPI allocate_more(ULONG size, void *root, void **buffer);
ULONG WINAPI free_buffer(void *buffer);

// How many roots are allocated.
int roots();

// Whether a pointer is a root of these allocators.
bool is_root(const void *buffer);

} // namespace memory
