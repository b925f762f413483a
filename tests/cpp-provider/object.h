// What all our COM objects have in common: the count, the identity, and the answer of a method that does nothing.
#pragma once

#include "broken.h"
#include "../cpp/sync_family.h"

#include <atomic>
#include <exception>
#include <new>

// A count of references that begins with one.
class Count {
public:
    ULONG add() {
        if (makes(Mistake::plain_count)) {
            value.store(value.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
            return value;
        }
        return ++value;
    }
    ULONG drop() {
        if (makes(Mistake::plain_count)) {
            value.store(value.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
            return value;
        }
        return --value;
    }
    // A reference for somebody who has none, unless the last one is gone.
    bool add_unless_gone() {
        ULONG seen = value;
        while (seen != 0)
            if (value.compare_exchange_weak(seen, seen + 1))
                return true;
        return false;
    }

private:
    std::atomic<ULONG> value{1};
};

// An object with one identity and several interfaces. It is made with one reference, and the last Release deletes it.
template <typename... Interfaces> class Object : public Interfaces... {
public:
    Object() = default;
    Object(const Object &) = delete;

    HRESULT STDMETHODCALLTYPE QueryInterface(REFIID iid, void **out) override {
        // A caller in C may well pass NULL where C++ sees a reference and would leave the check out.
        const IID *const volatile asked = &iid;
        const IID *const given = asked;
        if (!out)
            return MAPI_E_INVALID_PARAMETER;
        if (!given) {
            *out = nullptr;
            return MAPI_E_INVALID_PARAMETER;
        }
        void *const found = find(*given);
        if (!found) {
            if (!makes(Mistake::out_left_by_query))
                *out = nullptr;
            return E_NOINTERFACE;
        }
        AddRef();
        *out = found;
        return S_OK;
    }
    ULONG STDMETHODCALLTYPE AddRef() override { return count.add(); }
    ULONG STDMETHODCALLTYPE Release() override {
        const ULONG left = count.drop();
        if (left == 0)
            delete this;
        return left;
    }

    bool add_ref_unless_gone() { return count.add_unless_gone(); }

protected:
    virtual ~Object() = default;
    // The interface of that name, not counted; NULL if there is none.
    virtual void *find(REFIID iid) = 0;

private:
    Count count;
};

// Clears what a failing method must not leave behind; false if the caller gave no place for one of them.
template <typename... Outs> bool clear(Outs *...outs) {
    ((outs ? void(*outs = Outs()) : void()), ...);
    return (... && (outs != nullptr));
}

// The answer of a method without support. All its outs are required.
template <typename... Outs> HRESULT unsupported(Outs *...outs) {
    if (makes(Mistake::outs_left))
        return MAPI_E_NO_SUPPORT;
    if (!clear(outs...))
        return MAPI_E_INVALID_PARAMETER;
    return makes(Mistake::not_implemented) ? E_NOTIMPL : MAPI_E_NO_SUPPORT;
}

// mingw-w64 declares connections as ULONG, where Microsoft's headers have a ULONG_PTR.
inline ULONG_PTR *connection_of(ULONG *declared) { return reinterpret_cast<ULONG_PTR *>(declared); }

// What a method answers whose work can't go on.
struct Refused {
    HRESULT status;
};

// Ends a method if this isn't so.
inline void require(bool kept, HRESULT otherwise) {
    if (!kept)
        throw Refused{otherwise};
}

// Runs the body of a method: no exception may leave it.
template <typename Body> HRESULT guarded(Body body) {
    try {
        return body();
    } catch (const Refused &refused) {
        return refused.status;
    } catch (const std::bad_alloc &) {
        return MAPI_E_NOT_ENOUGH_MEMORY;
    } catch (const std::exception &) {
        return E_UNEXPECTED;
    }
}
