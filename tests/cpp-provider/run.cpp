#include "run.h"

Outcome synchronise(const Settings &settings, ULONG flags, Progress &progress) {
    const ULONG steps = 150;
    const std::wstring what = flags & SYNC_HEADERS ? L"header " : L"message ";
    for (ULONG step = 1; step <= steps; ++step) {
        if (progress.is_cancelled())
            return {MAPI_E_USER_CANCEL, {}};
        if (step == steps / 2 && settings.mode == L"fail")
            return {MAPI_E_NETWORK_ERROR, L"The server can't be reached."};
        const std::wstring item = what + std::to_wstring(step) + L" of " + std::to_wstring(steps);
        progress.tell(L"Downloading " + item, step - 1, steps);
        Sleep(1);
        progress.tell(L"Stored " + item, step, steps);
    }
    return {};
}
