#include "memory.h"

#include "check.h"
#include "threads.h"

#include <cstring>
#include <map>
#include <vector>

namespace memory {
namespace {

const unsigned char GUARD = 0xE7;
const size_t GUARD_SIZE = 16;

// A piece of memory with a guard behind it.
class Block {
public:
    explicit Block(ULONG size) : size(size), bytes(new unsigned char[size + GUARD_SIZE]) {
        // New memory is not zero, or a missing write would not show.
        std::memset(bytes, 0xA5, size);
        std::memset(bytes + size, GUARD, GUARD_SIZE);
    }
    void *data() const { return bytes; }
    void free() {
        for (size_t i = 0; i < GUARD_SIZE; ++i)
            if (bytes[size + i] != GUARD)
                check::fail(__FILE__, __LINE__, "memory was written past its end");
        std::memset(bytes, 0xDD, size);
        delete[] bytes;
    }

private:
    ULONG size;
    unsigned char *bytes;
};

threads::Lock lock;
std::map<const void *, std::vector<Block>> allocated;

} // namespace

SCODE WINAPI allocate_buffer(ULONG size, void **buffer) {
    const Block block(size);
    threads::Guard guard(lock);
    allocated[block.data()].push_back(block);
    *buffer = block.data();
    return S_OK;
}

SCODE WINAPI allocate_more(ULONG size, void *root, void **buffer) {
    *buffer = nullptr;
    threads::Guard guard(lock);
    const auto found = allocated.find(root);
    if (found == allocated.end()) {
        check::fail(__FILE__, __LINE__, "AllocateMore for what is no root");
        return INVALID_PARAMETER;
    }
    found->second.push_back(Block(size));
    *buffer = found->second.back().data();
    return S_OK;
}

ULONG WINAPI free_buffer(void *buffer) {
    if (!buffer)
        return S_OK;
    threads::Guard guard(lock);
    const auto found = allocated.find(buffer);
    if (found == allocated.end()) {
        check::fail(__FILE__, __LINE__, "freed twice, or no root");
        return INVALID_PARAMETER;
    }
    for (Block &block : found->second)
        block.free();
    allocated.erase(found);
    return S_OK;
}

int roots() {
    threads::Guard guard(lock);
    return static_cast<int>(allocated.size());
}

bool is_root(const void *buffer) {
    threads::Guard guard(lock);
    return allocated.count(buffer) == 1;
}

} // namespace memory
