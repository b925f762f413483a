// Values as MAPI's structures have them, in and out.
#pragma once

#include "value.h"

// Copies a value out of a caller's structure; false if its type is none that is kept, or what it points to is missing.
bool read_value(const SPropValue &given, Value &value);

// Copies a value into a structure that becomes the caller's, text in that width. The type is the value's but for the
// width.
void write_value(const Value &value, ULONG type, Buffer &buffer, SPropValue &given);

// The type that is meant by what a caller asks for: text in the width of the flags if the type is left open.
ULONG meant_type(ULONG asked, ULONG kept, ULONG flags);

// Fills in what a caller asked for by a tag, or the error; false if it is one. With a wrong type, it is that error.
bool write_property(const Properties &properties, ULONG asked, ULONG flags, HRESULT wrong_type, Buffer &buffer,
                    SPropValue &given);

// Tags in memory that becomes the caller's.
SPropTagArray *give_tags(const Allocators &allocators, const std::vector<ULONG> &tags);
