#include "order.h"

#include "../object.h"
#include "exchange.h"

#include <algorithm>

namespace {

const ULONG MOST_KEYS = 8;

// How two rows follow each other by one key.
int order_by(const SSortOrder &key, const Row &one, const Row &other) {
    const Value *const a = value_of(one.properties, key.ulPropTag);
    const Value *const b = value_of(other.properties, key.ulPropTag);
    const bool descending = key.ulOrder == TABLE_SORT_DESCEND;
    if (!a || !b) {
        const int last = (a ? 0 : 1) - (b ? 0 : 1);
        return makes(Mistake::missing_sorted_as_zero) && descending ? -last : last;
    }
    // In an order, capitals don't count.
    const int step = a->type == PT_UNICODE && b->type == PT_UNICODE ? _wcsicmp(a->text.c_str(), b->text.c_str())
                                                                    : compare(*a, *b);
    return descending ? -step : step;
}

} // namespace

Order read_order(const SSortOrderSet *given) {
    require(given, MAPI_E_INVALID_PARAMETER);
    require(given->cCategories == 0 && given->cSorts <= MOST_KEYS, MAPI_E_TOO_COMPLEX);
    const Order order(given->aSort, given->aSort + given->cSorts);
    for (const SSortOrder &key : order) {
        const ULONG type = PROP_TYPE(key.ulPropTag);
        require(!(type & MV_FLAG) && type != PT_OBJECT, MAPI_E_TOO_COMPLEX);
        require(key.ulOrder <= TABLE_SORT_DESCEND, MAPI_E_TOO_COMPLEX);
    }
    return order;
}

void sort_rows(Rows &rows, const Order &order) {
    const auto before = [&](const Row &one, const Row &other) {
        for (const SSortOrder &key : order)
            if (const int step = order_by(key, one, other))
                return step < 0;
        return false;
    };
    std::stable_sort(rows.begin(), rows.end(), before);
}
