// The logon object, which MAPI itself calls. It never holds the store: the store holds the support object, and that holds
// the logon.
#pragma once

#include "mail/advising.h"
#include "object.h"
#include "registry.h"

class Logon : public Object<IMSLogon> {
public:
    Logon(const Allocators &allocators, const std::shared_ptr<Mailbox> &mailbox, const std::shared_ptr<Engine> &engine,
          unsigned number)
        : allocators(allocators), mailbox(mailbox), connections(mailbox), engine(engine), number(number) {}
    MAPI_IMSLOGON_METHODS(override)

protected:
    void *find(REFIID iid) override;

private:
    const Allocators allocators;
    const std::shared_ptr<Mailbox> mailbox;
    Connections connections;
    const std::shared_ptr<Engine> engine;
    const unsigned number;
};
