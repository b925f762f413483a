#include "announcer.h"

#include <algorithm>

namespace {

const DWORD UNTIL_WOKEN = INFINITE;

} // namespace

ULONG Announcer::add(Listener listener) {
    Guard guard(lock);
    entries.push_back(std::make_shared<const Entry>(Entry{++last, std::move(listener)}));
    return last;
}

bool Announcer::remove(ULONG number) {
    // What a listener holds is let go when the lock is.
    std::shared_ptr<const Entry> last_use;
    Guard guard(lock);
    const auto is_it = [&](const std::shared_ptr<const Entry> &entry) { return entry->number == number; };
    const auto found = std::find_if(entries.begin(), entries.end(), is_it);
    if (found == entries.end())
        return false;
    last_use = *found;
    entries.erase(found);
    // The listener may be at work in another thread. A listener that removes itself would wait for itself.
    while (teller != 0 && teller != GetCurrentThreadId())
        lock.sleep(UNTIL_WOKEN);
    return true;
}

void Announcer::note(const Change &change) {
    Guard guard(lock);
    line.push_back(change);
}

void Announcer::tell() {
    Guard guard(lock);
    if (teller != 0)
        return;
    teller = GetCurrentThreadId();
    while (!line.empty()) {
        const Change change = line.front();
        line.pop_front();
        lock.leave();
        tell_one(change);
        lock.enter();
    }
    teller = 0;
    lock.wake_all();
}

bool Announcer::is_there(ULONG number) {
    Guard guard(lock);
    const auto is_it = [&](const std::shared_ptr<const Entry> &entry) { return entry->number == number; };
    return std::any_of(entries.begin(), entries.end(), is_it);
}

void Announcer::tell_one(const Change &change) try {
    std::vector<std::shared_ptr<const Entry>> now;
    {
        Guard guard(lock);
        now = entries;
    }
    for (const auto &entry : now)
        if (is_there(entry->number))
            entry->listener(change);
} catch (const std::exception &) {
    // Without memory nobody can be told.
}
