// The probe DLL: loading it, opening its store, telling it what to do.
#pragma once

#include "callback.h"
#include "memory.h"
#include "session.h"
#include "stack.h"
#include "support.h"

namespace probe {

// The DLL's path, and its name once it is loaded.
extern std::string path;
std::string module_name();

// The DLL, loaded as long as this lives.
class Dll {
public:
    Dll();
    ~Dll();
    Dll(const Dll &) = delete;
    HMODULE module() const { return handle; }
    MSPROVIDERINIT *provider_init() const;
    MSGSERVICEENTRY *service_entry() const;
    // Lets go of the DLL now.
    void free();

private:
    HMODULE handle;
};

// Whether the DLL is loaded, and whether it is unloaded in time.
bool is_loaded();
bool goes_within(DWORD milliseconds);

// What the next runs do; restored when this dies.
class Orders {
public:
    Orders &steps(int count) { return set("SYNC_TEST_STEPS", std::to_string(count).c_str()); }
    Orders &step_ms(int milliseconds) { return set("SYNC_TEST_STEP_MS", std::to_string(milliseconds).c_str()); }
    Orders &fail(const char *hex) { return set("SYNC_TEST_FAIL", hex); }
    Orders &panic() { return set("SYNC_TEST_PANIC", "1"); }
    ~Orders();

private:
    Orders &set(const char *name, const char *value);
};

// A provider object.
class Provider {
public:
    // `flags` are those of MSProviderInit.
    explicit Provider(const Dll &dll, ULONG flags = 0);
    IMSProvider *operator->() const { return object.get(); }
    IMSProvider *get() const { return object.get(); }
    // Logon; the out parameters are as the call left them.
    HRESULT logon(Support &support, IMSLogon **logon, IMsgStore **store);
    // Shutdown and the last Release; the last Release alone.
    void close();
    void abandon();
    ~Provider() { close(); }

private:
    Held<IMSProvider> object;
};

// An open store of a provider of its own.
class Store {
public:
    explicit Store(ULONG flags = 0);
    ~Store() { close(); }
    Store(const Store &) = delete;
    IMsgStore *operator->() const { return store.get(); }
    IMsgStore *get() const { return store.get(); }
    // Releases everything as Outlook does; checks that nothing is left.
    void close();
    // Only the store's own references, its last Release included.
    void release();
    ULONG store_logoff(ULONG flags = LOGOFF_ORDERLY);

    Dll dll;
    Provider provider;
    Support support;
    IMSLogon *logon = nullptr; // the support object's reference
    Held<IMsgStore> store;
    Held<IMAPISync> sync;

private:
    int roots_before;
    bool closed = false;
};

// A request to synchronise, and its event.
class Request {
public:
    Request() = default;
    Request(IMAPISync *sync, IUnknown *callback, ULONG flags = 0, IMAPISession *session = nullptr);
    ~Request() { close(); }
    Request(const Request &) = delete;
    void start(IMAPISync *sync, IUnknown *callback, ULONG flags = 0, IMAPISession *session = nullptr);
    bool wait(DWORD milliseconds = 20000) const { return WaitForSingleObject(event, milliseconds) == WAIT_OBJECT_0; }
    bool is_signalled() const { return wait(0); }
    void close();

    HRESULT result = E_PENDING;
    HANDLE event = nullptr;
};

} // namespace probe
