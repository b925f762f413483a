#include "session.h"

#include <algorithm>
#include <cwctype>

namespace {

const ULONG METHODS = STATUS_VALIDATE_STATE | STATUS_FLUSH_QUEUES;

ULONG first_code(ULONG flags) {
    if (flags & LOGON_NO_CONNECT)
        return STATUS_OFFLINE;
    ULONG code = makes(Mistake::available_by_validate) ? 0 : STATUS_AVAILABLE;
    if (!(flags & LOGON_NO_OUTBOUND))
        code |= STATUS_OUTBOUND_ENABLED;
    if (!(flags & LOGON_NO_INBOUND))
        code |= STATUS_INBOUND_ENABLED;
    return code;
}

} // namespace

const Person &identity() {
    static const Person sample{L"Sample", L"sample@example.org"};
    return sample;
}

Bytes entry_id_of(IMAPISupport *support, const Allocators &allocators, const Person &person) {
    std::wstring name = person.name, type = L"SMTP", address = person.address;
    ULONG size = 0;
    ENTRYID *id = nullptr;
    const HRESULT result =
        support->CreateOneOff(reinterpret_cast<LPTSTR>(&name[0]), reinterpret_cast<LPTSTR>(&type[0]),
                              reinterpret_cast<LPTSTR>(&address[0]), MAPI_UNICODE, &size, &id);
    if (FAILED(result))
        throw Refused{result};
    const auto *const bytes = reinterpret_cast<const BYTE *>(id);
    const Bytes copy(bytes, bytes + size);
    allocators.free(id);
    return copy;
}

Bytes search_key_of(const Person &person) {
    std::wstring key = L"SMTP:" + person.address;
    if (!makes(Mistake::search_key_as_it_is))
        std::transform(key.begin(), key.end(), key.begin(), [](wchar_t letter) { return std::towupper(letter); });
    const std::string text = narrow(key);
    Bytes bytes(text.begin(), text.end());
    bytes.push_back(0);
    return bytes;
}

void name_person(Properties &properties, const Five &five, const Person &person, IMAPISupport *support,
                 const Allocators &allocators) {
    properties[PROP_ID(five.name)] = text_value(person.name);
    properties[PROP_ID(five.type)] = text_value(L"SMTP");
    properties[PROP_ID(five.address)] = text_value(person.address);
    properties[PROP_ID(five.entry_id)] = bytes_value(entry_id_of(support, allocators, person));
    properties[PROP_ID(five.search_key)] = bytes_value(search_key_of(person));
}

Session::Session(const Allocators &allocators, IMAPISupport *support, ULONG flags, const std::wstring &mode)
    : allocators(allocators), mode(mode), mapi(Ref<IMAPISupport>::share(support)), code(first_code(flags)), told(code),
      sends(!(flags & (LOGON_NO_CONNECT | LOGON_NO_OUTBOUND))), receives(!(flags & (LOGON_NO_CONNECT | LOGON_NO_INBOUND))),
      has_mail(!(flags & LOGON_NO_CONNECT)) {}

Ref<IMAPISupport> Session::support() {
    const Guard guard(lock);
    return mapi;
}

bool Session::close() {
    Ref<IMAPISupport> last;
    {
        const Guard guard(lock);
        std::swap(last, mapi);
        sends = receives = false;
    }
    return bool(last);
}

Properties Session::row() {
    Properties properties;
    ULONG now;
    {
        const Guard guard(lock);
        now = code;
    }
    const auto set = [&](ULONG tag, const Value &value) { properties[PROP_ID(tag)] = value; };
    set(PR_DISPLAY_NAME_W, text_value(L"Sample transport in C++"));
    set(PR_PROVIDER_DISPLAY_W, text_value(L"Sample transport in C++"));
    set(PR_STATUS_CODE, number_value(static_cast<LONG>(now)));
    set(PR_STATUS_STRING_W, text_value(now & STATUS_OFFLINE ? L"Offline" : L"Online"));
    const ULONG methods = makes(Mistake::dialog_that_is_none) ? METHODS | STATUS_SETTINGS_DIALOG : METHODS;
    set(PR_RESOURCE_METHODS, number_value(static_cast<LONG>(methods)));
    return properties;
}

HRESULT Session::tell_first() {
    const Properties columns = row();
    const Buffer values = write_row(allocators, columns);
    return mapi->ModifyStatusRow(static_cast<ULONG>(columns.size()), static_cast<SPropValue *>(values.get()), 0);
}

// One thread tells until MAPI knows how it is; who comes meanwhile leaves it to that one. No lock is held then.
void Session::change(ULONG clear, ULONG set) {
    {
        const Guard guard(lock);
        code = (code & ~clear) | set;
        if (telling)
            return;
        telling = true;
    }
    for (;;) {
        SPropValue value = {};
        value.ulPropTag = PR_STATUS_CODE;
        Ref<IMAPISupport> mapi_now;
        {
            const Guard guard(lock);
            if (code == told || !mapi) {
                telling = false;
                return;
            }
            told = code;
            value.Value.l = static_cast<LONG>(code);
            mapi_now = mapi;
        }
        mapi_now->ModifyStatusRow(1, &value, STATUSROW_UPDATE);
    }
}

// Nothing ever waits here, so a flush is over as soon as it begins.
void Session::flush(ULONG flags) {
    const ULONG bits = (flags & FLUSH_UPLOAD ? STATUS_OUTBOUND_FLUSH : 0) | (flags & FLUSH_DOWNLOAD ? STATUS_INBOUND_FLUSH : 0);
    change(0, bits);
    if (!makes(Mistake::flush_never_ends) && !makes(Mistake::flush_end_ignored))
        change(bits, 0);
}

HRESULT Session::begin(ULONG_PTR &reference) {
    const Guard guard(lock);
    if (!mapi)
        return MAPI_E_NO_SUPPORT;
    if (running || !sends)
        return MAPI_E_BUSY;
    reference = running = makes(Mistake::one_reference) ? 5 : ++last;
    cancelled = false;
    return S_OK;
}

void Session::end() {
    const Guard guard(lock);
    running = 0;
}

ULONG_PTR Session::next_reference() {
    const Guard guard(lock);
    return ++last;
}

void Session::cancel(ULONG_PTR reference) {
    const Guard guard(lock);
    if (running && (reference == running || reference <= 1) && !makes(Mistake::cancel_ignored))
        cancelled = true;
}

bool Session::is_cancelled() {
    const Guard guard(lock);
    return cancelled;
}

void Session::cancel_running() { cancel(0); }

void Session::forget_cancel() {
    const Guard guard(lock);
    cancelled = false;
}

bool Session::is_mail_ready() {
    const Guard guard(lock);
    return has_mail && receives;
}

void Session::mail_is_over() {
    const Guard guard(lock);
    has_mail = false;
}

void Session::turn(bool outbound, bool inbound, bool on) {
    const Guard guard(lock);
    if (outbound)
        sends = on;
    if (inbound)
        receives = on;
}
