// The DLL's functions, and the comparisons.
#include "headers.h"

#include "abi.h"

#include <cstdio>

namespace abi {

Record record;
Arena arena, found, left;
const Answer *planned;
uint32_t failures;

namespace {

using Report = void(__cdecl *)(const char *what);
Report report;

std::string hex(uint64_t number) {
    char text[24];
    std::snprintf(text, sizeof text, "0x%llX", static_cast<unsigned long long>(number));
    return text;
}

void expect(const Place &place, const char *what, uint64_t found, uint64_t wanted) {
    if (found != wanted)
        fail(std::string(place.name) + ": " + what + " is " + hex(found) + ", not " + hex(wanted));
}

uint64_t mask(uint64_t size) { return size < 8 ? (uint64_t{1} << size * 8) - 1 : ~uint64_t{0}; }

} // namespace

void fail(const std::string &what) {
    ++failures;
    report(what.c_str());
}

void check_guid(const char *name, const GUID &found, const GUID &wanted) {
    if (!IsEqualGUID(found, wanted))
        fail(std::string(name) + " is another GUID in the headers");
}

void check_guid(const char *name, const MAPIUID &found, const GUID &wanted) {
    GUID guid;
    static_assert(sizeof guid == sizeof found, "both have 16 bytes");
    std::memcpy(&guid, &found, sizeof guid);
    check_guid(name, guid, wanted);
}

void check_slot(const Place &place, uintptr_t slot) { expect(place, "the slot", slot, place.slot); }

void check_stack(const Place &place, const char *before, const char *after) {
    if (before != after)
        fail(std::string(place.name) + ": the stack pointer is off by " + std::to_string(after - before));
}

void check_answer(const Place &place, Arrived answered, uint32_t wanted) {
    expect(place, "the result", answered.bits, wanted & mask(answered.size));
}

void check_record(const Place &place, const Arrived *sent, uint32_t count) {
    expect(place, "the number of calls that arrived", record.calls, 1);
    expect(place, "the interface that was called", record.interface_number, place.interface_number);
    expect(place, "the slot that was called", record.slot, place.slot);
    expect(place, "the number of parameters", record.count, count);
    for (uint32_t n = 0; n < count && n < record.count; ++n) {
        const std::string what = "parameter " + std::to_string(n);
        expect(place, what.c_str(), record.arguments[n].bits & mask(sent[n].size), sent[n].bits);
    }
}

void drive_unknown(IUnknown *object, const Place &place, std::initializer_list<GUID> iids) {
    for (const GUID &iid : iids) {
        void *found = nullptr;
        expect(place, "QueryInterface's result", static_cast<uint32_t>(object->QueryInterface(iid, &found)), S_OK);
        if (found != object)
            fail(std::string(place.name) + ": an IID of the chain leads to another pointer");
        if (found)
            expect(place, "the count after Release", static_cast<IUnknown *>(found)->Release(), 1);
    }
    const GUID stranger = {0x12345678, 0x9ABC, 0xDEF0, {1, 2, 3, 4, 5, 6, 7, 8}};
    void *found = object;
    expect(place, "the result for a strange IID", static_cast<uint32_t>(object->QueryInterface(stranger, &found)),
           static_cast<uint32_t>(E_NOINTERFACE));
    if (found)
        fail(std::string(place.name) + ": a strange IID leads to a pointer");
    expect(place, "the count after AddRef", object->AddRef(), 2);
    expect(place, "the count after Release", object->Release(), 1);
}

namespace {

// Sets what an out parameter points at: to bytes none of which is 0, or the arena's, or another parameter's.
void set(const Out &out) {
    auto *bytes = static_cast<uint8_t *>(out.place);
    for (size_t n = 0; n < out.size; ++n)
        bytes[n] = 0x80 | (17 * out.parameter + n);
}

} // namespace

void note(const Place &place, std::initializer_list<Arrived> arguments, std::initializer_list<Out> outs) {
    const uint32_t calls = record.calls + 1;
    record = {calls, place.interface_number, place.slot, static_cast<uint32_t>(arguments.size()), {}};
    std::memcpy(record.arguments, arguments.begin(), arguments.size() * sizeof(Arrived));
    std::memcpy(found, arena, sizeof arena);
    for (const Out &out : outs) {
        if (!planned || !out.place)
            continue;
        if (planned->outs == Outs::SET)
            set(out);
        else if (planned->outs == Outs::CLEARED)
            std::memset(out.place, 0, out.size);
    }
    std::memcpy(left, arena, sizeof arena);
}

} // namespace abi

extern "C" {

__declspec(dllexport) const abi::Interface *const *__cdecl abi_interfaces() { return abi::interfaces; }

__declspec(dllexport) abi::Record *__cdecl abi_record() { return &abi::record; }

// Where pointers are to point, and how many bytes lie between two of them.
__declspec(dllexport) void *__cdecl abi_arena() { return abi::arena; }

__declspec(dllexport) void __cdecl abi_report(abi::Report report) { abi::report = report; }

__declspec(dllexport) uint32_t __cdecl abi_check_guids() { return abi::check_guids(); }
}
