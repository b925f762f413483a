#include "check.h"

#include "threads.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <tuple>
#include <vector>

namespace check {
namespace {

struct Scenario {
    std::string file;
    int line;
    const char *name;
    Phase phase;
    void (*body)();
};

// In a function, because scenarios of other files register before this file's own variables
// are constructed.
std::vector<Scenario> &scenarios() {
    static std::vector<Scenario> all;
    return all;
}

threads::Lock lock;
std::vector<std::string> failures;
std::atomic<int> passed_count{0}, failed_count{0};
std::atomic<const char *> running{"no scenario"};

} // namespace

Registration::Registration(const char *file, int line, const char *name, Phase phase, void (*body)()) {
    scenarios().push_back({file, line, name, phase, body});
}

void run(Phase phase) {
    // Not in the linker's order.
    std::sort(scenarios().begin(), scenarios().end(), [](const Scenario &one, const Scenario &other) {
        return std::tie(one.file, one.line) < std::tie(other.file, other.line);
    });
    for (const Scenario &scenario : scenarios()) {
        if (scenario.phase != phase)
            continue;
        const DWORD start = GetTickCount();
        running = scenario.name;
        scenario.body();
        running = "no scenario";
        threads::Guard guard(lock);
        const bool good = failures.empty();
        ++(good ? passed_count : failed_count);
        std::printf("%s %s (%lu ms)\n", good ? "ok    " : "FAILED", scenario.name, GetTickCount() - start);
        for (const std::string &failure : failures)
            std::printf("         %s\n", failure.c_str());
        failures.clear();
        std::fflush(stdout);
    }
}

int passed() { return passed_count; }
int failed() { return failed_count; }

void add(int passed, int failed) {
    passed_count += passed;
    failed_count += failed;
}

void fail_alone(const char *name, const std::string &what) {
    ++failed_count;
    std::printf("FAILED %s\n         %s\n", name, what.c_str());
}

void give_up(const std::string &why, UINT exit_code) {
    // Without the lock, because the thread that has it may be the one that crashed.
    std::printf("FAILED %s\n         %s\n%d passed, %d failed\n", running.load(), why.c_str(), passed(), failed() + 1);
    std::fflush(stdout);
    // Not exit(): an orderly end may need what hangs or has crashed.
    TerminateProcess(GetCurrentProcess(), exit_code);
    std::abort();
}

void fail(const char *file, int line, const std::string &what) {
    const std::string path = file;
    const std::string name = path.substr(path.find_last_of("/\\") + 1);
    threads::Guard guard(lock);
    failures.push_back(name + ":" + std::to_string(line) + ": " + what);
}

std::string show(const std::string &value) { return "\"" + value + "\""; }

std::string show_number(uint64_t value) {
    char text[40];
    // People know a status in hexadecimal and a count in decimal.
    std::snprintf(text, sizeof text, value < 0x10000 ? "%llu" : "0x%llX", value);
    return text;
}

} // namespace check
