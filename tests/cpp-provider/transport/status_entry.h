// What the status table opens of a transport: IMAPIStatus, read-only. It keeps nothing of the logon alive.
#pragma once

#include "session.h"

class StatusEntry : public Object<IMAPIStatus> {
public:
    explicit StatusEntry(const std::shared_ptr<Session> &session) : weak(session) {}
    MAPI_IMAPIPROP_METHODS(override)
    MAPI_IMAPISTATUS_METHODS(override)

protected:
    void *find(REFIID iid) override;

private:
    // The session, unless it is over.
    std::shared_ptr<Session> session() const;

    const std::weak_ptr<Session> weak;
};

// ValidateState, of the logon and of the status object alike.
HRESULT validated(Session &session, ULONG flags);
