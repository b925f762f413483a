// Opening what an entry ID names.
#pragma once

#include "prop_object.h"

// For OpenEntry of stores, folders and logons. Without an entry ID, the root is opened.
HRESULT open_entry(const Allocators &allocators, const std::shared_ptr<Mailbox> &mailbox, ULONG size,
                   const ENTRYID *entry_id, const IID *iid, ULONG flags, ULONG *type, IUnknown **object);

// Whether two entry IDs name one object.
HRESULT compare_entry_ids(ULONG size1, const ENTRYID *entry_id1, ULONG size2, const ENTRYID *entry_id2, ULONG *result);
