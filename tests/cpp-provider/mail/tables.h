// The tables that the mailbox's objects give.
#pragma once

#include "folder_object.h"
#include "table.h"

IMAPITable *contents_table(FolderObject &folder, ULONG flags);
IMAPITable *hierarchy_table(FolderObject &folder, ULONG flags);
IMAPITable *receive_folder_table(const Bag &store, ULONG flags);

class MessageObject;
IMAPITable *recipient_table(MessageObject &message, ULONG flags);
IMAPITable *attachment_table(MessageObject &message, ULONG flags);
