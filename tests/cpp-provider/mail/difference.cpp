#include "difference.h"

#include "../object.h"

#include <list>

std::vector<RowEvent> difference(const Rows &told, const Rows &now,
                                 const std::function<bool(const Row &, const Row &)> &looks_the_same) {
    std::map<Bytes, const Row *> there;
    for (const Row &row : now)
        there[row.key] = &row;
    std::vector<RowEvent> events;
    std::set<Bytes> had;
    // Rows that can stay where the client has them, as long as they follow each other as they do now.
    std::list<Bytes> staying;
    for (const Row &row : told) {
        had.insert(row.key);
        const auto still = there.find(row.key);
        if (still == there.end())
            events.push_back({TABLE_ROW_DELETED, row.key, nullptr, nullptr});
        else if (looks_the_same(row, *still->second))
            staying.push_back(row.key);
    }
    const Row *before = nullptr;
    for (const Row &row : now) {
        if (!staying.empty() && staying.front() == row.key) {
            staying.pop_front();
        } else {
            staying.remove(row.key);
            const ULONG kind = had.count(row.key) ? TABLE_ROW_MODIFIED : TABLE_ROW_ADDED;
            events.push_back({kind, row.key, &row, makes(Mistake::prior_left_empty) ? nullptr : before});
        }
        before = &row;
    }
    return events;
}
