// A property as a stream.
#pragma once

#include "prop_object.h"
#include "../ref.h"

// Opens a text or binary property; refuses others.
IStream *open_stream(Bag &bag, ULONG tag, ULONG options, ULONG flags);
