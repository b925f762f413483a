// What follows from the rest of a message.
#pragma once

#include "content.h"

// All properties of a message whose content is this: what was set, and what follows from it.
Properties computed_properties(Id id, const Message &message, const Content &content);

// Whether a property of a message can't be set, because it follows from others.
bool is_computed_of_messages(ULONG tag);
bool is_computed_of_attachments(ULONG tag);
