// A MAPI session that does nothing but count references.
#pragma once

#include "counted.h"

struct UnsupportedSession : public IMAPISession {
    MAPI_IMAPISESSION_METHODS(override { return NO_SUPPORT; })
};

class Session : public Counted<UnsupportedSession, &IID_IMAPISession> {};
