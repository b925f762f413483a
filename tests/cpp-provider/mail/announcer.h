// Who hears of changes, and when: after the change, in the order of the changes, and with no lock held.
#pragma once

#include "entry_id.h"
#include "../locks.h"

#include <deque>
#include <functional>
#include <memory>

// Something that has happened.
struct Change {
    ULONG event; // fnevObjectCreated and the like
    Kind kind;
    Id object;
    Id parent;
    Id old_object = 0;
    Id old_parent = 0;
    // Of new mail.
    ULONG message_flags = 0;
    std::wstring message_class = {};
};

class Announcer {
public:
    using Listener = std::function<void(const Change &)>;

    // Returns a number, never 0.
    ULONG add(Listener listener);
    // When this returns, the listener is not called any more, and isn't at work, but for the caller itself. False if there
    // is none.
    bool remove(ULONG number);

    // Puts a change in line. The caller may hold other locks.
    void note(const Change &change);
    // Tells what is in line, unless another thread is telling, which then does it. The caller holds no lock.
    void tell();

private:
    struct Entry {
        ULONG number;
        Listener listener;
    };

    void tell_one(const Change &change);
    bool is_there(ULONG number);

    Lock lock; // of all that follows
    std::deque<Change> line;
    std::vector<std::shared_ptr<const Entry>> entries;
    ULONG last = 0;
    DWORD teller = 0; // the thread that tells; 0 if none does
};
