// Scenarios and expectations: as little of a test framework as one program needs.
#pragma once

#include <windows.h>

#include <atomic>
#include <cstdint>
#include <string>
#include <type_traits>

namespace check {

// When a scenario runs. The gnu targets of Rust leak TLS slots at each load of a DLL, so most scenarios
// share one load.
enum class Phase {
    Loaded,    // the DLL is loaded, once for all of them
    Unloading, // the scenario loads and frees the DLL itself
    AsMapi,    // in a process of its own, whose program is the MAPI of the process
};

struct Registration {
    Registration(const char *file, int line, const char *name, Phase phase, void (*body)());
};

// Runs the scenarios of a phase and prints a line for each.
void run(Phase phase);

// The counts of everything that ran.
int passed();
int failed();

// Adds the counts of another process.
void add(int passed, int failed);

// Prints a failed scenario without a body.
void fail_alone(const char *name, const std::string &what);

// Fails the running scenario and ends the process at once, whatever state it is in; on any thread.
[[noreturn]] void give_up(const std::string &why, UINT exit_code);

// Marks the running scenario as failed; on any thread.
void fail(const char *file, int line, const std::string &what);

std::string show(const std::string &value);
std::string show_number(uint64_t value);

template <typename T> std::string show(const T &value) {
    if constexpr (std::is_pointer_v<T>) {
        return show_number(reinterpret_cast<uintptr_t>(value));
    } else if constexpr (std::is_signed_v<T>) {
        // An HRESULT in hexadecimal has no leading Fs.
        return show_number(static_cast<std::make_unsigned_t<T>>(value));
    } else if constexpr (std::is_enum_v<T>) {
        return show_number(static_cast<uint64_t>(value));
    } else {
        return show_number(value);
    }
}

// A value that can be copied.
template <typename T> const T &value_of(const T &value) { return value; }
template <typename T> T value_of(const std::atomic<T> &value) { return value.load(); }

} // namespace check

#define CHECK_JOIN_(a, b) a##b
#define CHECK_JOIN(a, b) CHECK_JOIN_(a, b)
#define SCENARIO_(phase, name, id)                                                                        \
    static void CHECK_JOIN(scenario_, id)();                                                              \
    static const check::Registration CHECK_JOIN(registered_, id)(__FILE__, __LINE__, name, phase, \
                                                                 CHECK_JOIN(scenario_, id));               \
    static void CHECK_JOIN(scenario_, id)()

// Defines a scenario; its name begins with the ids of the rules that it tests.
#define SCENARIO(name) SCENARIO_(check::Phase::Loaded, name, __COUNTER__)
#define UNLOADING_SCENARIO(name) SCENARIO_(check::Phase::Unloading, name, __COUNTER__)
#define AS_MAPI_SCENARIO(name) SCENARIO_(check::Phase::AsMapi, name, __COUNTER__)

#define EXPECT(condition)                                       \
    do {                                                        \
        if (!(condition))                                       \
            check::fail(__FILE__, __LINE__, "not " #condition); \
    } while (false)

#define EXPECT_EQ(actual, expected)                                                              \
    do {                                                                                         \
        const auto actual_ = check::value_of(actual);                                                          \
        const std::decay_t<decltype(actual_)> expected_ = check::value_of(expected);             \
        if (!(actual_ == expected_))                                                             \
            check::fail(__FILE__, __LINE__,                                                      \
                        #actual " is " + check::show(actual_) + ", not " + check::show(expected_)); \
    } while (false)
