// The DLL as a file: what it exports and what it imports.
#include "probe.h"

#include <cstring>
#include <set>

namespace {

// The headers of a loaded image.
class Image {
public:
    explicit Image(HMODULE module) : base(reinterpret_cast<const BYTE *>(module)) {}

    const IMAGE_NT_HEADERS &headers() const {
        return *at<IMAGE_NT_HEADERS>(at<IMAGE_DOS_HEADER>(0)->e_lfanew);
    }

    std::set<std::string> exports() const {
        std::set<std::string> names;
        const auto &table = *at<IMAGE_EXPORT_DIRECTORY>(directory(IMAGE_DIRECTORY_ENTRY_EXPORT));
        const DWORD *rows = at<DWORD>(table.AddressOfNames);
        for (DWORD i = 0; i < table.NumberOfNames; ++i)
            names.insert(at<char>(rows[i]));
        return names;
    }

    std::set<std::string> imports() const {
        std::set<std::string> names;
        for (const auto *row = at<IMAGE_IMPORT_DESCRIPTOR>(directory(IMAGE_DIRECTORY_ENTRY_IMPORT)); row->Name; ++row) {
            std::string name = at<char>(row->Name);
            CharLowerA(&name[0]);
            names.insert(name);
        }
        return names;
    }

    bool holds(const void *address) const {
        const auto *byte = static_cast<const BYTE *>(address);
        return byte >= base && byte < base + headers().OptionalHeader.SizeOfImage;
    }

private:
    template <typename T> const T *at(DWORD offset) const { return reinterpret_cast<const T *>(base + offset); }
    DWORD directory(int index) const { return headers().OptionalHeader.DataDirectory[index].VirtualAddress; }
    const BYTE *base;
};

// A vtable whose slots all lead into the DLL.
void expect_slots(const Image &image, const void *object, uintptr_t count, const char *name) {
    for (uintptr_t slot = 0; slot < count; ++slot)
        if (!image.holds(stack::function_at(object, slot)))
            check::fail(__FILE__, __LINE__, std::string(name) + ": slot " + std::to_string(slot) + " leads out of the DLL");
}

} // namespace

SCENARIO("ENTRY-01 exports are undecorated") {
    const probe::Dll dll;
    const std::set<std::string> exports = Image(dll.module()).exports();
    EXPECT_EQ(exports.count("MSProviderInit"), 1);
    EXPECT_EQ(exports.count("ServiceEntry"), 1);
    for (const std::string &name : exports)
        if (name.find('@') != std::string::npos || name[0] == '_')
            check::fail(__FILE__, __LINE__, name + " is decorated");
}

SCENARIO("ENTRY-01 the DLL imports nothing but the system's DLLs") {
    const probe::Dll dll;
    char folder[MAX_PATH], file[MAX_PATH];
    const UINT length = GetSystemDirectoryA(folder, sizeof folder);
    for (const std::string &name : Image(dll.module()).imports()) {
        // Wine 8 lacks it, so a replacement may come from elsewhere; Windows has it.
        if (name == "bcryptprimitives.dll")
            continue;
        file[0] = 0;
        GetModuleFileNameA(GetModuleHandleA(name.c_str()), file, sizeof file);
        if (_strnicmp(file, folder, length) != 0)
            check::fail(__FILE__, __LINE__, name + " is " + file + ", which is not of the system");
    }
}

SCENARIO("ENTRY-01 every slot of every vtable leads into the DLL") {
    probe::Store store;
    const Image image(store.dll.module());
    Held<IMAPIProviderShutdown> shutdown;
    EXPECT_EQ(store.provider->QueryInterface(IID_IMAPIProviderShutdown, shutdown.void_out()), S_OK);
    expect_slots(image, store.provider.get(), 7, "IMSProvider");
    expect_slots(image, shutdown.get(), 6, "IMAPIProviderShutdown");
    expect_slots(image, store.logon, 10, "IMSLogon");
    expect_slots(image, store.get(), 27, "IMsgStore");
    expect_slots(image, store.sync.get(), 4, "IMAPISync");
}
