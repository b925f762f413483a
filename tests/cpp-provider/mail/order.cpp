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
        require(is_value_tag(key.ulPropTag) || !(type & MV_FLAG), MAPI_E_TOO_COMPLEX);
        require(type != PT_OBJECT, MAPI_E_TOO_COMPLEX);
        require(key.ulOrder <= TABLE_SORT_DESCEND, MAPI_E_TOO_COMPLEX);
    }
    return order;
}

bool has_value_tag(const Order &order, ULONG tag) {
    const auto is_it = [&](const SSortOrder &key) { return key.ulPropTag == tag; };
    return std::any_of(order.begin(), order.end(), is_it);
}

Rows rows_of_values(const Rows &rows, const Order &order) {
    Rows all = rows;
    for (const SSortOrder &key : order) {
        if (!is_value_tag(key.ulPropTag))
            continue;
        Rows split;
        for (const Row &row : all) {
            const Value *const list = value_of(row.properties, key.ulPropTag);
            if (!list || list->list.empty()) {
                split.push_back(row);
                continue;
            }
            for (size_t i = 0; i < list->list.size(); ++i) {
                Row single = row;
                // Its own key, which begins with the row's.
                const Bytes place = key_of(i + 1);
                single.key.insert(single.key.end(), place.begin(), place.end());
                single.properties[PROP_ID(PR_INSTANCE_KEY)] = bytes_value(single.key);
                single.properties[PROP_ID(key.ulPropTag)] = list->list[i];
                split.push_back(single);
            }
        }
        all = split;
    }
    return all;
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
