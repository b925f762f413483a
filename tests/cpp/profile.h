// A profile section: properties in a map.
#pragma once

#include "counted.h"
#include "threads.h"

#include <map>
#include <string>

struct UnsupportedProfileSection : public IProfSect {
    MAPI_IMAPIPROP_METHODS(override { return NO_SUPPORT; })
};

class ProfileSection : public Counted<UnsupportedProfileSection, &IID_IMAPIProp, &IID_IProfSect> {
public:
    HRESULT STDMETHODCALLTYPE GetProps(LPSPropTagArray tags, ULONG flags, ULONG *count, LPSPropValue *values) override;
    HRESULT STDMETHODCALLTYPE SetProps(ULONG count, LPSPropValue values, LPSPropProblemArray *problems) override;
    HRESULT STDMETHODCALLTYPE DeleteProps(LPSPropTagArray tags, LPSPropProblemArray *problems) override;
    HRESULT STDMETHODCALLTYPE SaveChanges(ULONG flags) override;

    // The value's bytes, a string without its terminator; nothing where there is none.
    std::string bytes(ULONG tag);
    void set(ULONG tag, const std::string &bytes);

    // How often the section was saved.
    std::atomic<int> saves{0};

private:
    threads::Lock lock;
    std::map<ULONG, std::string> values_;
};
