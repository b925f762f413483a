// A property's value, as the mailbox keeps it: text is always wide, and nothing points into anybody else's memory.
#pragma once

#include "../buffer.h"

#include <map>
#include <vector>

using Bytes = std::vector<BYTE>;

struct Value {
    ULONG type = PT_NULL;    // never with 8-bit characters
    LONGLONG number = 0;     // of all types that are whole numbers, times and truths among them
    double real = 0;         // PT_R4, PT_DOUBLE, PT_APPTIME
    std::wstring text;       // PT_UNICODE
    Bytes bytes;             // PT_BINARY, PT_CLSID
    std::vector<Value> list; // of the types with MV_FLAG
};

// An object's properties by their IDs: a property has one type at a time.
using Properties = std::map<ULONG, Value>;

Value number_value(LONG number);
Value truth_value(bool truth);
Value text_value(const std::wstring &text);
Value bytes_value(const Bytes &bytes);
Value time_value(const FILETIME &time);
// The place of a property that is opened, not read.
Value object_value();
FILETIME now();

// The tag of a property that we keep.
ULONG tag_of(const Properties::value_type &property);
// The property of that ID, whatever its type; NULL if there is none.
const Value *value_of(const Properties &properties, ULONG tag);
// The same, for what is a number or a text: 0 or "" if it is missing.
LONG number_of(const Properties &properties, ULONG tag);
const std::wstring &text_of(const Properties &properties, ULONG tag);

// Text and its type, whatever its width.
bool is_text(ULONG type);
// The type in which we keep what comes with another one.
ULONG kept_type(ULONG type);

// How two values of one type follow each other: negative, zero or positive.
int compare(const Value &one, const Value &other);
bool operator==(const Value &one, const Value &other);

// How many bytes a value takes.
size_t size_of(const Value &value);
