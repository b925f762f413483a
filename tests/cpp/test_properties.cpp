// The store's properties through GetProps: layouts and memory as this compiler sees them.
#include "probe.h"

#include <cstring>

namespace {

// The answer of a GetProps, freed with our own function.
class Properties {
public:
    Properties(IMsgStore *store, std::initializer_list<ULONG> tags, ULONG flags = 0) {
        std::vector<ULONG> array = {static_cast<ULONG>(tags.size())};
        array.insert(array.end(), tags);
        result = CALL(store, IMsgStore, GetProps, reinterpret_cast<SPropTagArray *>(array.data()), flags, &count, &values);
    }
    ~Properties() { memory::free_buffer(values); }
    Properties(const Properties &) = delete;
    const SPropValue &operator[](ULONG index) const {
        static const SPropValue none = {};
        return values && index < count ? values[index] : none;
    }
    std::string binary(ULONG index) const {
        const SPropValue &value = (*this)[index];
        if (PROP_TYPE(value.ulPropTag) != PT_BINARY)
            return {};
        return std::string(reinterpret_cast<const char *>(value.Value.bin.lpb), value.Value.bin.cb);
    }

    HRESULT result;
    ULONG count = 0xBAD;
    SPropValue *values = nullptr;
};

// The MAPIUID of the manifest, in the byte order in which MAPI keeps it.
const BYTE PROVIDER_UID[16] = {0x3d, 0x1f, 0x7a, 0x52, 0x6c, 0x0e, 0x4b, 0x8e,
                               0x9a, 0x41, 0x55, 0xc2, 0xd7, 0xe9, 0x0b, 0x16};

const std::string UID_BYTES(reinterpret_cast<const char *>(PROVIDER_UID), sizeof PROVIDER_UID);

} // namespace

SCENARIO("the store answers the properties that every store has") {
    probe::Store store;
    const Properties values(store.get(),
                            {PR_DISPLAY_NAME_A, PR_DISPLAY_NAME_W, PR_OBJECT_TYPE, PR_STORE_SUPPORT_MASK, PR_ENTRYID,
                             PR_STORE_ENTRYID, PR_RECORD_KEY, PR_STORE_RECORD_KEY, PR_MDB_PROVIDER});
    EXPECT_EQ(values.result, S_OK);
    EXPECT_EQ(values.count, 9);
    EXPECT(memory::is_root(values.values)); // COM-07
    EXPECT(values[0].ulPropTag == PR_DISPLAY_NAME_A && std::strcmp(values[0].Value.lpszA, "Sync Probe") == 0);
    EXPECT(values[1].ulPropTag == PR_DISPLAY_NAME_W && wcscmp(values[1].Value.lpszW, L"Sync Probe") == 0);
    EXPECT_EQ(values[2].ulPropTag, PR_OBJECT_TYPE);
    EXPECT_EQ(values[2].Value.l, MAPI_STORE);
    EXPECT_EQ(values[3].ulPropTag, PR_STORE_SUPPORT_MASK);
    EXPECT_EQ(values[4].ulPropTag, PR_ENTRYID);
    // What clients see is the entry ID that MAPI wrapped.
    EXPECT_EQ(values.binary(4).substr(0, 2), "WW");
    EXPECT_EQ(values.binary(5), values.binary(4));
    EXPECT(values.binary(6).size() >= 16);
    EXPECT_EQ(values.binary(7), values.binary(6));
    EXPECT_EQ(values.binary(8), UID_BYTES);
    EXPECT(values.binary(4).find(UID_BYTES) != std::string::npos);
    EXPECT_EQ(store.support.uids.size(), 1);
    EXPECT(!store.support.uids.empty() && std::memcmp(&store.support.uids[0], PROVIDER_UID, 16) == 0);
}

SCENARIO("COM-08 text without a type follows MAPI_UNICODE") {
    probe::Store store;
    const ULONG untyped = PROP_TAG(PT_UNSPECIFIED, PROP_ID(PR_DISPLAY_NAME_W));
    EXPECT_EQ(Properties(store.get(), {untyped})[0].ulPropTag, PR_DISPLAY_NAME_A);
    EXPECT_EQ(Properties(store.get(), {untyped}, MAPI_UNICODE)[0].ulPropTag, PR_DISPLAY_NAME_W);
}

SCENARIO("a property that the store lacks is an error among the values") {
    probe::Store store;
    const Properties values(store.get(), {PR_SUBJECT_W, PR_OBJECT_TYPE});
    EXPECT_EQ(values.result, static_cast<HRESULT>(MAPI_W_ERRORS_RETURNED));
    EXPECT_EQ(values.count, 2);
    EXPECT_EQ(values[0].ulPropTag, CHANGE_PROP_TYPE(PR_SUBJECT_W, PT_ERROR));
    EXPECT_EQ(values[0].Value.err, static_cast<SCODE>(MAPI_E_NOT_FOUND));
    EXPECT_EQ(values[1].Value.l, MAPI_STORE);
}

SCENARIO("COM-07 all properties and the list of them come from our allocators, one root each") {
    probe::Store store;
    const int before = memory::roots();
    ULONG count = 0;
    SPropValue *values = nullptr;
    EXPECT_EQ(CALL(store.get(), IMsgStore, GetProps, nullptr, MAPI_UNICODE, &count, &values), S_OK);
    SPropTagArray *tags = nullptr;
    EXPECT_EQ(CALL(store.get(), IMsgStore, GetPropList, MAPI_UNICODE, &tags), S_OK);
    EXPECT_EQ(memory::roots(), before + 2);
    EXPECT(tags && tags->cValues == count);
    for (ULONG i = 0; tags && i < count; ++i)
        EXPECT_EQ(values[i].ulPropTag, tags->aulPropTag[i]);
    memory::free_buffer(values);
    memory::free_buffer(tags);
    EXPECT_EQ(memory::roots(), before);
}

SCENARIO("COM-08 GetLastError has nothing to say of what did not fail") {
    probe::Store store;
    auto *error = reinterpret_cast<MAPIERROR *>(static_cast<uintptr_t>(0xBADBAD));
    EXPECT_EQ(CALL(store.get(), IMsgStore, GetLastError, S_OK, 0, &error), S_OK);
    EXPECT(error == nullptr);
    error = reinterpret_cast<MAPIERROR *>(static_cast<uintptr_t>(0xBADBAD));
    EXPECT_EQ(CALL(store.logon, IMSLogon, GetLastError, S_OK, MAPI_UNICODE, &error), S_OK);
    EXPECT(error == nullptr);
    EXPECT_EQ(CALL(store.get(), IMsgStore, GetLastError, S_OK, 0, nullptr), INVALID_PARAMETER);
}
