// A transport's logon: IXPLogon.
#pragma once

#include "session.h"

class TransportLogon : public Object<IXPLogon> {
public:
    explicit TransportLogon(const std::shared_ptr<Session> &session) : session(session) {}
    MAPI_IXPLOGON_METHODS(override)

protected:
    ~TransportLogon() override;
    void *find(REFIID iid) override;

private:
    HRESULT address_types(ULONG *count, LPTSTR **types);
    void log_off();

    const std::shared_ptr<Session> session;
    Lock lock;
    LPTSTR *types = nullptr;
    IUnknown *status = nullptr; // only by mistake
};

// SubmitMessage, once it has begun: what is left of it to do with the message.
HRESULT submit(Session &session, IMessage *message, ULONG_PTR *seconds);
// StartMessage.
HRESULT receive(Session &session, IMessage *message, ULONG_PTR *reference);
