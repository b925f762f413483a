// What mingw-w64's headers lack.
#pragma once

#include "../../cpp/sync_family.h"

const ULONG PR_HTML = PROP_TAG(PT_BINARY, 0x1013);
const ULONG STORE_HTML_OK = 0x00010000;
const ULONG STORE_UNICODE_OK = 0x00040000;
