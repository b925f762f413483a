#include "buffer.h"

#include "broken.h"

#include <cstring>
#include <new>

Buffer::Buffer(const Allocators &allocators, size_t size) : allocators(allocators) {
    if (FAILED(allocators.allocate(static_cast<ULONG>(size), &root)) || !root)
        throw std::bad_alloc();
}

Buffer::~Buffer() {
    if (root)
        allocators.free(root);
}

void *Buffer::more(size_t size) {
    void *block = nullptr;
    // What is empty is somewhere, too.
    if (FAILED(allocators.more(static_cast<ULONG>(size ? size : 1), root, &block)) || !block)
        throw std::bad_alloc();
    return block;
}

void *Buffer::copy(const void *bytes, size_t size) {
    void *const block = more(size);
    if (size)
        std::memcpy(block, bytes, size);
    return block;
}

WCHAR *Buffer::text(const std::wstring &text) {
    return static_cast<WCHAR *>(copy(text.c_str(), (text.size() + 1) * sizeof(WCHAR)));
}

char *Buffer::text8(const std::wstring &text) {
    const std::string bytes = narrow(text);
    return static_cast<char *>(copy(bytes.c_str(), bytes.size() + 1));
}

void *Buffer::hand_over() {
    void *const given = root;
    root = nullptr;
    return given;
}

std::string narrow(const std::wstring &text) {
    const int length = static_cast<int>(text.size());
    const int size = WideCharToMultiByte(CP_ACP, 0, text.data(), length, nullptr, 0, nullptr, nullptr);
    std::string bytes(size, '\0');
    WideCharToMultiByte(CP_ACP, 0, text.data(), length, &bytes[0], size, nullptr, nullptr);
    return bytes;
}

std::wstring widen(const char *text) {
    const int length = static_cast<int>(std::strlen(text));
    const int size = MultiByteToWideChar(CP_ACP, 0, text, length, nullptr, 0);
    std::wstring wide(size, L'\0');
    MultiByteToWideChar(CP_ACP, 0, text, length, &wide[0], size);
    return wide;
}

MAPIERROR *describe(const Allocators &allocators, HRESULT status, const std::wstring &text, ULONG flags) try {
    const bool wide = (flags & MAPI_UNICODE) || makes(Mistake::errors_always_wide);
    const std::wstring component = L"Sample provider in C++";
    Buffer buffer(allocators, sizeof(MAPIERROR));
    auto *const error = static_cast<MAPIERROR *>(buffer.get());
    *error = {};
    error->ulLowLevelError = static_cast<ULONG>(status);
    // The flags decide what LPTSTR is, not the compiler.
    const auto string = [&](const std::wstring &value) {
        return reinterpret_cast<LPTSTR>(wide ? static_cast<void *>(buffer.text(value)) : buffer.text8(value));
    };
    error->lpszError = string(text);
    error->lpszComponent = string(component);
    return static_cast<MAPIERROR *>(buffer.hand_over());
} catch (const std::bad_alloc &) {
    return nullptr;
}
