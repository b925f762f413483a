// An object of Rust that forwards, between a caller and an inner object that are both of C++ (WRAP-01).
#pragma once

#include "abi.h"

namespace abi {

// A method that the object between does not forward as it is, and what it does instead. Rust knows this layout.
struct Overridden {
    uint32_t slot;
    // How often it calls the inner object, once at most.
    uint32_t calls;
    // Whether it answers RESULT, whatever the inner object does.
    uint32_t has_result, result;
    // The parameter that it gives inward as BITS; one that is not there: all are the caller's.
    uint32_t parameter;
    uint64_t bits;
};

// A method and the object to call it on, with the arguments of `Argument`.
struct Call {
    uint32_t count;
    // A bit for each parameter that is a pointer.
    uint32_t pointers;

    // Calls it, with NULL for the pointers of NULLS; answers the result, and notes the arguments and the stack.
    virtual Arrived make(uint32_t nulls, Arrived *sent, const char **stack) const = 0;
};

template <typename... P, size_t... N> constexpr uint32_t pointers(std::index_sequence<N...>) {
    return ((Argument<P>::POINTS ? uint32_t{1} << N : 0) | ... | 0);
}

template <typename I, typename C, typename R, typename... P> struct CallOf final : Call {
    using Method = R (STDMETHODCALLTYPE C::*)(P...);
    I *object;
    Method method;

    CallOf(I *object, Method method) : object(object), method(method) {
        count = sizeof...(P);
        pointers = abi::pointers<P...>(std::index_sequence_for<P...>());
    }

    Arrived make(uint32_t nulls, Arrived *sent, const char **stack) const override {
        return make(nulls, sent, stack, std::index_sequence_for<P...>());
    }

    template <size_t... N>
    Arrived make(uint32_t nulls, Arrived *sent, const char **stack, std::index_sequence<N...>) const {
        ((sent[N] = Argument<P>::sent(N, nulls)), ...);
        stack[0] = stack_pointer();
        if constexpr (std::is_void_v<R>) {
            (object->*method)(Argument<P>::value(N, nulls)...);
            stack[1] = stack_pointer();
            return {};
        } else {
            const R answered = (object->*method)(Argument<P>::value(N, nulls)...);
            stack[1] = stack_pointer();
            return bits(answered);
        }
    }
};

// Makes the call again and again: with each result there is to answer, each thing an inner object may do with its
// outs, and NULL for no pointer, for each of them, for all.
void forward(const Call &call, const Place &place, const Overridden *overridden);

template <typename I, typename C, typename R, typename... P>
void forward(I *object, R (STDMETHODCALLTYPE C::*method)(P...), const Place &place, const Overridden *overridden) {
    check_slot(place, slot_of(method));
    forward(CallOf<I, C, R, P...>(object, method), place, overridden);
}

} // namespace abi
