// Signatures taken apart and compared, at compile time.
#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>

namespace abi {

// What a method of a class, declared by the headers or by us, returns and takes.
template <typename Method> struct Signature;
template <typename C, typename R, typename... P> struct Signature<R (STDMETHODCALLTYPE C::*)(P...)> {
    using Return = R;
    template <size_t N> using Parameter = std::tuple_element_t<N, std::tuple<P...>>;
};

// A type without what doesn't matter to a caller: const at any depth, references for pointers, the name and the
// sign of an integer. What is left is size, depth, and the structure or interface.
template <size_t SIZE> struct Integer;
template <typename T, typename = void> struct Plain { using Type = T; };
template <typename T> struct Plain<T, std::enable_if_t<std::is_integral_v<T> || std::is_enum_v<T>>> {
    using Type = Integer<sizeof(T)>;
};
template <typename T> struct Plain<T *> { using Type = typename Plain<std::remove_cv_t<T>>::Type *; };
template <typename T> struct Plain<T &> { using Type = typename Plain<std::remove_cv_t<T>>::Type *; };
template <typename T> using Plain_t = typename Plain<std::remove_cv_t<T>>::Type;

// Whether a type is what the catalogue wants, which says `void *` where it doesn't name what is pointed at.
template <typename Found, typename Wanted> struct Fits : std::is_same<Found, Wanted> {};
template <typename Found, typename Wanted> struct Fits<Found *, Wanted *> : Fits<Found, Wanted> {};
template <typename Found> struct Fits<Found *, void *> : std::negation<std::is_pointer<Found>> {};
template <> struct Fits<void *, void *> : std::true_type {};

// A list of types, of which the first is what a function returns.
template <typename... T> struct List;
template <typename Found, typename Wanted> struct FitAll : std::false_type {};
template <> struct FitAll<List<>, List<>> : std::true_type {};
template <typename F, typename... FS, typename W, typename... WS>
struct FitAll<List<F, FS...>, List<W, WS...>>
    : std::conjunction<Fits<Plain_t<F>, Plain_t<W>>, FitAll<List<FS...>, List<WS...>>> {};

// A function or method taken apart. On x86 the calling convention is part of its type.
template <typename Function> struct Apart;
template <typename R, typename... P> struct Apart<R(__cdecl *)(P...)> {
    using Types = List<R, P...>;
    static const bool CALLEE_POPS = false;
};
#ifdef __i386__
template <typename R, typename... P> struct Apart<R(__stdcall *)(P...)> {
    using Types = List<R, P...>;
    static const bool CALLEE_POPS = true;
};
#endif
template <typename C, typename R, typename... P> struct Apart<R (STDMETHODCALLTYPE C::*)(P...)> {
    using Types = List<R, P...>;
};

// Whether a method, on x86 one that pops its arguments, has the signature that is wanted.
template <typename Found, typename Wanted>
constexpr bool same_method = FitAll<typename Apart<Found>::Types, typename Apart<Wanted *>::Types>::value;

// Whether a pointer to a function has the type that is wanted.
template <typename Found, typename Wanted>
constexpr bool same_function = Apart<Found>::CALLEE_POPS == Apart<Wanted>::CALLEE_POPS &&
                               FitAll<typename Apart<Found>::Types, typename Apart<Wanted>::Types>::value;

} // namespace abi
