#include "broken.h"

#include <string>

#include <windows.h>

namespace {

const char *const names[] = {
#define TEXT_OF_MISTAKE(name, rule, what) #name,
    MISTAKES(TEXT_OF_MISTAKE)
#undef TEXT_OF_MISTAKE
};

// The name that the process was given, or nothing.
std::string chosen() {
    char name[64];
    const DWORD length = GetEnvironmentVariableA("CPP_PROVIDER_MISTAKE", name, sizeof name);
    return length < sizeof name ? std::string(name, length) : std::string();
}

} // namespace

bool makes(Mistake mistake) {
    static const std::string name = chosen();
    return name == names[static_cast<int>(mistake)];
}
