// MSProviderInit.
#include "probe.h"

namespace {

HRESULT init(const probe::Dll &dll, ULONG mapi_version, ULONG *version, IMSProvider **provider) {
    return stack::invoke("MSProviderInit", dll.provider_init(), dll.module(), nullptr, memory::allocate_buffer,
                         memory::allocate_more, memory::free_buffer, 0, mapi_version, version, provider);
}

IMSProvider *const GARBAGE = reinterpret_cast<IMSProvider *>(static_cast<uintptr_t>(0xBADBAD));

} // namespace

SCENARIO("ENTRY-02 NULL out pointers of MSProviderInit are refused") {
    const probe::Dll dll;
    ULONG version = 7;
    EXPECT_EQ(init(dll, CURRENT_SPI_VERSION, &version, nullptr), INVALID_PARAMETER);
    EXPECT_EQ(version, CURRENT_SPI_VERSION);
    IMSProvider *provider = GARBAGE;
    EXPECT_EQ(init(dll, CURRENT_SPI_VERSION, nullptr, &provider), INVALID_PARAMETER);
    EXPECT(provider == nullptr);
}

SCENARIO("ENTRY-02 a MAPI that is too old is refused, and told the version") {
    const probe::Dll dll;
    for (const ULONG old : {0ul, 1ul, static_cast<ULONG>(PDK1_SPI_VERSION), CURRENT_SPI_VERSION - 1ul}) {
        ULONG version = 7;
        IMSProvider *provider = GARBAGE;
        EXPECT_EQ(init(dll, old, &version, &provider), WRONG_VERSION);
        EXPECT_EQ(version, CURRENT_SPI_VERSION);
        EXPECT(provider == nullptr);
    }
}

SCENARIO("ENTRY-02 a newer MAPI is welcome") {
    const probe::Dll dll;
    ULONG version = 0;
    Held<IMSProvider> provider;
    EXPECT_EQ(init(dll, CURRENT_SPI_VERSION + 1, &version, provider.out()), S_OK);
    EXPECT_EQ(version, CURRENT_SPI_VERSION);
    EXPECT(provider);
}

SCENARIO("ENTRY-03 each MSProviderInit returns a new provider object") {
    const probe::Dll dll;
    ULONG version = 0;
    Held<IMSProvider> first, second;
    EXPECT_EQ(init(dll, CURRENT_SPI_VERSION, &version, first.out()), S_OK);
    EXPECT_EQ(init(dll, CURRENT_SPI_VERSION, &version, second.out()), S_OK);
    EXPECT(first && second && first.get() != second.get());
    first->AddRef();
    EXPECT_EQ(first->Release(), 1);
}

SCENARIO("ENTRY-03 allocators that are missing are refused") {
    const probe::Dll dll;
    ULONG version = 0;
    IMSProvider *provider = GARBAGE;
    const HRESULT result = stack::invoke("MSProviderInit", dll.provider_init(), dll.module(), nullptr, nullptr, nullptr,
                                         nullptr, 0, CURRENT_SPI_VERSION, &version, &provider);
    EXPECT_EQ(result, INVALID_PARAMETER);
    EXPECT(provider == nullptr);
}
