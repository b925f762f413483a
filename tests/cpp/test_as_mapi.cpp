// SYNC-20 with a MAPI that counts: this program itself, in a process where it is named olmapi32.dll.
#include "probe.h"

#include <map>

namespace {

threads::Lock lock;
std::map<DWORD, int> balances; // MAPIInitialize less MAPIUninitialize, by thread
int initialisations = 0, uninitialisations = 0;
ULONG last_flags = 0;
HRESULT answer = S_OK;

int balance_of(DWORD thread) {
    threads::Guard guard(lock);
    return balances[thread];
}

HRESULT initialise(ULONG flags) {
    threads::Guard guard(lock);
    last_flags = flags;
    ++initialisations;
    if (answer == S_OK)
        ++balances[GetCurrentThreadId()];
    return answer;
}

void uninitialise() {
    threads::Guard guard(lock);
    ++uninitialisations;
    --balances[GetCurrentThreadId()];
}

} // namespace

// dllexport would decorate the names on x86; MAPI's are not decorated, so the linker is given them
// by hand.
#ifdef __i386__
#define NAMED(name) __asm__("_" name)
#else
#define NAMED(name) __asm__(name)
#endif
__asm__(".section .drectve\n\t.ascii \" -export:MAPIInitialize -export:MAPIUninitialize\"\n\t.text");

extern "C" {
HRESULT WINAPI counting_initialise(void *parameter) NAMED("MAPIInitialize");
void WINAPI counting_uninitialise() NAMED("MAPIUninitialize");

HRESULT WINAPI counting_initialise(void *parameter) {
    const auto *const structure = static_cast<MAPIINIT_0 *>(parameter);
    EXPECT(structure && structure->ulVersion == MAPI_INIT_VERSION);
    return initialise(structure ? structure->ulFlags : 0);
}

void WINAPI counting_uninitialise() { uninitialise(); }
}

AS_MAPI_SCENARIO("SYNC-20 the program is the MAPI of its process") {
    EXPECT(GetModuleHandleA("olmapi32.dll") == GetModuleHandleA(nullptr));
    EXPECT(GetProcAddress(GetModuleHandleA(nullptr), "MAPIInitialize") != nullptr);
    EXPECT(GetProcAddress(GetModuleHandleA(nullptr), "MAPIUninitialize") != nullptr);
}

AS_MAPI_SCENARIO("SYNC-20 MAPI is initialised on the worker before user code and uninitialised after it, in balance") {
    probe::Store store;
    for (int round = 1; round <= 3; ++round) {
        Callback callback;
        int during = 0;
        callback.on_progress = [&](const Callback::Call &call) {
            during = balance_of(call.thread);
            return S_OK;
        };
        probe::Request request(store.sync.get(), &callback);
        EXPECT(request.wait());
        EXPECT_EQ(callback.outcome(), S_OK);
        EXPECT_EQ(during, 1);
        EXPECT_EQ(balance_of(callback.calls()[0].thread), 0);
        EXPECT_EQ(initialisations, round);
        EXPECT_EQ(uninitialisations, round);
    }
}

AS_MAPI_SCENARIO("SYNC-20 the worker says that it is a service's where the provider was told so") {
    for (const ULONG flags : {0UL, static_cast<ULONG>(MAPI_NT_SERVICE)}) {
        probe::Store store(flags);
        Callback callback;
        probe::Request request(store.sync.get(), &callback);
        EXPECT(request.wait());
        EXPECT_EQ(last_flags & MAPI_NT_SERVICE, flags);
    }
}

AS_MAPI_SCENARIO("SYNC-20 a panic and a cancellation leave MAPI in balance") {
    probe::Orders orders;
    orders.panic();
    probe::Store store;
    Callback panicking, cancelling;
    probe::Request first(store.sync.get(), &panicking);
    EXPECT(first.wait());
    cancelling.on_progress = [](const Callback::Call &) { return static_cast<HRESULT>(USER_CANCEL); };
    probe::Request second(store.sync.get(), &cancelling);
    EXPECT(second.wait());
    EXPECT_EQ(panicking.outcome(), UNEXPECTED);
    EXPECT_EQ(cancelling.outcome(), USER_CANCEL);
    EXPECT_EQ(initialisations, uninitialisations);
}

AS_MAPI_SCENARIO("SYNC-20 where MAPIInitialize fails the run goes on, and nothing is uninitialised") {
    probe::Store store;
    const int before = uninitialisations, asked = initialisations;
    answer = E_FAIL;
    Callback callback;
    probe::Request request(store.sync.get(), &callback);
    EXPECT(request.wait());
    answer = S_OK;
    EXPECT_EQ(callback.outcome(), S_OK);
    EXPECT_EQ(initialisations, asked + 1);
    EXPECT_EQ(uninitialisations, before);
}
