// Reading and writing an object's properties.
#include "exchange.h"
#include "prop_object.h"
#include "stream.h"

#include <algorithm>

namespace {

// The tags that a call means: all of them if it names none.
std::vector<ULONG> meant_tags(const SPropTagArray *named, const Properties &all, ULONG flags) {
    if (named)
        return {named->aulPropTag, named->aulPropTag + named->cValues};
    std::vector<ULONG> tags;
    for (const auto &property : all)
        tags.push_back(PROP_TAG(meant_type(PT_UNSPECIFIED, property.second.type, flags), property.first));
    return tags;
}

// Properties that could not be set or deleted, for a caller who may not want to know.
class Problems {
public:
    void add(ULONG index, ULONG tag, HRESULT status) {
        if (FAILED(status))
            all.push_back({index, tag, status});
    }
    void give(const Allocators &allocators, SPropProblemArray **out) const {
        if (!out || all.empty())
            return;
        Buffer buffer(allocators, CbNewSPropProblemArray(all.size()));
        auto *const array = static_cast<SPropProblemArray *>(buffer.get());
        array->cProblem = static_cast<ULONG>(all.size());
        std::copy(all.begin(), all.end(), array->aProblem);
        *out = static_cast<SPropProblemArray *>(buffer.hand_over());
    }

private:
    std::vector<SPropProblem> all;
};

Properties all_of(const Bag &bag) {
    Turn turn(*bag.mailbox);
    return bag.all(turn);
}

bool says_nothing(const SPropValue &given) {
    const ULONG type = PROP_TYPE(given.ulPropTag);
    return type == PT_ERROR || type == PT_NULL;
}

} // namespace

HRESULT get_props(const Bag &bag, const Allocators &allocators, const SPropTagArray *named, ULONG flags, ULONG *count,
                  SPropValue **values) {
    if (!clear(count, values))
        return MAPI_E_INVALID_PARAMETER;
    return guarded([&]() -> HRESULT {
        const Properties all = all_of(bag);
        const std::vector<ULONG> tags = meant_tags(named, all, flags);
        Buffer buffer(allocators, sizeof(SPropValue) * std::max<size_t>(tags.size(), 1));
        auto *const filled = static_cast<SPropValue *>(buffer.get());
        bool whole = true;
        for (size_t i = 0; i < tags.size(); ++i)
            whole = write_property(all, tags[i], flags, MAPI_E_UNEXPECTED_TYPE, buffer, filled[i]) && whole;
        *count = static_cast<ULONG>(tags.size());
        *values = static_cast<SPropValue *>(buffer.hand_over());
        return whole ? S_OK : MAPI_W_ERRORS_RETURNED;
    });
}

HRESULT get_prop_list(const Bag &bag, ULONG flags, SPropTagArray **list) {
    if (!clear(list))
        return MAPI_E_INVALID_PARAMETER;
    return guarded([&]() -> HRESULT {
        *list = give_tags(bag.allocators, meant_tags(nullptr, all_of(bag), flags));
        return S_OK;
    });
}

HRESULT open_property(Bag &bag, ULONG tag, const IID *iid, ULONG options, ULONG flags, IUnknown **object) {
    if (!clear(object) || !iid)
        return MAPI_E_INVALID_PARAMETER;
    return guarded([&]() -> HRESULT {
        const bool changes = flags & (MAPI_CREATE | MAPI_MODIFY);
        require(!changes || bag.is_open_for_changes(), MAPI_E_NO_ACCESS);
        if (PROP_TYPE(tag) == PT_OBJECT)
            return bag.open(tag, *iid, options, flags, object);
        require(*iid == IID_IStream, MAPI_E_INTERFACE_NOT_SUPPORTED);
        *object = open_stream(bag, tag, options, flags);
        return S_OK;
    });
}

HRESULT set_props(Bag &bag, ULONG count, const SPropValue *given, SPropProblemArray **problems) {
    clear(problems);
    return guarded([&]() -> HRESULT {
        require(count && given, MAPI_E_INVALID_PARAMETER);
        require(bag.is_open_for_changes(), MAPI_E_NO_ACCESS);
        std::vector<Value> values(count);
        for (ULONG i = 0; i < count; ++i)
            require(says_nothing(given[i]) || read_value(given[i], values[i]), MAPI_E_INVALID_PARAMETER);
        Problems found;
        {
            Turn turn(*bag.mailbox);
            for (ULONG i = 0; i < count; ++i)
                if (!says_nothing(given[i]))
                    found.add(i, given[i].ulPropTag, bag.set(turn, given[i].ulPropTag, values[i]));
        }
        found.give(bag.allocators, problems);
        return S_OK;
    });
}

HRESULT delete_props(Bag &bag, const SPropTagArray *named, SPropProblemArray **problems) {
    clear(problems);
    return guarded([&]() -> HRESULT {
        require(named && named->cValues, MAPI_E_INVALID_PARAMETER);
        require(bag.is_open_for_changes(), MAPI_E_NO_ACCESS);
        Problems found;
        {
            Turn turn(*bag.mailbox);
            for (ULONG i = 0; i < named->cValues; ++i)
                found.add(i, named->aulPropTag[i], bag.remove(turn, named->aulPropTag[i]));
        }
        found.give(bag.allocators, problems);
        return S_OK;
    });
}
