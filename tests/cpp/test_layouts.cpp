// What this compiler makes of the headers, against the reference data that the generator was checked with: if
// they differed, the rest of this program would prove nothing about Outlook.
#include "stack.h"
#include "sync_family.h"

#include <cstddef>

#define BY_POINTER(x64, x86) (sizeof(void *) == 8 ? (x64) : (x86))
#define SIZE(structure, x64, x86) static_assert(sizeof(structure) == BY_POINTER(x64, x86), "size of " #structure)
#define FIELD(structure, field, x64, x86) \
    static_assert(offsetof(structure, field) == BY_POINTER(x64, x86), "offset of " #structure "::" #field)

SIZE(MAPISIB, 32, 20);
FIELD(MAPISIB, ulSize, 0, 0);
FIELD(MAPISIB, ulFlags, 4, 4);
FIELD(MAPISIB, psesSync, 8, 8);
FIELD(MAPISIB, punkCallBack, 16, 12);
FIELD(MAPISIB, phSyncDoneEvent, 24, 16);

SIZE(SPropValue, 24, 16);
FIELD(SPropValue, ulPropTag, 0, 0);
FIELD(SPropValue, dwAlignPad, 4, 4);
FIELD(SPropValue, Value, 8, 8);

SIZE(SBinary, 16, 8);
FIELD(SBinary, cb, 0, 0);
FIELD(SBinary, lpb, 8, 4);

SIZE(SPropTagArray, 8, 8);
FIELD(SPropTagArray, cValues, 0, 0);
FIELD(SPropTagArray, aulPropTag, 4, 4);

SIZE(SPropProblem, 12, 12);
FIELD(SPropProblem, ulIndex, 0, 0);
FIELD(SPropProblem, ulPropTag, 4, 4);
FIELD(SPropProblem, scode, 8, 8);

SIZE(SPropProblemArray, 16, 16);
FIELD(SPropProblemArray, cProblem, 0, 0);
FIELD(SPropProblemArray, aProblem, 4, 4);

SIZE(MAPIERROR, 32, 20);
FIELD(MAPIERROR, ulVersion, 0, 0);
FIELD(MAPIERROR, lpszError, 8, 4);
FIELD(MAPIERROR, lpszComponent, 16, 8);
FIELD(MAPIERROR, ulLowLevelError, 24, 12);
FIELD(MAPIERROR, ulContext, 28, 16);

SIZE(MAPIUID, 16, 16);
FIELD(MAPIUID, ab, 0, 0);

SIZE(ENTRYID, 5, 5);
FIELD(ENTRYID, abFlags, 0, 0);
FIELD(ENTRYID, ab, 4, 4);

SIZE(SRow, 16, 12);
FIELD(SRow, ulAdrEntryPad, 0, 0);
FIELD(SRow, cValues, 4, 4);
FIELD(SRow, lpProps, 8, 8);

SIZE(SRowSet, 24, 16);
FIELD(SRowSet, cRows, 0, 0);
FIELD(SRowSet, aRow, 8, 4);

SIZE(NOTIFKEY, 8, 8);
FIELD(NOTIFKEY, cb, 0, 0);
FIELD(NOTIFKEY, ab, 4, 4);

#define SLOT(interface_, method, slot) EXPECT_EQ(stack::slot_of(&interface_::method), slot)

SCENARIO("layouts: every method is in the slot that the data names") {
    SLOT(IMSProvider, QueryInterface, 0);
    SLOT(IMSProvider, AddRef, 1);
    SLOT(IMSProvider, Release, 2);
    SLOT(IMSProvider, Shutdown, 3);
    SLOT(IMSProvider, Logon, 4);
    SLOT(IMSProvider, SpoolerLogon, 5);
    SLOT(IMSProvider, CompareStoreIDs, 6);
    SLOT(IMSLogon, GetLastError, 3);
    SLOT(IMSLogon, Logoff, 4);
    SLOT(IMSLogon, OpenEntry, 5);
    SLOT(IMSLogon, CompareEntryIDs, 6);
    SLOT(IMSLogon, Advise, 7);
    SLOT(IMSLogon, Unadvise, 8);
    SLOT(IMSLogon, OpenStatusEntry, 9);
    SLOT(IMsgStore, GetLastError, 3);
    SLOT(IMsgStore, SaveChanges, 4);
    SLOT(IMsgStore, GetProps, 5);
    SLOT(IMsgStore, GetPropList, 6);
    SLOT(IMsgStore, OpenProperty, 7);
    SLOT(IMsgStore, SetProps, 8);
    SLOT(IMsgStore, DeleteProps, 9);
    SLOT(IMsgStore, CopyTo, 10);
    SLOT(IMsgStore, CopyProps, 11);
    SLOT(IMsgStore, GetNamesFromIDs, 12);
    SLOT(IMsgStore, GetIDsFromNames, 13);
    SLOT(IMsgStore, Advise, 14);
    SLOT(IMsgStore, Unadvise, 15);
    SLOT(IMsgStore, CompareEntryIDs, 16);
    SLOT(IMsgStore, OpenEntry, 17);
    SLOT(IMsgStore, SetReceiveFolder, 18);
    SLOT(IMsgStore, GetReceiveFolder, 19);
    SLOT(IMsgStore, GetReceiveFolderTable, 20);
    SLOT(IMsgStore, StoreLogoff, 21);
    SLOT(IMsgStore, AbortSubmit, 22);
    SLOT(IMsgStore, GetOutgoingQueue, 23);
    SLOT(IMsgStore, SetLockState, 24);
    SLOT(IMsgStore, FinishedMsg, 25);
    SLOT(IMsgStore, NotifyNewMail, 26);
    SLOT(IMAPISync, SynchronizeInBackground, 3);
    SLOT(IMAPISyncProgressCallback, Progress, 3);
    SLOT(IMAPISyncProgressCallback, Error, 4);
    SLOT(IMAPISyncProgressCallback, Done, 5);
    SLOT(IMAPIProviderShutdown, QueryFastShutdown, 3);
    SLOT(IMAPIProviderShutdown, NotifyProcessShutdown, 4);
    SLOT(IMAPIProviderShutdown, DoFastShutdown, 5);
    SLOT(IMAPISession, GetLastError, 3);
    SLOT(IMAPISession, OpenEntry, 9);
    SLOT(IMAPISession, PrepareForm, 21);
    SLOT(IMAPISupport, GetLastError, 3);
    SLOT(IMAPISupport, OpenProfileSection, 9);
    SLOT(IMAPISupport, SetProviderUID, 16);
    SLOT(IMAPISupport, StoreLogoffTransports, 38);
    SLOT(IMAPISupport, WrapStoreEntryID, 40);
    SLOT(IMAPISupport, GetSvcConfigSupportObj, 43);
    SLOT(IProfSect, GetLastError, 3);
    SLOT(IProfSect, GetProps, 5);
    SLOT(IProfSect, SetProps, 8);
    SLOT(IProfSect, GetIDsFromNames, 13);
    SLOT(IProviderAdmin, GetLastError, 3);
    SLOT(IProviderAdmin, GetProviderTable, 4);
    SLOT(IProviderAdmin, CreateProvider, 5);
    SLOT(IProviderAdmin, DeleteProvider, 6);
    SLOT(IProviderAdmin, OpenProfileSection, 7);
    SLOT(IMAPITable, GetLastError, 3);
    SLOT(IMAPITable, SetColumns, 7);
    SLOT(IMAPITable, QueryRows, 19);
    SLOT(IMAPITable, SetCollapseState, 25);
}
