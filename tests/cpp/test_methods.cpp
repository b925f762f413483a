// Every method that the probe's team has not written: called through the vtable while the stack pointer is
// watched, it answers MAPI_E_NO_SUPPORT and clears its out parameters.
#include "probe.h"

namespace {

// An out parameter that starts as garbage; wide enough for a ULONG_PTR, which the headers call ULONG.
template <typename T> class Out {
public:
    // The address as the headers want it.
    template <typename Declared> operator Declared *() { return reinterpret_cast<Declared *>(&value); }
    bool is_cleared() const { return value == T(); }

private:
    T value = reinterpret_cast<T>(static_cast<uintptr_t>(0x0BAD0BAD));
};

template <> class Out<ULONG> {
public:
    operator ULONG *() { return &value; }
    bool is_cleared() const { return value == 0; }

private:
    ULONG value = 0x0BAD0BAD;
};

using Pointer = Out<void *>;
using Number = Out<ULONG>;

// Never read: nobody implements what would read it.
SPropTagArray tags = {};
SPropValue property = {};
ENTRYID entry = {};
IMAPIAdviseSink *const SINK = reinterpret_cast<IMAPIAdviseSink *>(&entry);
IMessage *const MESSAGE = reinterpret_cast<IMessage *>(&entry);

} // namespace

#define EXPECT_UNSUPPORTED(object, interface_, method, ...) \
    EXPECT_EQ(CALL(object, interface_, method, ##__VA_ARGS__), NO_SUPPORT)
#define EXPECT_REFUSED(object, interface_, method, ...) \
    EXPECT_EQ(CALL(object, interface_, method, ##__VA_ARGS__), INVALID_PARAMETER)

SCENARIO("COM-05, COM-06 IMAPIProp: unwritten methods of the store") {
    probe::Store store;
    EXPECT_UNSUPPORTED(store.get(), IMsgStore, SaveChanges, 0);
    Pointer opened, set, deleted, copied, copied_some, names, ids;
    Number count;
    EXPECT_UNSUPPORTED(store.get(), IMsgStore, OpenProperty, PR_ENTRYID, &IID_IMAPIProp, 0, 0, opened);
    EXPECT(opened.is_cleared());
    EXPECT_UNSUPPORTED(store.get(), IMsgStore, SetProps, 1, &property, set);
    EXPECT(set.is_cleared());
    EXPECT_UNSUPPORTED(store.get(), IMsgStore, DeleteProps, &tags, deleted);
    EXPECT(deleted.is_cleared());
    EXPECT_UNSUPPORTED(store.get(), IMsgStore, CopyTo, 0, nullptr, nullptr, 0, nullptr, &IID_IMAPIProp, &entry, 0, copied);
    EXPECT(copied.is_cleared());
    EXPECT_UNSUPPORTED(store.get(), IMsgStore, CopyProps, &tags, 0, nullptr, &IID_IMAPIProp, &entry, 0, copied_some);
    EXPECT(copied_some.is_cleared());
    SPropTagArray *asked = &tags;
    EXPECT_UNSUPPORTED(store.get(), IMsgStore, GetNamesFromIDs, &asked, nullptr, 0, count, names);
    EXPECT(count.is_cleared() && names.is_cleared());
    EXPECT_UNSUPPORTED(store.get(), IMsgStore, GetIDsFromNames, 0, nullptr, 0, ids);
    EXPECT(ids.is_cleared());
}

SCENARIO("COM-05, COM-06 IMsgStore: unwritten methods of the store") {
    probe::Store store;
    Pointer connection, object, id, folder_class, folders, queue;
    Number result, type, size;
    EXPECT_UNSUPPORTED(store.get(), IMsgStore, Advise, 0, nullptr, 0, SINK, connection);
    EXPECT(connection.is_cleared());
    EXPECT_UNSUPPORTED(store.get(), IMsgStore, Unadvise, 1);
    EXPECT_UNSUPPORTED(store.get(), IMsgStore, CompareEntryIDs, 5, &entry, 5, &entry, 0, result);
    EXPECT(result.is_cleared());
    EXPECT_UNSUPPORTED(store.get(), IMsgStore, OpenEntry, 0, nullptr, nullptr, 0, type, object);
    EXPECT(type.is_cleared() && object.is_cleared());
    EXPECT_UNSUPPORTED(store.get(), IMsgStore, SetReceiveFolder, nullptr, 0, 0, nullptr);
    EXPECT_UNSUPPORTED(store.get(), IMsgStore, GetReceiveFolder, nullptr, 0, size, id, folder_class);
    EXPECT(size.is_cleared() && id.is_cleared() && folder_class.is_cleared());
    EXPECT_UNSUPPORTED(store.get(), IMsgStore, GetReceiveFolderTable, 0, folders);
    EXPECT(folders.is_cleared());
    EXPECT_UNSUPPORTED(store.get(), IMsgStore, AbortSubmit, 5, &entry, 0);
    EXPECT_UNSUPPORTED(store.get(), IMsgStore, GetOutgoingQueue, 0, queue);
    EXPECT(queue.is_cleared());
    EXPECT_UNSUPPORTED(store.get(), IMsgStore, SetLockState, MESSAGE, 1);
    EXPECT_UNSUPPORTED(store.get(), IMsgStore, FinishedMsg, 0, 5, &entry);
    NOTIFICATION news = {};
    EXPECT_UNSUPPORTED(store.get(), IMsgStore, NotifyNewMail, &news);
}

SCENARIO("COM-05, COM-06 IMSLogon: unwritten methods of the logon") {
    probe::Store store;
    Pointer object, connection, status;
    Number type, result, status_type;
    EXPECT_UNSUPPORTED(store.logon, IMSLogon, OpenEntry, 0, nullptr, nullptr, 0, type, object);
    EXPECT(type.is_cleared() && object.is_cleared());
    EXPECT_UNSUPPORTED(store.logon, IMSLogon, CompareEntryIDs, 5, &entry, 5, &entry, 0, result);
    EXPECT(result.is_cleared());
    EXPECT_UNSUPPORTED(store.logon, IMSLogon, Advise, 0, nullptr, 0, SINK, connection);
    EXPECT(connection.is_cleared());
    EXPECT_UNSUPPORTED(store.logon, IMSLogon, Unadvise, 1);
    EXPECT_UNSUPPORTED(store.logon, IMSLogon, OpenStatusEntry, nullptr, 0, status_type, status);
    EXPECT(status_type.is_cleared() && status.is_cleared());
}

SCENARIO("COM-05 a NULL required out is refused, also where nobody wrote the method, and the other out cleared") {
    probe::Store store;
    Pointer object, id, status, values, names;
    Number type, size, status_type, count, names_count;
    EXPECT_REFUSED(store.get(), IMsgStore, OpenEntry, 0, nullptr, nullptr, 0, nullptr, object);
    EXPECT(object.is_cleared());
    EXPECT_REFUSED(store.get(), IMsgStore, OpenEntry, 0, nullptr, nullptr, 0, type, nullptr);
    EXPECT(type.is_cleared());
    EXPECT_REFUSED(store.get(), IMsgStore, GetReceiveFolder, nullptr, 0, nullptr, id, nullptr);
    EXPECT(id.is_cleared());
    EXPECT_REFUSED(store.get(), IMsgStore, GetReceiveFolder, nullptr, 0, size, nullptr, nullptr);
    EXPECT(size.is_cleared());
    EXPECT_REFUSED(store.get(), IMsgStore, GetReceiveFolderTable, 0, nullptr);
    EXPECT_REFUSED(store.get(), IMsgStore, GetOutgoingQueue, 0, nullptr);
    EXPECT_REFUSED(store.get(), IMsgStore, OpenProperty, PR_ENTRYID, &IID_IMAPIProp, 0, 0, nullptr);
    EXPECT_REFUSED(store.get(), IMsgStore, GetPropList, 0, nullptr);
    EXPECT_REFUSED(store.get(), IMsgStore, GetProps, nullptr, 0, nullptr, values);
    EXPECT(values.is_cleared());
    EXPECT_REFUSED(store.get(), IMsgStore, GetProps, nullptr, 0, count, nullptr);
    EXPECT(count.is_cleared());
    SPropTagArray *asked = &tags;
    EXPECT_REFUSED(store.get(), IMsgStore, GetNamesFromIDs, &asked, nullptr, 0, nullptr, names);
    EXPECT(names.is_cleared());
    EXPECT_REFUSED(store.get(), IMsgStore, StoreLogoff, nullptr);
    EXPECT_REFUSED(store.logon, IMSLogon, OpenStatusEntry, nullptr, 0, nullptr, status);
    EXPECT(status.is_cleared());
    EXPECT_REFUSED(store.logon, IMSLogon, OpenStatusEntry, nullptr, 0, status_type, nullptr);
    EXPECT(status_type.is_cleared());
}

SCENARIO("ENTRY-10 IMAPIProviderShutdown is answered on the provider object") {
    probe::Store store;
    Held<IMAPIProviderShutdown> shutdown;
    EXPECT_EQ(store.provider->QueryInterface(IID_IMAPIProviderShutdown, shutdown.void_out()), S_OK);
    EXPECT_EQ(CALL(shutdown.get(), IMAPIProviderShutdown, QueryFastShutdown), S_OK);
    EXPECT_EQ(CALL(shutdown.get(), IMAPIProviderShutdown, NotifyProcessShutdown), S_OK);
    EXPECT_EQ(CALL(shutdown.get(), IMAPIProviderShutdown, DoFastShutdown), S_OK);
}
