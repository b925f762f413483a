// The provider object of a transport.
#pragma once

#include "../object.h"
#include "../buffer.h"

class Transport : public Object<IXPProvider> {
public:
    explicit Transport(const Allocators &allocators) : allocators(allocators) {}
    MAPI_IXPPROVIDER_METHODS(override)

protected:
    void *find(REFIID iid) override;

private:
    const Allocators allocators;
};
