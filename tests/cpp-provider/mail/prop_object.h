// IMAPIProp, the same for all objects: what differs is where their properties are.
#pragma once

#include "../object.h"
#include "mailbox.h"

// An object with properties, as IMAPIProp's methods need it. What takes a turn is called within it.
class Bag {
public:
    Bag(const Allocators &allocators, const std::shared_ptr<Mailbox> &mailbox)
        : allocators(allocators), mailbox(mailbox) {}

    // All that GetProps knows.
    virtual Properties all(Turn &turn) const = 0;
    // Set or remove one property; the answer is S_OK or the property's problem.
    virtual HRESULT set(Turn &turn, ULONG tag, const Value &value) = 0;
    virtual HRESULT remove(Turn &turn, ULONG tag) = 0;
    // Whether it was opened for changes.
    virtual bool is_open_for_changes() const = 0;
    virtual HRESULT save(ULONG flags) = 0;
    // A property that isn't read but opened: the store's object itself answers for it.
    virtual HRESULT open(ULONG tag, REFIID iid, ULONG options, ULONG flags, IUnknown **object) = 0;
    // To keep the object alive as long as something of it is open.
    virtual IUnknown *unknown() = 0;

    const Allocators allocators;
    const std::shared_ptr<Mailbox> mailbox;

protected:
    virtual ~Bag() = default;
};

HRESULT get_props(const Bag &bag, const Allocators &allocators, const SPropTagArray *named, ULONG flags, ULONG *count,
                  SPropValue **values);
HRESULT get_prop_list(const Bag &bag, ULONG flags, SPropTagArray **list);
HRESULT open_property(Bag &bag, ULONG tag, const IID *iid, ULONG options, ULONG flags, IUnknown **object);
HRESULT set_props(Bag &bag, ULONG count, const SPropValue *given, SPropProblemArray **problems);
HRESULT delete_props(Bag &bag, const SPropTagArray *named, SPropProblemArray **problems);
HRESULT get_ids_from_names(Bag &bag, ULONG count, MAPINAMEID **given, ULONG flags, SPropTagArray **tags);
HRESULT get_names_from_ids(Bag &bag, SPropTagArray **tags, const GUID *set, ULONG flags, ULONG *count,
                           MAPINAMEID ***names);

// An object with these interfaces, the first of which is an IMAPIProp.
template <typename... Interfaces> class PropObject : public Object<Interfaces...>, public Bag {
public:
    PropObject(const Allocators &allocators, const std::shared_ptr<Mailbox> &mailbox) : Bag(allocators, mailbox) {}

    HRESULT STDMETHODCALLTYPE GetLastError(HRESULT, ULONG, LPMAPIERROR *error) override {
        return clear(error) ? S_OK : MAPI_E_INVALID_PARAMETER;
    }
    HRESULT STDMETHODCALLTYPE SaveChanges(ULONG flags) override {
        return guarded([&] { return save(flags); });
    }
    HRESULT STDMETHODCALLTYPE GetProps(LPSPropTagArray named, ULONG flags, ULONG *count, LPSPropValue *values) override {
        return get_props(*this, allocators, named, flags, count, values);
    }
    HRESULT STDMETHODCALLTYPE GetPropList(ULONG flags, LPSPropTagArray *list) override {
        return get_prop_list(*this, flags, list);
    }
    HRESULT STDMETHODCALLTYPE OpenProperty(ULONG tag, LPCIID iid, ULONG options, ULONG flags, LPUNKNOWN *object) override {
        return open_property(*this, tag, iid, options, flags, object);
    }
    HRESULT STDMETHODCALLTYPE SetProps(ULONG count, LPSPropValue given, LPSPropProblemArray *problems) override {
        return set_props(*this, count, given, problems);
    }
    HRESULT STDMETHODCALLTYPE DeleteProps(LPSPropTagArray named, LPSPropProblemArray *problems) override {
        return delete_props(*this, named, problems);
    }
    // Nobody needs copies of a store or a folder in which it isn't contained.
    HRESULT STDMETHODCALLTYPE CopyTo(ULONG, LPCIID, LPSPropTagArray, ULONG, LPMAPIPROGRESS, LPCIID, LPVOID, ULONG,
                                     LPSPropProblemArray *problems) override {
        clear(problems);
        return unsupported();
    }
    HRESULT STDMETHODCALLTYPE CopyProps(LPSPropTagArray, ULONG, LPMAPIPROGRESS, LPCIID, LPVOID, ULONG,
                                        LPSPropProblemArray *problems) override {
        clear(problems);
        return unsupported();
    }
    HRESULT STDMETHODCALLTYPE GetNamesFromIDs(LPSPropTagArray *tags, LPGUID set, ULONG flags, ULONG *count,
                                              LPMAPINAMEID **names) override {
        return get_names_from_ids(*this, tags, set, flags, count, names);
    }
    HRESULT STDMETHODCALLTYPE GetIDsFromNames(ULONG count, LPMAPINAMEID *given, ULONG flags,
                                              LPSPropTagArray *tags) override {
        return get_ids_from_names(*this, count, given, flags, tags);
    }
    IUnknown *unknown() override { return static_cast<First *>(this); }

private:
    template <typename Head, typename...> struct FirstOf { using Type = Head; };
    using First = typename FirstOf<Interfaces...>::Type;
};
