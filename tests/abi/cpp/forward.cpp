// What goes in through an object that forwards arrives as it is, and what is answered comes back as it is.
#include "headers.h"

#include "forward.h"

#include <cstdio>

namespace abi {

namespace {

// S_OK, two warnings and two failures. The last is what a panic would answer.
const uint32_t RESULTS[] = {
    static_cast<uint32_t>(S_OK),
    static_cast<uint32_t>(MAPI_W_ERRORS_RETURNED),
    static_cast<uint32_t>(MAPI_W_PARTIAL_COMPLETION),
    static_cast<uint32_t>(MAPI_E_NOT_FOUND),
    static_cast<uint32_t>(E_UNEXPECTED),
};

const Outs OUTS[] = {Outs::UNTOUCHED, Outs::SET, Outs::CLEARED};

// One call, and what is to come of it.
struct Attempt {
    const Call &call;
    const Place &place;
    // None, where the method is not overridden.
    const Overridden *overridden;
    const Answer &answer;
    uint32_t nulls;

    uint32_t calls() const { return overridden ? overridden->calls : 1; }
    uint32_t result() const { return overridden && overridden->has_result ? overridden->result : answer.result; }

    void make() const;
    void check(const Arena &given, Arrived answered, Arrived *sent) const;
    void expect_same(const char *what, const Arena &found, const Arena &wanted) const;
};

// Something else in every place, no byte of which is 0.
void fill(Arena &arena) {
    uint64_t number = 0x0102030405060701;
    for (auto &parameter : arena)
        for (uint64_t &word : parameter)
            word = number++;
}

void Attempt::make() const {
    Arena given;
    fill(given);
    fill(arena);
    record = {};
    planned = &answer;
    Arrived sent[MOST_PARAMETERS] = {};
    const char *stack[2];
    const Arrived answered = call.make(nulls, sent, stack);
    planned = nullptr;
    check_stack(place, stack[0], stack[1]);
    check(given, answered, sent);
}

void Attempt::check(const Arena &given, Arrived answered, Arrived *sent) const {
    check_answer(place, answered, result());
    if (calls() == 0) {
        if (record.calls != 0)
            fail(std::string(place.name) + ": the inner object is called, which the override does not do");
        return expect_same("the caller's memory after a call that the inner object never saw", arena, given);
    }
    if (overridden && overridden->parameter < call.count)
        sent[overridden->parameter].bits = overridden->bits;
    check_record(place, sent, call.count);
    expect_same("the memory that the inner object found", found, given);
    expect_same("the memory after the call", arena, left);
}

void Attempt::expect_same(const char *what, const Arena &found, const Arena &wanted) const {
    for (uint32_t n = 0; n < MOST_PARAMETERS; ++n)
        if (std::memcmp(found[n], wanted[n], sizeof found[n]) != 0)
            fail(std::string(place.name) + ": " + what + " is another where parameter " + std::to_string(n) + " points");
}

// Which attempt it was that has failed.
void tell(const Attempt &attempt) {
    static const char *const names[] = {"untouched", "set", "cleared"};
    char text[128];
    std::snprintf(text, sizeof text, "    where the inner object answers 0x%08X, with its outs %s, and NULL is 0x%X",
                  static_cast<unsigned>(attempt.answer.result), names[static_cast<int>(attempt.answer.outs)],
                  static_cast<unsigned>(attempt.nulls));
    fail(text);
}

} // namespace

void forward(const Call &call, const Place &place, const Overridden *overridden) {
    if (overridden && overridden->slot != place.slot)
        overridden = nullptr;
    const uint32_t before = failures;
    for (const uint32_t result : RESULTS)
        for (const Outs outs : OUTS) {
            const Answer answer = {result, outs};
            for (uint32_t n = 0; n <= call.count + 1; ++n) {
                // None, each, all.
                const uint32_t wanted = n == 0 ? 0 : n <= call.count ? uint32_t{1} << (n - 1) : ~uint32_t{0};
                const Attempt attempt = {call, place, overridden, answer, call.pointers & wanted};
                attempt.make();
                if (failures != before)
                    return tell(attempt);
            }
        }
}

} // namespace abi
