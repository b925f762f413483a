#include "mailbox.h"

#include "../object.h"
#include "tags.h"

const ULONG SUPPORT_MASK = STORE_ENTRYID_UNIQUE | STORE_MODIFY_OK | STORE_CREATE_OK | STORE_ATTACH_OK | STORE_NOTIFY_OK |
                           STORE_MV_PROPS_OK | STORE_RESTRICTION_OK | STORE_SORT_OK | STORE_HTML_OK | STORE_UNICODE_OK;

std::shared_ptr<Mailbox> Mailbox::of(const Bytes &record_key, const Bytes &entry_id) {
    static Lock lock;
    static std::map<Bytes, std::weak_ptr<Mailbox>> all;
    Guard guard(lock);
    for (auto one = all.begin(); one != all.end();)
        one = one->second.expired() ? all.erase(one) : std::next(one);
    std::weak_ptr<Mailbox> &place = all[record_key];
    std::shared_ptr<Mailbox> mailbox = place.lock();
    if (!mailbox)
        place = mailbox = std::make_shared<Mailbox>(record_key, entry_id);
    return mailbox;
}

Mailbox::Mailbox(const Bytes &record_key, const Bytes &entry_id) : record_key(record_key), entry_id(entry_id) {
    special.root = add_folder(0, L"");
    special.subtree = add_folder(special.root, L"Top of Personal Folders");
    special.inbox = add_folder(special.subtree, L"Inbox");
    special.outbox = add_folder(special.subtree, L"Outbox");
    special.sent = add_folder(special.subtree, L"Sent Items");
    special.deleted = add_folder(special.subtree, L"Deleted Items");
    special.views = add_folder(special.root, L"Views");
    special.common_views = add_folder(special.root, L"Common Views");
    special.finder = add_folder(special.root, L"Search Root");
    for (const WCHAR *const name : {L"", L"IPM", L"REPORT"})
        classes[name] = {new_id(), special.inbox};
    classes[L"IPC"] = {new_id(), special.root};
}

void Mailbox::add_common(Properties &properties) const {
    properties[PROP_ID(PR_STORE_ENTRYID)] = bytes_value(entry_id);
    properties[PROP_ID(PR_STORE_RECORD_KEY)] = bytes_value(record_key);
    properties[PROP_ID(PR_STORE_SUPPORT_MASK)] = number_value(SUPPORT_MASK);
    properties[PROP_ID(PR_MAPPING_SIGNATURE)] = bytes_value(record_key);
    properties[PROP_ID(PR_MDB_PROVIDER)] = bytes_value(Bytes(PROVIDER_UID.ab, PROVIDER_UID.ab + sizeof PROVIDER_UID.ab));
}

void Mailbox::modified(Turn &turn, Kind kind, Id id, Id parent) {
    turn.changed({fnevObjectModified, kind, id, parent});
}
