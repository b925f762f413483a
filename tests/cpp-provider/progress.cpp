#include "progress.h"

namespace {

// At most twenty-five calls a second.
const ULONGLONG INTERVAL = 40;

} // namespace

void Progress::tell(const std::wstring &new_text, ULONG new_index, ULONG new_max) {
    text = new_text;
    index = new_index;
    max = new_max;
    pending = true;
    if (GetTickCount64() - last_told >= INTERVAL || makes(Mistake::progress_flood))
        send();
}

void Progress::flush() {
    if (pending)
        send();
}

void Progress::send() {
    pending = false;
    for (size_t i = 0; i < batch.size(); ++i) {
        IMAPISyncProgressCallback *const callback = batch[i].callback();
        if (!callback)
            continue;
        const HRESULT answer = callback->Progress(text.c_str(), index, max);
        if (answer == MAPI_E_USER_CANCEL)
            vetoes[i] = true;
        // What else the callback answers doesn't matter.
        failed = failed || FAILED(answer);
    }
    // After the calls: a slow callback counts too.
    last_told = GetTickCount64();
}

bool Progress::is_cancelled() const {
    if (makes(Mistake::progress_answer_fatal) && failed)
        return true;
    if (stopped && !makes(Mistake::cancellation_ignored))
        return true;
    if (makes(Mistake::veto_ignored))
        return false;
    size_t listeners = 0, against = 0;
    for (size_t i = 0; i < batch.size(); ++i) {
        listeners += batch[i].callback() != nullptr;
        against += vetoes[i];
    }
    return listeners > 0 && against == listeners;
}
