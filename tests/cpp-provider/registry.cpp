#include "store.h"

#include <algorithm>

Ref<Store> Registry::find(const Identity &identity) {
    Guard guard(lock);
    return find_locked(identity);
}

Ref<Store> Registry::find_locked(const Identity &identity) {
    if (makes(Mistake::second_store))
        return {};
    for (const Entry &entry : entries)
        if (entry.identity == identity && entry.store && entry.store->add_ref_unless_gone())
            return Ref<Store>::adopt(entry.store);
    return {};
}

Ref<Store> Registry::claim(const Ref<Store> &made, const Settings &settings) {
    Guard guard(lock);
    if (Ref<Store> other = find_locked(made->identity))
        return other;
    std::shared_ptr<Engine> engine;
    for (const Entry &entry : entries)
        if (entry.identity == made->identity && !makes(Mistake::second_store))
            engine = entry.engine.lock();
    if (!engine)
        engine = std::make_shared<Engine>();
    entries.push_back({made->identity, engine, made.get()});
    made->logon = engine->open(settings);
    made->engine = engine;
    return made;
}

void Registry::remove(const Store *store) {
    Guard guard(lock);
    for (Entry &entry : entries)
        if (entry.store == store)
            entry.store = nullptr;
    const auto gone = [](const Entry &entry) { return !entry.store && entry.engine.expired(); };
    entries.erase(std::remove_if(entries.begin(), entries.end(), gone), entries.end());
}

void Registry::stop_all() {
    std::vector<std::shared_ptr<Engine>> engines;
    {
        Guard guard(lock);
        for (const Entry &entry : entries)
            if (std::shared_ptr<Engine> engine = entry.store ? entry.engine.lock() : nullptr)
                engines.push_back(engine);
    }
    const ULONGLONG deadline = Engine::deadline();
    for (const auto &engine : engines)
        engine->close();
    for (const auto &engine : engines)
        engine->wait(deadline);
}
