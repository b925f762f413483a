#include "handles.h"

#include <windows.h>

#include <winternl.h>

#include <vector>

namespace {

// SYSTEM_HANDLE_INFORMATION_EX, which the headers lack.
struct Entry {
    void *object;
    ULONG_PTR process, handle;
    ULONG access;
    USHORT backtrace, type;
    ULONG attributes, reserved;
};

struct Table {
    ULONG_PTR count, reserved;
    Entry entries[1];
};

const auto EXTENDED_HANDLE_INFORMATION = static_cast<SYSTEM_INFORMATION_CLASS>(64);
const NTSTATUS LENGTH_MISMATCH = static_cast<NTSTATUS>(0xC0000004);

using Query = NTSTATUS(NTAPI *)(SYSTEM_INFORMATION_CLASS, void *, ULONG, ULONG *);

} // namespace

int handle_count() {
    const auto query = reinterpret_cast<Query>(
        reinterpret_cast<void *>(GetProcAddress(GetModuleHandleA("ntdll.dll"), "NtQuerySystemInformation")));
    std::vector<ULONG_PTR> buffer(1 << 15);
    NTSTATUS status;
    while ((status = query(EXTENDED_HANDLE_INFORMATION, buffer.data(), static_cast<ULONG>(buffer.size() * sizeof buffer[0]),
                           nullptr)) == LENGTH_MISMATCH)
        buffer.resize(buffer.size() * 2);
    if (status != 0)
        return -1;
    const auto *table = reinterpret_cast<const Table *>(buffer.data());
    int count = 0;
    for (ULONG_PTR i = 0; i < table->count; ++i)
        count += table->entries[i].process == GetCurrentProcessId();
    return count;
}
