// What the generated files are written in terms of: arguments that can be told from one another, calls through a
// class into Rust, and records of calls from Rust.
#pragma once

#include "signature.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <utility>

namespace abi {

const uint32_t MOST_PARAMETERS = 24;

// An argument as bits; where the two sides disagree about the size, the smaller one counts (exceptions.toml).
struct Arrived {
    uint64_t bits;
    uint64_t size;
};

// The last call that reached an object, on whichever side it was made. Rust knows this layout.
struct Record {
    uint32_t calls, interface_number, slot, count;
    Arrived arguments[MOST_PARAMETERS];
};

extern Record record;

// A method of an interface.
struct Place {
    uint32_t interface_number, slot;
    const char *name;
};

struct Overridden;

// An interface. Rust knows this layout.
struct Interface {
    const char *name;
    // Declared by us, because the headers lack it.
    uint32_t ours;
    uint32_t slots;
    // An object of C++ that records its calls.
    void *(*make)();
    // Calls every method of an object of Rust; answers how many.
    uint32_t (*drive)(void *object);
    // Calls every method of an object of Rust that forwards to one of C++, in all the ways of forward.h; answers how
    // many methods.
    uint32_t (*forward)(void *object, const Overridden *overridden);
};

// By their numbers, and nothing after the last.
extern const Interface *const interfaces[];

void fail(const std::string &what);

// How often that has been called.
extern uint32_t failures;

// Compares all GUIDs of the headers with the catalogue's; answers how many.
uint32_t check_guids();
void check_guid(const char *name, const GUID &found, const GUID &wanted);
// One that is a macro: a list of bytes.
void check_guid(const char *name, const MAPIUID &found, const GUID &wanted);

// What a method answers where nothing else is planned: a success, so that out parameters are left alone.
inline uint32_t answer(const Place &place) { return 0x0ABC0000 | place.interface_number << 8 | place.slot; }

// ---- arguments

// Where pointers point: each argument has a place of its own, and a thunk that clears an out parameter writes here.
using Arena = uint64_t[MOST_PARAMETERS][8];
extern Arena arena;

template <typename T> Arrived bits(const T &value) {
    static_assert(sizeof value <= sizeof(uint64_t), "an argument has at most eight bytes");
    Arrived arrived = {0, sizeof value};
    std::memcpy(&arrived.bits, &value, sizeof value);
    return arrived;
}

// Where the pointer points that is argument number N. NULLS has a bit for each that is NULL.
inline void *pointee(size_t n, uint32_t nulls) { return nulls >> n & 1 ? nullptr : arena[n]; }

// The argument number N, whose two lowest bytes tell it from the others, and whose highest ones it from an int.
template <typename T> struct Argument {
    static const bool POINTS = std::is_pointer_v<T>;
    static T value(size_t n, uint32_t nulls = 0) {
        T value;
        if constexpr (POINTS)
            value = reinterpret_cast<T>(pointee(n, nulls));
        else {
            const uint64_t number = 0xA1B2C3D4E5F60000 + 0x0101 * n;
            std::memcpy(&value, &number, sizeof value);
        }
        return value;
    }
    static Arrived sent(size_t n, uint32_t nulls = 0) { return bits(value(n, nulls)); }
};

// To a caller in C a reference is a pointer, NULL as well.
template <typename T> struct Argument<T &> {
    static const bool POINTS = true;
    static T &value(size_t n, uint32_t nulls = 0) { return *static_cast<T *>(pointee(n, nulls)); }
    static Arrived sent(size_t n, uint32_t nulls = 0) { return bits(pointee(n, nulls)); }
};

// A parameter as it arrived; of a reference, where it points.
template <typename P> Arrived arrived(std::remove_reference_t<P> &parameter) {
    if constexpr (std::is_reference_v<P>)
        return bits(&parameter);
    else
        return bits(parameter);
}

// ---- from C++ into Rust

// The slot that the compiler gives to a virtual method (Itanium C++ ABI).
template <typename Method> uintptr_t slot_of(Method method) {
    uintptr_t representation;
    static_assert(sizeof method >= sizeof representation, "a pointer to a member");
    std::memcpy(&representation, &method, sizeof representation);
    return (representation - 1) / sizeof(void *);
}

// QueryInterface, and not the template that Windows' headers have beside it.
template <typename C> constexpr auto query_interface() {
    return static_cast<HRESULT (STDMETHODCALLTYPE C::*)(REFIID, void **)>(&C::QueryInterface);
}

void check_slot(const Place &place, uintptr_t slot);
void check_stack(const Place &place, const char *before, const char *after);
void check_answer(const Place &place, Arrived answered, uint32_t wanted);
void check_record(const Place &place, const Arrived *sent, uint32_t count);

// The stack pointer, by which a callee is found out that pops too much or too little.
inline __attribute__((always_inline)) const char *stack_pointer() {
    const char *pointer = nullptr;
#ifdef __i386__
    asm volatile("mov %%esp, %0" : "=r"(pointer) : : "memory");
#endif
    return pointer;
}

template <typename I, typename C, typename R, typename... P, size_t... N>
void drive(I *object, R (STDMETHODCALLTYPE C::*method)(P...), const Place &place, std::index_sequence<N...>) {
    const Arrived sent[] = {Argument<P>::sent(N)..., {}};
    check_slot(place, slot_of(method));
    record = {};
    const char *const before = stack_pointer();
    if constexpr (std::is_void_v<R>) {
        (object->*method)(Argument<P>::value(N)...);
        check_stack(place, before, stack_pointer());
    } else {
        const R answered = (object->*method)(Argument<P>::value(N)...);
        check_stack(place, before, stack_pointer());
        check_answer(place, bits(answered), answer(place));
    }
    check_record(place, sent, sizeof...(P));
}

// Calls a method through the class with arguments that can be told apart, and looks what has arrived where.
template <typename I, typename C, typename R, typename... P>
void drive(I *object, R (STDMETHODCALLTYPE C::*method)(P...), const Place &place) {
    drive(object, method, place, std::index_sequence_for<P...>());
}

// QueryInterface, AddRef and Release of an object with one reference: they are the object's own and record
// nothing, so they are told by what they do.
void drive_unknown(IUnknown *object, const Place &place, std::initializer_list<GUID> iids);

// ---- into C++

// What an object of C++ does with what its out parameters point at.
enum class Outs { UNTOUCHED, SET, CLEARED };

// How it answers.
struct Answer {
    uint32_t result;
    Outs outs;
};

// How all of them answer at present; NULL: each method by a number of its own, with its outs untouched.
extern const Answer *planned;

// What the arena was like when the last call arrived, and when it was answered.
extern Arena found, left;

// An out parameter, and what it points at.
struct Out {
    uint32_t parameter;
    void *place;
    size_t size;
};

// The size of a type, or of a number where nobody knows it.
template <typename T, typename = void> struct Size { static const size_t BYTES = sizeof(uint32_t); };
template <typename T> struct Size<T, std::enable_if_t<!std::is_void_v<T> && sizeof(T) != 0>> {
    static const size_t BYTES = sizeof(T);
};

template <typename P> Out out(uint32_t n, std::remove_reference_t<P> &parameter) {
    using T = std::remove_pointer_t<std::remove_reference_t<P>>;
    const size_t size = std::min(Size<T>::BYTES, sizeof arena[n]);
    if constexpr (std::is_reference_v<P>)
        return {n, &parameter, size};
    else
        return {n, parameter, size};
}

// Records a call, and does with the out parameters what is planned.
void note(const Place &place, std::initializer_list<Arrived> arguments, std::initializer_list<Out> outs);

// Records a call and answers it.
template <typename R>
R recorded(const Place &place, std::initializer_list<Arrived> arguments, std::initializer_list<Out> outs) {
    note(place, arguments, outs);
    if constexpr (!std::is_void_v<R>)
        return static_cast<R>(planned ? planned->result : answer(place));
}

} // namespace abi
