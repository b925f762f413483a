// A message that goes out. Nothing is sent: who has an address is reached, unless it begins with `refused`.
#include "transport_logon.h"

#include <cwctype>

namespace {

const ULONG CANCELLED = 0x00040580; // MAPI_W_CANCEL_MESSAGE
const Five SENDER = {PR_SENDER_NAME_W, PR_SENDER_ADDRTYPE_W, PR_SENDER_EMAIL_ADDRESS_W, PR_SENDER_ENTRYID,
                     PR_SENDER_SEARCH_KEY};
const Five REPRESENTED = {PR_SENT_REPRESENTING_NAME_W, PR_SENT_REPRESENTING_ADDRTYPE_W,
                          PR_SENT_REPRESENTING_EMAIL_ADDRESS_W, PR_SENT_REPRESENTING_ENTRYID,
                          PR_SENT_REPRESENTING_SEARCH_KEY};

std::wstring lower(std::wstring text) {
    for (wchar_t &letter : text)
        letter = static_cast<wchar_t>(std::towlower(letter));
    return text;
}

// Whether this row is for us to send to.
bool is_ours(const Properties &row) {
    const Value *const responsible = value_of(row, PR_RESPONSIBILITY);
    const bool is_open = !responsible || !responsible->number;
    const bool is_sent = static_cast<ULONG>(number_of(row, PR_RECIPIENT_TYPE)) & MAPI_SUBMITTED;
    return is_open && !is_sent && lower(text_of(row, PR_ADDRTYPE_W)) == L"smtp";
}

bool is_refused(const Properties &row) {
    const std::wstring address = lower(text_of(row, PR_EMAIL_ADDRESS_W));
    return address.empty() || address.rfind(L"refused", 0) == 0;
}

HRESULT modify(Session &session, IMessage *message, ULONG flags, const Rows &rows) {
    ADRLIST *const list = give_list(session.allocators, rows);
    const HRESULT result = message->ModifyRecipients(flags, list);
    free_list(session.allocators, list);
    return result;
}

// As long as a network takes, and the spooler does other things meanwhile. False if it cancels.
bool transmit(Session &session, IMAPISupport *support) {
    if (makes(Mistake::cancel_forgotten))
        session.forget_cancel();
    for (int i = 0; i < 6 && !session.is_cancelled(); ++i) {
        Sleep(100);
        if (!makes(Mistake::no_yield) && support->SpoolerYield(0) == static_cast<HRESULT>(CANCELLED))
            session.cancel_running();
    }
    return !session.is_cancelled();
}

HRESULT sign(Session &session, IMessage *message, IMAPISupport *support) {
    Properties signature;
    name_person(signature, SENDER, identity(), support, session.allocators);
    name_person(signature, REPRESENTED, identity(), support, session.allocators);
    const FILETIME time = now();
    for (const ULONG tag : {PR_PROVIDER_SUBMIT_TIME, PR_CLIENT_SUBMIT_TIME})
        signature[PROP_ID(tag)] = time_value(time);
    if (makes(Mistake::delivery_time_on_outgoing))
        signature[PROP_ID(PR_MESSAGE_DELIVERY_TIME)] = time_value(time);
    return set_all(message, session.allocators, signature);
}

// A recipient as a report says it.
Properties reported(Session &session, IMAPISupport *support, const Properties &row) {
    Properties report = row;
    const Person person{text_of(row, PR_DISPLAY_NAME_W), text_of(row, PR_EMAIL_ADDRESS_W)};
    report[PROP_ID(PR_EMAIL_ADDRESS_W)] = text_value(person.address);
    report[PROP_ID(PR_REPORT_TEXT_W)] = text_value(L"no such user");
    report[PROP_ID(PR_DISPLAY_TYPE)] = number_value(DT_MAILUSER);
    if (makes(Mistake::report_without_keys))
        return report;
    report[PROP_ID(PR_ENTRYID)] = bytes_value(entry_id_of(support, session.allocators, person));
    report[PROP_ID(PR_SEARCH_KEY)] = bytes_value(search_key_of(person));
    report[PROP_ID(PR_NDR_REASON_CODE)] = number_value(0);
    report[PROP_ID(PR_NDR_DIAG_CODE)] = number_value(0);
    report[PROP_ID(PR_REPORT_TIME)] = time_value(now());
    return report;
}

// The list is MAPI's once it was taken.
HRESULT report(Session &session, IMessage *message, IMAPISupport *support, const Rows &refused) {
    Rows rows;
    for (const Properties &row : refused)
        rows.push_back(reported(session, support, row));
    ADRLIST *const list = give_list(session.allocators, rows);
    const HRESULT result = support->StatusRecips(message, list);
    if (FAILED(result))
        free_list(session.allocators, list);
    else if (makes(Mistake::report_freed_twice))
        session.allocators.free(list);
    return result;
}

// Takes rows out that would be sent to twice. Only by mistake: they are the spooler's.
HRESULT remove_copies(Session &session, IMessage *message, const Rows &rows) {
    Rows copies;
    for (const Properties &row : rows)
        if (static_cast<ULONG>(number_of(row, PR_RECIPIENT_TYPE)) & MAPI_P1)
            copies.push_back(row);
    return copies.empty() ? S_OK : modify(session, message, MODRECIP_REMOVE, copies);
}

// Writes down what became of whom, and saves it.
HRESULT settle(Session &session, IMessage *message, IMAPISupport *support, const Rows &rows) {
    Rows settled, refused;
    for (Properties row : rows) {
        row[PROP_ID(PR_RESPONSIBILITY)] = truth_value(true);
        settled.push_back(row);
        const bool is_lost = makes(Mistake::lost_without_address) && text_of(row, PR_EMAIL_ADDRESS_W).empty();
        if (is_refused(row) && !is_lost)
            refused.push_back(row);
    }
    HRESULT result = sign(session, message, support);
    if (SUCCEEDED(result))
        result = modify(session, message, MODRECIP_MODIFY, settled);
    if (SUCCEEDED(result) && makes(Mistake::rows_deleted))
        result = remove_copies(session, message, settled);
    if (SUCCEEDED(result))
        result = message->SaveChanges(makes(Mistake::saved_and_closed) ? 0 : KEEP_OPEN_READWRITE);
    return FAILED(result) || refused.empty() ? result : report(session, message, support, refused);
}

} // namespace

HRESULT submit(Session &session, IMessage *message, ULONG_PTR *seconds) {
    const Ref<IMAPISupport> support = session.support();
    require(bool(support), MAPI_E_NO_SUPPORT);
    Ref<IMAPITable> table;
    HRESULT result = message->GetRecipientTable(MAPI_UNICODE, table.out());
    Rows all, ours;
    if (SUCCEEDED(result))
        result = read_rows(table.get(), session.allocators, all);
    if (FAILED(result))
        return result;
    for (const Properties &row : all)
        if (is_ours(row))
            ours.push_back(row);
    if (ours.empty())
        return MAPI_E_NOT_ME;
    if (!transmit(session, support.get())) {
        *seconds = makes(Mistake::cancel_with_seconds) ? 60 : 0;
        return MAPI_E_USER_CANCEL;
    }
    if (session.mode == L"fail") {
        *seconds = 30;
        return MAPI_E_WAIT;
    }
    return settle(session, message, support.get(), ours);
}
