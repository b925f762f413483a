// MAPI's memory: what goes to a caller is allocated with the functions that MAPI gave us.
#pragma once

#include "../cpp/sync_family.h"

#include <string>
#include <utility>

struct Allocators {
    LPALLOCATEBUFFER allocate = nullptr;
    LPALLOCATEMORE more = nullptr;
    LPFREEBUFFER free = nullptr;

    explicit operator bool() const { return allocate && more && free; }
};

// Memory that is being filled for a caller: one root, which is freed unless it is handed over.
class Buffer {
public:
    // Throws std::bad_alloc if MAPI has no memory.
    Buffer(const Allocators &allocators, size_t size);
    ~Buffer();
    Buffer(const Buffer &) = delete;
    Buffer(Buffer &&other) noexcept : allocators(other.allocators), root(std::exchange(other.root, nullptr)) {}

    void *get() const { return root; }
    // Memory that is freed with the root.
    void *more(size_t size);
    void *copy(const void *bytes, size_t size);
    WCHAR *text(const std::wstring &text);
    char *text8(const std::wstring &text);
    // The caller's from here on.
    void *hand_over();

private:
    const Allocators allocators;
    void *root = nullptr;
};

// Text in the code page of the system, and back.
std::string narrow(const std::wstring &text);
std::wstring widen(const char *text);

// A MAPIERROR, in the width that the flags ask for. NULL if there is no memory: an error without a text is still an
// error.
MAPIERROR *describe(const Allocators &allocators, HRESULT status, const std::wstring &text, ULONG flags);
