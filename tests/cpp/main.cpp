// A C++ program that drives a provider DLL as the MAPI subsystem and Outlook would, with the vtables, layouts
// and calling conventions of mingw-w64's own MAPI headers: driver.exe DLL
#include "as_mapi.h"
#include "probe.h"

#include <cstdio>
#include <cstring>

namespace {

// Ends the process before anybody loses patience; the process that is its own MAPI ends before the one that
// waits for it.
DWORD WINAPI watchdog(void *seconds) {
    Sleep(static_cast<DWORD>(reinterpret_cast<uintptr_t>(seconds)) * 1000);
    check::give_up("the driver hangs", 3);
}

LONG WINAPI crashed(EXCEPTION_POINTERS *exception) {
    const EXCEPTION_RECORD &record = *exception->ExceptionRecord;
    check::give_up("crash " + check::show(record.ExceptionCode) + " at " + check::show(record.ExceptionAddress), 4);
}

} // namespace

int main(int count, char **arguments) {
    if (count < 2) {
        std::fprintf(stderr, "usage: %s DLL\n", arguments[0]);
        return 2;
    }
    const bool is_mapi = count > 2 && std::strcmp(arguments[2], as_mapi::SWITCH) == 0;
    const uintptr_t seconds = is_mapi ? 60 : 120;
    CloseHandle(CreateThread(nullptr, 0, watchdog, reinterpret_cast<void *>(seconds), 0, nullptr));
    SetUnhandledExceptionFilter(crashed);
    probe::path = arguments[1];
    if (is_mapi) {
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
