// A C++ program that drives a provider DLL as the MAPI subsystem and Outlook would, with the vtables, layouts
// and calling conventions of mingw-w64's own MAPI headers: driver.exe DLL
#include "as_mapi.h"
#include "probe.h"

#include <cstdio>
#include <cstring>

namespace {

DWORD WINAPI watchdog(void *) {
    Sleep(120000);
    std::printf("the driver hangs: 120 seconds are over\n0 passed, 1 failed\n");
    std::fflush(stdout);
    // Not exit(): whatever hangs may hold a lock that an orderly end needs.
    TerminateProcess(GetCurrentProcess(), 3);
    return 0;
}

} // namespace

int main(int count, char **arguments) {
    if (count < 2) {
        std::fprintf(stderr, "usage: %s DLL\n", arguments[0]);
        return 2;
    }
    CloseHandle(CreateThread(nullptr, 0, watchdog, nullptr, 0, nullptr));
    probe::path = arguments[1];
    if (count > 2 && std::strcmp(arguments[2], as_mapi::SWITCH) == 0) {
        check::run(check::Phase::AsMapi);
        return as_mapi::exit_code();
    }
    {
        const probe::Dll dll;
        if (!dll.module()) {
            std::printf("%s can't be loaded: error %lu\n0 passed, 1 failed\n", arguments[1], GetLastError());
            return 1;
        }
        check::run(check::Phase::Loaded);
    }
    check::run(check::Phase::Unloading);
    as_mapi::run_in_process();
    std::printf("%d passed, %d failed\n", check::passed(), check::failed());
    return check::failed() ? 1 : 0;
}
