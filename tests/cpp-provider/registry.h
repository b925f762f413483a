// The open stores of one provider object.
#pragma once

#include "engine.h"
#include "buffer.h"

#include <vector>

class Store;

// What tells one store from another: an entry ID without its flags.
using Identity = std::vector<BYTE>;

class Registry {
public:
    // The open store of that identity, counted; NULL if there is none.
    Ref<Store> find(const Identity &identity);
    // Adds a new store and gives it its engine, unless another thread has opened the same one meanwhile: then returns
    // that one.
    Ref<Store> claim(const Ref<Store> &made, const Settings &settings);
    // A store removes itself when it is deleted: the list holds no references.
    void remove(const Store *store);
    // Ends the runs of all open stores, within one time limit for all of them.
    void stop_all();

private:
    struct Entry {
        Identity identity;
        std::weak_ptr<Engine> engine; // outlives its store as long as there is a worker
        Store *store;                 // NULL once it has gone
    };

    Ref<Store> find_locked(const Identity &identity);

    Lock lock;
    std::vector<Entry> entries;
};

// What a provider object and its stores share.
struct Shared {
    Allocators allocators;
    Registry registry;
};
