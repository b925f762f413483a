// A run that stops in its first Progress, so that a scenario can do things meanwhile.
#pragma once

#include "probe.h"

struct StandingRun {
    explicit StandingRun(probe::Store &store) {
        callback.on_progress = [this](const Callback::Call &) {
            reached.open();
            gate.wait();
            return S_OK;
        };
        request.start(store.sync.get(), &callback);
        EXPECT(reached.wait());
    }
    ~StandingRun() {
        gate.open();
        request.wait();
    }
    Callback callback;
    threads::Gate reached, gate;
    probe::Request request;
};
