#include "store.h"

namespace {

// IMAPISync as a separate object. Only by mistake: it belongs to the store's identity.
class LooseSync : public Object<IMAPISync> {
public:
    // Takes over the reference that QueryInterface is about to count for its result.
    explicit LooseSync(Store *store) : store(Ref<Store>::adopt(store)) {}
    HRESULT STDMETHODCALLTYPE SynchronizeInBackground(MAPISIB *block) override {
        return store->SynchronizeInBackground(block);
    }

protected:
    void *find(REFIID iid) override {
        return iid == IID_IUnknown || iid == IID_IMAPISync ? static_cast<IMAPISync *>(this) : nullptr;
    }

private:
    const Ref<Store> store;
};

} // namespace

Store::Store(const std::shared_ptr<Shared> &shared, const Identity &identity, const std::vector<BYTE> &entry_id)
    : PropObject(shared->allocators, Mailbox::of(identity, entry_id)), identity(identity), shared(shared),
      connections(mailbox) {}

Store::~Store() {
    // First of all, so that nobody finds an object that is being deleted.
    shared->registry.remove(this);
    if (engine)
        engine->close(logon);
    if (!support)
        return;
    ULONG flags = logoff_flags;
    if (!makes(Mistake::transports_not_told))
        support->StoreLogoffTransports(&flags);
}

void Store::keep(IMAPISupport *given) { support = Ref<IMAPISupport>::share(given); }

bool Store::has(REFIID iid) {
    return iid == IID_IUnknown || iid == IID_IMAPIProp || iid == IID_IMsgStore || iid == IID_IMAPISync;
}

void *Store::find(REFIID iid) {
    if (!has(iid))
        return nullptr;
    if (iid != IID_IMAPISync)
        return static_cast<IMsgStore *>(this);
    if (makes(Mistake::sync_has_own_identity))
        return static_cast<IMAPISync *>(new LooseSync(this));
    return static_cast<IMAPISync *>(this);
}

HRESULT Store::StoreLogoff(ULONG *flags) {
    if (!flags)
        return MAPI_E_INVALID_PARAMETER;
    logoff_flags = *flags;
    // The store may have other clients: it stays open, and only the run ends.
    engine->cancel();
    engine->wait(Engine::deadline());
    *flags = LOGOFF_COMPLETE;
    return S_OK;
}

HRESULT Store::SynchronizeInBackground(MAPISIB *block) {
    if (!block)
        return makes(Mistake::null_block_accepted) ? S_OK : MAPI_E_INVALID_PARAMETER;
    if (block->ulSize < sizeof(MAPISIB) && !makes(Mistake::size_ignored))
        return MAPI_E_INVALID_PARAMETER;
    HANDLE *const event = block->phSyncDoneEvent;
    if (!event)
        return MAPI_E_INVALID_PARAMETER;
    *event = nullptr;
    return guarded([&]() -> HRESULT {
        Request request;
        HRESULT result = Request::make(*block, static_cast<IMsgStore *>(this), request);
        if (FAILED(result))
            return result;
        result = engine->submit(request);
        if (FAILED(result))
            request.refuse(event);
        return result;
    });
}
