// A message that comes in: one in each session.
#include "transport_logon.h"

namespace {

const ULONG RULES_RUN = 0x1800; // ITEMPROC_FORCE | NON_EMS_XP_SAVE
const Five NAMES[] = {
    {PR_SENDER_NAME_W, PR_SENDER_ADDRTYPE_W, PR_SENDER_EMAIL_ADDRESS_W, PR_SENDER_ENTRYID, PR_SENDER_SEARCH_KEY},
    {PR_SENT_REPRESENTING_NAME_W, PR_SENT_REPRESENTING_ADDRTYPE_W, PR_SENT_REPRESENTING_EMAIL_ADDRESS_W,
     PR_SENT_REPRESENTING_ENTRYID, PR_SENT_REPRESENTING_SEARCH_KEY},
    {PR_RECEIVED_BY_NAME_W, PR_RECEIVED_BY_ADDRTYPE_W, PR_RECEIVED_BY_EMAIL_ADDRESS_W, PR_RECEIVED_BY_ENTRYID,
     PR_RECEIVED_BY_SEARCH_KEY},
    {PR_RCVD_REPRESENTING_NAME_W, PR_RCVD_REPRESENTING_ADDRTYPE_W, PR_RCVD_REPRESENTING_EMAIL_ADDRESS_W,
     PR_RCVD_REPRESENTING_ENTRYID, PR_RCVD_REPRESENTING_SEARCH_KEY},
};
const Five RECIPIENT = {PR_DISPLAY_NAME_W, PR_ADDRTYPE_W, PR_EMAIL_ADDRESS_W, PR_ENTRYID, PR_SEARCH_KEY};

Properties contents(IMAPISupport *support, const Allocators &allocators) {
    Properties all;
    const auto set = [&](ULONG tag, const Value &value) { all[PROP_ID(tag)] = value; };
    set(PR_MESSAGE_CLASS_W, text_value(L"IPM.Note"));
    set(PR_SUBJECT_W, text_value(L"Hello"));
    set(PR_BODY_W, text_value(L"How are you?"));
    set(PR_MESSAGE_FLAGS, number_value(0));
    for (const ULONG tag : {PR_MESSAGE_DELIVERY_TIME, PR_CLIENT_SUBMIT_TIME})
        set(tag, time_value(now()));
    set(PR_MESSAGE_TO_ME, truth_value(true));
    set(PR_MESSAGE_CC_ME, truth_value(false));
    set(PR_MESSAGE_RECIP_ME, truth_value(true));
    const Person bob{L"Bob", L"bob@example.org"};
    for (const Five &five : NAMES) {
        const bool is_sender = &five - NAMES < 2;
        if (&five - NAMES < (makes(Mistake::no_representing) ? 3 : 4))
            name_person(all, five, is_sender ? bob : identity(), support, allocators);
    }
    return all;
}

} // namespace

HRESULT receive(Session &session, IMessage *message, ULONG_PTR *reference) {
    const Ref<IMAPISupport> support = session.support();
    require(bool(support), MAPI_E_NO_SUPPORT);
    if (!session.is_mail_ready())
        return S_OK;
    *reference = session.next_reference();
    HRESULT result = set_all(message, session.allocators, contents(support.get(), session.allocators));
    Properties to;
    name_person(to, RECIPIENT, identity(), support.get(), session.allocators);
    to[PROP_ID(PR_RECIPIENT_TYPE)] = number_value(MAPI_TO);
    to[PROP_ID(PR_OBJECT_TYPE)] = number_value(MAPI_MAILUSER);
    to[PROP_ID(PR_DISPLAY_TYPE)] = number_value(DT_MAILUSER);
    if (SUCCEEDED(result)) {
        ADRLIST *const list = give_list(session.allocators, {to});
        result = message->ModifyRecipients(MODRECIP_ADD, list);
        free_list(session.allocators, list);
    }
    if (SUCCEEDED(result))
        result = message->SaveChanges(KEEP_OPEN_READWRITE | RULES_RUN);
    if (SUCCEEDED(result))
        session.mail_is_over();
    return result;
}
