// What a transport's logon and its status object share, and the status row.
#pragma once

#include "../locks.h"
#include "../object.h"
#include "rows.h"

#include <memory>

// Who sends, and what the spooler sees of a person.
struct Person {
    std::wstring name, address;
};
const Person &identity();
// The entry ID that MAPI makes of a person, and the key by which it is found.
Bytes entry_id_of(IMAPISupport *support, const Allocators &allocators, const Person &person);
Bytes search_key_of(const Person &person);
// Five properties that name a person.
struct Five {
    ULONG name, type, address, entry_id, search_key;
};
void name_person(Properties &properties, const Five &five, const Person &person, IMAPISupport *support,
                 const Allocators &allocators);

class Session {
public:
    Session(const Allocators &allocators, IMAPISupport *support, ULONG flags, const std::wstring &mode);

    // The support object; none after the logoff.
    Ref<IMAPISupport> support();
    // Gives it up. False if somebody has.
    bool close();

    // The row: told whole at the logon, and of later changes only what has changed.
    HRESULT tell_first();
    void change(ULONG clear, ULONG set);
    Properties row();
    void flush(ULONG flags);

    // A call of SubmitMessage. S_OK, or why it can't begin.
    HRESULT begin(ULONG_PTR &reference);
    void end();
    ULONG_PTR next_reference();
    void cancel(ULONG_PTR reference);
    bool is_cancelled();
    void cancel_running();
    // Only by mistake.
    void forget_cancel();

    // One message comes in, once in a session.
    bool is_mail_ready();
    void mail_is_over();
    void turn(bool outbound, bool inbound, bool on);

    const Allocators allocators;
    const std::wstring mode;
    Lock notifying; // only held by mistake

private:
    Lock lock;
    Ref<IMAPISupport> mapi;
    ULONG code, told;
    bool telling = false, sends, receives, has_mail;
    ULONG_PTR last = 100, running = 0;
    bool cancelled = false;
};
