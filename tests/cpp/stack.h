// Calls that watch the stack pointer. On x86 the callee pops its arguments (stdcall) or doesn't (cdecl); a
// compiler's own call hides a difference behind its frame pointer, so the call is made in assembly.
#pragma once

#include "check.h"

#include <cstring>

namespace stack {

// The slot in the vtable that the compiler gives to a virtual method (Itanium C++ ABI).
template <typename Method> uintptr_t slot_of(Method method) {
    uintptr_t representation;
    static_assert(sizeof method >= sizeof representation, "a pointer to a member");
    std::memcpy(&representation, &method, sizeof representation);
    return (representation - 1) / sizeof(void *);
}

// The function in a slot of an object's vtable.
inline void *function_at(const void *object, uintptr_t slot) { return (*static_cast<void *const *const *>(object))[slot]; }

#ifdef __i386__

// Pushes the arguments, calls, and tells by how much the callee has moved the stack pointer.
extern "C" uint32_t stack_call(void *function, const uint32_t *arguments, uint32_t count, int32_t *popped);

// An argument of declared type P as the word that is pushed; a reference is an address.
template <typename P, typename A> uint32_t word(A &&argument) {
    uint32_t bits;
    if constexpr (std::is_reference_v<P>) {
        const void *const address = &argument;
        std::memcpy(&bits, &address, sizeof bits);
    } else {
        static_assert(sizeof(P) == sizeof bits, "every argument of these functions is one word");
        const P value = static_cast<P>(argument);
        std::memcpy(&bits, &value, sizeof bits);
    }
    return bits;
}

template <typename R, size_t N>
R call(const char *name, void *function, bool callee_pops, const uint32_t (&words)[N]) {
    const uint32_t count = N - 1; // the last one is there so that there is one
    const int32_t expected = callee_pops ? 4 * count : 0;
    int32_t popped = -1;
    const uint32_t result = stack_call(function, words, count, &popped);
    if (popped != expected)
        check::fail(__FILE__, __LINE__,
                    std::string(name) + " pops " + std::to_string(popped) + " bytes, not " + std::to_string(expected));
    return static_cast<R>(result);
}

#endif

// Calls a function that leaves its arguments on the stack.
template <typename R, typename... P, typename... A>
R invoke(const char *name, R(__cdecl *function)(P...), A &&...arguments) {
#ifdef __i386__
    const uint32_t words[] = {word<P>(arguments)..., 0};
    return call<R>(name, reinterpret_cast<void *>(function), false, words);
#else
    (void)name;
    return function(static_cast<P>(arguments)...);
#endif
}

// Calls a method through the vtable.
template <typename T, typename R, typename... P, typename... A>
R invoke_method(const char *name, T *object, R (STDMETHODCALLTYPE T::*method)(P...), A &&...arguments) {
#ifdef __i386__
    const uint32_t words[] = {word<T *>(object), word<P>(arguments)..., 0};
    return call<R>(name, function_at(object, slot_of(method)), true, words);
#else
    (void)name;
    return (object->*method)(static_cast<P>(arguments)...);
#endif
}

#ifdef __i386__
// Calls a function that pops its arguments.
template <typename R, typename... P, typename... A>
R invoke(const char *name, R(WINAPI *function)(P...), A &&...arguments) {
    const uint32_t words[] = {word<P>(arguments)..., 0};
    return call<R>(name, reinterpret_cast<void *>(function), true, words);
}
#endif

} // namespace stack

// CALL(store, IMsgStore, StoreLogoff, &flags)
#define CALL(object, interface_, method, ...) \
    stack::invoke_method<interface_>(#interface_ "::" #method, object, &interface_::method, ##__VA_ARGS__)
