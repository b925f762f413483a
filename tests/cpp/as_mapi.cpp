#include "as_mapi.h"

#include "check.h"

#include <cstdio>
#include <string>

namespace as_mapi {

const char SWITCH[] = "--as-mapi";

namespace {

// The exit code carries the counts: a pipe would need more code than all the rest.
const DWORD COUNTS = 0x10000;

std::string copy_of(const char *program) {
    char folder[MAX_PATH];
    GetTempPathA(sizeof folder, folder);
    const std::string own = std::string(folder) + "mapi-driver-" + std::to_string(GetCurrentProcessId());
    CreateDirectoryA(own.c_str(), nullptr);
    const std::string copy = own + "\\olmapi32.dll";
    char whole[MAX_PATH];
    GetModuleFileNameA(nullptr, whole, sizeof whole);
    (void)program;
    return CopyFileA(whole, copy.c_str(), FALSE) ? copy : std::string();
}

} // namespace
} // namespace as_mapi
