// What mingw-w64's MAPI headers lack, declared by hand from Microsoft's pages.
#pragma once

#include <windows.h>

#include <mapidefs.h>
#include <mapispi.h>
#include <mapix.h>

// mapisib.md
struct MAPISIB {
    ULONG ulSize;
    ULONG ulFlags;
    LPMAPISESSION psesSync;
    LPUNKNOWN punkCallBack;
    HANDLE *phSyncDoneEvent;
};

// imapisynciunknown.md
struct IMAPISync : public IUnknown {
    virtual HRESULT STDMETHODCALLTYPE SynchronizeInBackground(MAPISIB *psibpb) = 0;
};

// imapisyncprogresscallbackiunknown.md
struct IMAPISyncProgressCallback : public IUnknown {
    virtual HRESULT STDMETHODCALLTYPE Progress(const WCHAR *pwcszProgress, ULONG ulIndex, ULONG ulIndexMax) = 0;
    virtual HRESULT STDMETHODCALLTYPE Error(HRESULT hResult, const WCHAR *pwcszErrorStr) = 0;
    virtual HRESULT STDMETHODCALLTYPE Done(HANDLE hThreadDoneEvent, HRESULT hResult) = 0;
};

// imapiprovidershutdowniunknown.md
struct IMAPIProviderShutdown : public IUnknown {
    virtual HRESULT STDMETHODCALLTYPE QueryFastShutdown() = 0;
    virtual HRESULT STDMETHODCALLTYPE NotifyProcessShutdown() = 0;
    virtual HRESULT STDMETHODCALLTYPE DoFastShutdown() = 0;
};

extern "C" const IID IID_IMAPISync;
extern "C" const IID IID_IMAPISyncProgressCallback;
extern "C" const IID IID_IMAPIProviderShutdown;

enum : ULONG {
    SYNC_UPLOAD_HIERARCHY = 0x1,
    SYNC_DOWNLOAD_HIERARCHY = 0x2,
    SYNC_UPLOAD_CONTENTS = 0x40,
    SYNC_DOWNLOAD_CONTENTS = 0x80,
    SYNC_HEADERS = 0x02000000,
    SYNC_ON_DEMAND = 0x20000000,
};

// Status codes whose values the contract names.
enum : HRESULT {
    INVALID_PARAMETER = static_cast<HRESULT>(0x80070057),
    NO_SUPPORT = static_cast<HRESULT>(0x80040102),
    NOT_ENOUGH_RESOURCES = static_cast<HRESULT>(0x8004010E),
    WRONG_VERSION = static_cast<HRESULT>(0x80040110),
    USER_CANCEL = static_cast<HRESULT>(0x80040113),
    UNEXPECTED = static_cast<HRESULT>(0x8000FFFF),
    NO_INTERFACE = static_cast<HRESULT>(0x80004002),
};
