// The logon object, which MAPI itself calls. It never holds the store: the store holds the support object, and that holds
// the logon.
#pragma once

#include "object.h"
#include "registry.h"

class Logon : public Object<IMSLogon> {
public:
    Logon(const std::shared_ptr<Engine> &engine, unsigned number) : engine(engine), number(number) {}
    MAPI_IMSLOGON_METHODS(override)

protected:
    void *find(REFIID iid) override;

private:
    const std::shared_ptr<Engine> engine;
    const unsigned number;
};
