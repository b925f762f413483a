#include "as_mapi.h"

#include "probe.h"

namespace as_mapi {

const char SWITCH[] = "--as-mapi";

namespace {

// Tells an exit code with counts from that of a crash.
const DWORD MARK = 0x00A50000, MARK_MASK = 0xFFFF0000;

// A folder with a copy of this program under MAPI's name.
class Copy {
public:
    Copy() {
        char temporary[MAX_PATH], program[MAX_PATH];
        GetTempPathA(sizeof temporary, temporary);
        GetModuleFileNameA(nullptr, program, sizeof program);
        folder = std::string(temporary) + "mapi-driver-" + std::to_string(GetCurrentProcessId());
        CreateDirectoryA(folder.c_str(), nullptr);
        CopyFileA(program, file().c_str(), FALSE);
    }
    ~Copy() {
        DeleteFileA(file().c_str());
        RemoveDirectoryA(folder.c_str());
    }
    std::string file() const { return folder + "\\olmapi32.dll"; }

private:
    std::string folder;
};

DWORD exit_code_of(const std::string &program) {
    std::string command = "\"" + program + "\" \"" + probe::path + "\" " + SWITCH;
    STARTUPINFOA startup = {};
    startup.cb = sizeof startup;
    PROCESS_INFORMATION process = {};
    // The program's name is given separately: a command line that begins with a .dll would get an .exe.
    if (!CreateProcessA(program.c_str(), &command[0], nullptr, nullptr, TRUE, 0, nullptr, nullptr, &startup, &process))
        return GetLastError();
    WaitForSingleObject(process.hProcess, INFINITE);
    DWORD code = 0;
    GetExitCodeProcess(process.hProcess, &code);
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    return code;
}

} // namespace

void run_in_process() {
    const Copy copy;
    const DWORD code = exit_code_of(copy.file());
    if ((code & MARK_MASK) == MARK)
        check::add(code >> 8 & 0xFF, code & 0xFF);
    else
        check::fail_alone("SYNC-20 a process whose program is its MAPI", "it ended with " + check::show(code));
}

int exit_code() { return static_cast<int>(MARK | check::passed() << 8 | check::failed()); }

} // namespace as_mapi
