// What a message consists of.
#pragma once

#include "entry_id.h"

#include <memory>

struct Content;

struct Recipient {
    ULONG row; // PR_ROWID
    Properties properties;
};

struct Attachment {
    ULONG number; // PR_ATTACH_NUM
    Properties properties;
    std::shared_ptr<const Content> embedded; // the message in it, if it has one
};

// Who opens a message has a copy to work with; what is saved never changes, so many may read it.
struct Content {
    Properties properties;
    std::vector<Recipient> recipients;
    std::vector<Attachment> attachments;
    ULONG next_row = 0;
    ULONG next_attachment = 0;
};

// A message as it is in its folder.
struct Message {
    Id folder;
    bool associated;
    ULONG flags; // those that don't follow from the content
    ULONG status;
    std::shared_ptr<const Content> content;
};

struct Folder {
    Id parent;
    Properties properties;
};
