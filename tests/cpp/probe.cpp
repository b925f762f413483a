#include "probe.h"

#include <cstring>

namespace probe {
namespace {

template <typename Function> Function *find(HMODULE module, const char *name) {
    return reinterpret_cast<Function *>(reinterpret_cast<void *>(GetProcAddress(module, name)));
}

} // namespace

std::string path;

std::string module_name() { return path.substr(path.find_last_of("/\\") + 1); }

Dll::Dll() : handle(LoadLibraryA(path.c_str())) {
    if (!handle)
        check::fail(__FILE__, __LINE__, path + " can't be loaded: error " + std::to_string(GetLastError()));
}

Dll::~Dll() { free(); }

void Dll::free() {
    if (handle)
        FreeLibrary(handle);
    handle = nullptr;
}

MSPROVIDERINIT *Dll::provider_init() const { return find<MSPROVIDERINIT>(handle, "MSProviderInit"); }

MSGSERVICEENTRY *Dll::service_entry() const { return find<MSGSERVICEENTRY>(handle, "ServiceEntry"); }

bool is_loaded() { return GetModuleHandleA(module_name().c_str()) != nullptr; }

bool goes_within(DWORD milliseconds) {
    for (const DWORD start = GetTickCount(); is_loaded(); Sleep(10))
        if (GetTickCount() - start > milliseconds)
            return false;
    return true;
}

Orders &Orders::set(const char *name, const char *value) {
    SetEnvironmentVariableA(name, value);
    return *this;
}

Orders::~Orders() {
    for (const char *name : {"SYNC_TEST_STEPS", "SYNC_TEST_STEP_MS", "SYNC_TEST_FAIL", "SYNC_TEST_PANIC"})
        SetEnvironmentVariableA(name, nullptr);
}

Provider::Provider(const Dll &dll, ULONG flags) {
    ULONG version = 0;
    const HRESULT result =
        stack::invoke("MSProviderInit", dll.provider_init(), dll.module(), nullptr, memory::allocate_buffer,
                      memory::allocate_more, memory::free_buffer, flags, CURRENT_SPI_VERSION, &version, object.out());
    EXPECT_EQ(result, S_OK);
    EXPECT_EQ(version, CURRENT_SPI_VERSION);
    EXPECT(object);
}

HRESULT Provider::logon(Support &support, IMSLogon **logon, IMsgStore **store) {
    MAPIERROR *error = nullptr;
    ULONG security_size = 0;
    BYTE *security = nullptr;
    char profile[] = "profile";
    const HRESULT result = CALL(object.get(), IMSProvider, Logon, &support, 0, profile, 0, nullptr, 0, nullptr,
                                &security_size, &security, &error, logon, store);
    memory::free_buffer(error);
    return result;
}

void Provider::close() {
    if (!object)
        return;
    ULONG flags = 0;
    EXPECT_EQ(CALL(object.get(), IMSProvider, Shutdown, &flags), S_OK);
    abandon();
}

void Provider::abandon() {
    object->AddRef();
    EXPECT_EQ(object->Release(), 1);
    object.reset();
}

Store::Store(ULONG flags) : provider(dll, flags), roots_before(memory::roots()) {
    EXPECT_EQ(provider.logon(support, &logon, store.out()), S_OK);
    EXPECT(logon && store);
    if (!logon || !store)
        return;
    support.adopt(logon);
    // The driver's own reference: from here on the store keeps the support object.
    EXPECT(support.Release() >= 1);
    EXPECT_EQ(CALL(store.get(), IMsgStore, QueryInterface, IID_IMAPISync, sync.void_out()), S_OK);
}

void Store::release() {
    sync.reset();
    store.reset();
}

ULONG Store::store_logoff(ULONG flags) {
    EXPECT_EQ(CALL(store.get(), IMsgStore, StoreLogoff, &flags), S_OK);
    return flags;
}

void Store::close() {
    if (closed)
        return;
    closed = true;
    if (store && support.logoffs.empty())
        store_logoff();
    release();
    provider.close();
    EXPECT_EQ(support.logoffs.size(), 1);       // ENTRY-09
    EXPECT_EQ(support.reference_count(), 0);    // ENTRY-05
    EXPECT_EQ(support.logon_references, 0);     // ENTRY-05
    EXPECT_EQ(memory::roots(), roots_before);   // COM-07
    dll.free();
}

Request::Request(IMAPISync *sync, IUnknown *callback, ULONG flags, IMAPISession *session) {
    start(sync, callback, flags, session);
}

void Request::start(IMAPISync *sync, IUnknown *callback, ULONG flags, IMAPISession *session) {
    close();
    MAPISIB block = {sizeof block, flags, session, callback, &event};
    event = INVALID_HANDLE_VALUE;
    result = CALL(sync, IMAPISync, SynchronizeInBackground, &block);
    // SYNC-07: whatever the worker reads from here on is not what it should.
    std::memset(&block, 0xCC, sizeof block);
    EXPECT_EQ(event != nullptr, result == S_OK); // SYNC-03
}

void Request::close() {
    if (event)
        CloseHandle(event);
    event = nullptr;
}

} // namespace probe
