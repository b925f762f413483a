// Who wants to hear of objects.
#pragma once

#include "../ref.h"
#include "mailbox.h"

// The connections of one object's Advise, which end with it.
class Connections {
public:
    explicit Connections(const std::shared_ptr<Mailbox> &mailbox) : mailbox(mailbox) {}
    ~Connections();

    // Without an entry ID, the sink hears of all that is in the store.
    HRESULT advise(ULONG size, const ENTRYID *entry_id, ULONG events, IMAPIAdviseSink *sink, ULONG_PTR *connection);
    HRESULT unadvise(ULONG connection);

private:
    const std::shared_ptr<Mailbox> mailbox;
    Lock lock;
    std::set<ULONG> numbers;
};

// Tells of new mail to those who want to hear of it.
HRESULT notify_new_mail(Mailbox &mailbox, const NOTIFICATION *given);
