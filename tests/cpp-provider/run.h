// The synchronisation itself.
#pragma once

#include "progress.h"

// What the service is configured with.
struct Settings {
    std::wstring mode; // `fail`: the server can't be reached
};

// How a run ended, and why if it failed.
struct Outcome {
    HRESULT result = S_OK;
    std::wstring text;
};

Outcome synchronise(const Settings &settings, ULONG flags, Progress &progress);
