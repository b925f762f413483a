// The worker's thread: keeps the DLL loaded, and COM and MAPI initialised during the work.
#include "engine.h"

#include "ref.h"

namespace {

struct Start {
    std::shared_ptr<Engine> engine;
    HMODULE module;
};

// A reference to this DLL, so that the thread's code stays as long as the thread.
HMODULE keep_module() {
    if (makes(Mistake::module_not_kept))
        return nullptr;
    HMODULE module = nullptr;
    const auto here = reinterpret_cast<const WCHAR *>(reinterpret_cast<void *>(&keep_module));
    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, here, &module);
    return module;
}

// The MAPI of this process, initialised for the calling thread. It is never loaded for this, and if it refuses, the run
// goes on without it.
class Mapi {
public:
    Mapi() {
        // Outlook's own first: mapi32 may be the stub in front of it.
        for (const WCHAR *name : {L"olmapi32.dll", L"msmapi32.dll", L"mapi32.dll"})
            if (GetModuleHandleExW(0, name, &module))
                break;
        if (!module)
            return;
        MAPIINIT_0 parameter = {0, MAPI_MULTITHREAD_NOTIFICATIONS | MAPI_NO_COINIT};
        const auto initialize = find<MAPIINITIALIZE>("MAPIInitialize");
        uninitialize = find<MAPIUNINITIALIZE>("MAPIUninitialize");
        if (!initialize || !uninitialize || FAILED(initialize(&parameter)))
            uninitialize = nullptr;
    }
    ~Mapi() {
        if (uninitialize)
            uninitialize();
        if (module)
            FreeLibrary(module);
    }
    Mapi(const Mapi &) = delete;

private:
    static const ULONG MAPI_NO_COINIT = 0x8;

    template <typename Function> Function *find(const char *name) const {
        return reinterpret_cast<Function *>(reinterpret_cast<void *>(GetProcAddress(module, name)));
    }

    HMODULE module = nullptr;
    MAPIUNINITIALIZE *uninitialize = nullptr;
};

class Com {
public:
    Com()
        : initialised(!makes(Mistake::com_not_initialised) && SUCCEEDED(CoInitializeEx(nullptr, COINIT_MULTITHREADED))) {}
    ~Com() {
        if (initialised)
            CoUninitialize();
    }
    Com(const Com &) = delete;

private:
    const bool initialised;
};

} // namespace

// With the lock held: nobody may join a queue for which no worker will come.
bool Engine::start_worker() {
    const HMODULE module = keep_module();
    if (!module && !makes(Mistake::module_not_kept))
        return false;
    auto *const start = new (std::nothrow) Start{shared_from_this(), module};
    const HANDLE handle = start ? CreateThread(nullptr, 0, thread, start, 0, nullptr) : nullptr;
    if (handle) {
        CloseHandle(handle);
        return true;
    }
    delete start;
    if (module)
        FreeLibrary(module);
    return false;
}

DWORD WINAPI Engine::thread(void *given) {
    HMODULE module;
    {
        const std::unique_ptr<Start> start(static_cast<Start *>(given));
        module = start->module;
        const Com com;
        const Mapi mapi;
        start->engine->work();
    }
    // Nothing of the thread is left that would need its code. In one step, because there may be no code to return to.
    if (module)
        FreeLibraryAndExitThread(module, 0);
    return 0;
}
