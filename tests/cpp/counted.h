// The driver's own COM objects: counted, and never freed by a Release, so that a count can be read after
// the end.
#pragma once

#include "check.h"
#include "sync_family.h"

#include <atomic>

// An object that has `Iids` besides IUnknown. The driver's own reference is the first one.
template <typename Base, const IID *... Iids> class Counted : public Base {
public:
    Counted() = default;
    Counted(const Counted &) = delete;

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID iid, void **out) override {
        *out = nullptr;
        if (!answers(iid))
            return NO_INTERFACE;
        AddRef();
        *out = static_cast<Base *>(this);
        return S_OK;
    }

    ULONG STDMETHODCALLTYPE AddRef() override {
        const LONG count = ++references;
        if (count == 1)
            check::fail(__FILE__, __LINE__, "a reference to an object whose last reference was gone");
        return static_cast<ULONG>(count);
    }

    ULONG STDMETHODCALLTYPE Release() override {
        const LONG count = --references;
        if (count < 0)
            check::fail(__FILE__, __LINE__, "one Release too many");
        if (count == 0)
            last_release();
        return static_cast<ULONG>(count);
    }

    LONG reference_count() const { return references; }

protected:
    virtual bool answers(REFIID iid) {
        return IsEqualGUID(iid, IID_IUnknown) || (... || IsEqualGUID(iid, *Iids));
    }
    virtual void last_release() {}

private:
    std::atomic<LONG> references{1};
};

// A reference, held as long as this lives.
template <typename T> class Held {
public:
    Held() = default;
    ~Held() { reset(); }
    Held(const Held &) = delete;
    T *get() const { return pointer; }
    T *operator->() const { return pointer; }
    explicit operator bool() const { return pointer != nullptr; }
    // Where a function puts a new reference.
    T **out() {
        reset();
        return &pointer;
    }
    void **void_out() { return reinterpret_cast<void **>(out()); }
    void reset() {
        if (T *const last = pointer) {
            pointer = nullptr;
            last->Release();
        }
    }

private:
    T *pointer = nullptr;
};
