// Requests that arrive during a run.
#include "standing_run.h"

#include <memory>

namespace {

using Call = Callback::Call;

} // namespace

SCENARIO("SYNC-15 requests during a run are merged into one following run") {
    probe::Store store;
    Callback first, second;
    StandingRun standing(store);
    probe::Request one(store.sync.get(), &first, SYNC_UPLOAD_CONTENTS);
    probe::Request two(store.sync.get(), &second, SYNC_DOWNLOAD_CONTENTS);
    EXPECT_EQ(one.result, S_OK);
    EXPECT_EQ(two.result, S_OK);
    EXPECT(one.event != two.event);
    EXPECT(first.calls().empty() && second.calls().empty());
    standing.gate.open();
    EXPECT(one.wait() && two.wait());
    EXPECT(standing.request.is_signalled());
    // One run told both: the same positions, and to each its own Done.
    EXPECT_EQ(first.count(Call::Progress), 4);
    EXPECT_EQ(second.count(Call::Progress), 4);
    EXPECT_EQ(first.outcome(), S_OK);
    EXPECT_EQ(second.outcome(), S_OK);
    EXPECT_EQ(first.calls().back().handle, one.event);
    EXPECT_EQ(second.calls().back().handle, two.event);
    EXPECT_EQ(standing.callback.outcome(), S_OK);
}

SCENARIO("SYNC-15, SYNC-17 64 requests are without their Done, the 65th is refused and never hears it") {
    probe::Store store;
    std::vector<std::unique_ptr<Callback>> callbacks;
    std::vector<std::unique_ptr<probe::Request>> requests;
    StandingRun standing(store);
    for (int i = 0; i < 63; ++i) {
        callbacks.push_back(std::make_unique<Callback>());
        requests.push_back(std::make_unique<probe::Request>(store.sync.get(), callbacks.back().get()));
        EXPECT_EQ(requests.back()->result, S_OK);
    }
    Callback refused;
    Session session;
    const probe::Request last(store.sync.get(), &refused, 0, &session);
    EXPECT_EQ(last.result, NOT_ENOUGH_RESOURCES);
    EXPECT_EQ(refused.reference_count(), 1);
    EXPECT_EQ(session.reference_count(), 1);
    standing.gate.open();
    for (int i = 0; i < 63; ++i) {
        EXPECT(requests[i]->wait());
        EXPECT_EQ(callbacks[i]->outcome(), S_OK);
        EXPECT_EQ(callbacks[i]->count(Call::Progress), 4);
    }
    EXPECT(refused.calls().empty());
}
