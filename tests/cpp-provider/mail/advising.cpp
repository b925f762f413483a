#include "advising.h"

#include "../object.h"
#include "folder_object.h"

namespace {

// A change as a sink hears of it.
class Told {
public:
    explicit Told(const Change &change) : change(change) {
        object = bytes_of(change.kind, change.object);
        parent = bytes_of(Kind::folder, change.parent);
        old_object = bytes_of(change.kind, change.old_object);
        old_parent = bytes_of(Kind::folder, change.old_parent);
    }
    void tell(IMAPIAdviseSink *sink) {
        NOTIFICATION notification = {};
        notification.ulEventType = change.event;
        change.event == fnevNewMail ? fill(notification.info.newmail) : fill(notification.info.obj);
        sink->OnNotify(1, &notification);
    }

private:
    static Bytes bytes_of(Kind kind, Id id) { return id ? entry_id_of(kind, id) : Bytes(); }
    static void put(Bytes &id, ULONG &size, ENTRYID *&place) {
        size = static_cast<ULONG>(id.size());
        place = id.empty() ? nullptr : reinterpret_cast<ENTRYID *>(id.data());
    }
    void fill(NEWMAIL_NOTIFICATION &mail) {
        put(object, mail.cbEntryID, mail.lpEntryID);
        put(parent, mail.cbParentID, mail.lpParentID);
        mail.ulFlags = MAPI_UNICODE;
        mail.lpszMessageClass = reinterpret_cast<LPTSTR>(&change.message_class[0]);
        mail.ulMessageFlags = change.message_flags;
    }
    void fill(OBJECT_NOTIFICATION &told) {
        told.ulObjType = change.kind == Kind::folder ? MAPI_FOLDER : MAPI_MESSAGE;
        put(object, told.cbEntryID, told.lpEntryID);
        put(parent, told.cbParentID, told.lpParentID);
        put(old_object, told.cbOldID, told.lpOldID);
        put(old_parent, told.cbOldParentID, told.lpOldParentID);
    }

    Change change;
    Bytes object, parent, old_object, old_parent;
};

bool concerns(const Change &change, Id id) {
    return id == 0 || change.object == id || change.parent == id || change.old_parent == id;
}

} // namespace

Connections::~Connections() {
    for (const ULONG number : numbers)
        mailbox->announcer.remove(number);
}

HRESULT Connections::advise(ULONG size, const ENTRYID *entry_id, ULONG events, IMAPIAdviseSink *sink,
                            ULONG_PTR *connection) {
    if (!clear(connection) || !sink)
        return MAPI_E_INVALID_PARAMETER;
    return guarded([&]() -> HRESULT {
        const Id id = entry_id && size ? read_entry_id(size, entry_id).id : 0;
        const Ref<IMAPIAdviseSink> kept = Ref<IMAPIAdviseSink>::share(sink);
        const ULONG number = mailbox->announcer.add([id, events, kept](const Change &change) {
            if ((events & change.event) && concerns(change, id))
                Told(change).tell(kept.get());
        });
        Guard guard(lock);
        numbers.insert(number);
        *connection = number;
        return S_OK;
    });
}

HRESULT Connections::unadvise(ULONG connection) {
    {
        Guard guard(lock);
        if (!numbers.erase(connection))
            return MAPI_E_NOT_FOUND;
    }
    mailbox->announcer.remove(connection);
    return S_OK;
}

HRESULT notify_new_mail(Mailbox &mailbox, const NOTIFICATION *given) {
    return guarded([&]() -> HRESULT {
        require(given && given->ulEventType == fnevNewMail, MAPI_E_INVALID_PARAMETER);
        const NEWMAIL_NOTIFICATION &mail = given->info.newmail;
        const Named message = read_entry_id(mail.cbEntryID, mail.lpEntryID);
        const Named folder = read_entry_id(mail.cbParentID, mail.lpParentID);
        Change change{fnevNewMail, Kind::message, message.id, folder.id};
        change.message_flags = mail.ulMessageFlags;
        change.message_class = given_text(mail.lpszMessageClass, mail.ulFlags);
        Turn turn(mailbox);
        turn.changed(change);
        return S_OK;
    });
}
