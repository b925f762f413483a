// References to COM objects, ours and others'.
#pragma once

#include <utility>

// A counted pointer.
template <typename T> class Ref {
public:
    Ref() = default;
    Ref(const Ref &other) : Ref(share(other.pointer)) {}
    Ref(Ref &&other) noexcept : pointer(std::exchange(other.pointer, nullptr)) {}
    ~Ref() { reset(); }
    Ref &operator=(Ref other) noexcept {
        std::swap(pointer, other.pointer);
        return *this;
    }

    // Our own reference, beside the caller's.
    static Ref share(T *object) {
        if (object)
            object->AddRef();
        return adopt(object);
    }
    // The reference that the caller gives away.
    static Ref adopt(T *object) {
        Ref reference;
        reference.pointer = object;
        return reference;
    }

    T *get() const { return pointer; }
    T *operator->() const { return pointer; }
    explicit operator bool() const { return pointer != nullptr; }

    // Where a function puts a new reference.
    T **out() {
        reset();
        return &pointer;
    }
    void **void_out() { return reinterpret_cast<void **>(out()); }
    T *detach() { return std::exchange(pointer, nullptr); }
    void reset() {
        if (T *const last = detach())
            last->Release();
    }

private:
    T *pointer = nullptr;
};
