// The mailbox of an account, in memory. It lives as long as somebody uses it.
#pragma once

#include "announcer.h"
#include "content.h"
#include "names.h"

#include <set>

// A row of a table: what it shows, and what it is known by while the table is open.
struct Row {
    Bytes key;
    Properties properties;
    std::shared_ptr<const Content> content; // of a message
};
using Rows = std::vector<Row>;

// The folders that every store has.
struct SpecialFolders {
    Id root, subtree, inbox, outbox, deleted, sent, views, common_views, finder;
};

class Mailbox {
public:
    // A mailbox with its special folders. The key tells it from others, the entry ID is its store's.
    Mailbox(const Bytes &record_key, const Bytes &entry_id);
    // The mailbox of that key: the one that is in use somewhere in this process, else a new one.
    static std::shared_ptr<Mailbox> of(const Bytes &record_key, const Bytes &entry_id);

    // Holds the mailbox, and with it what belongs to it: objects that are open, tables. What has changed is told when the
    // mailbox is let go.
    class Turn {
    public:
        explicit Turn(Mailbox &mailbox) : mailbox(mailbox) { mailbox.lock.enter(); }
        ~Turn() {
            mailbox.lock.leave();
            mailbox.announcer.tell();
        }
        Turn(const Turn &) = delete;
        void changed(const Change &change) { mailbox.announcer.note(change); }

    private:
        Mailbox &mailbox;
    };

    // Every object has these.
    void add_common(Properties &properties) const;

    // Folders.
    const Folder &folder(Turn &turn, Id id) const; // MAPI_E_NOT_FOUND
    bool has_folder(Turn &, Id id) const { return folders.count(id) != 0; }
    Properties folder_properties(Turn &turn, Id id) const;
    HRESULT set_folder_property(Turn &turn, Id id, ULONG tag, const Value &value);
    HRESULT remove_folder_property(Turn &turn, Id id, ULONG tag);
    Id create_folder(Turn &turn, Id parent, const std::wstring &name, const Properties &properties, bool open_if_exists);
    void move_folder(Turn &turn, Id id, Id parent, const std::wstring &name);
    void copy_folder(Turn &turn, Id id, Id parent, const std::wstring &name, bool with_folders);
    void delete_folder(Turn &turn, Id id, ULONG flags);
    void empty_folder(Turn &turn, Id id, bool with_associated);

    // Messages.
    const Message &message(Turn &turn, Id id) const; // MAPI_E_NOT_FOUND
    Properties message_properties(Turn &turn, Id id) const;
    // Makes the content that of the message. Without a base the message is new; with one, that is what the caller has
    // read, and nobody may have saved another one since, unless it is forced.
    void save_message(Turn &turn, Id id, const Message &message, const std::shared_ptr<const Content> &base, bool force);
    void copy_message(Turn &turn, Id id, Id folder);
    void move_message(Turn &turn, Id id, Id folder);
    void delete_message(Turn &turn, Id id);
    void mark_read(Turn &turn, Id id, bool read);
    ULONG set_status(Turn &turn, Id id, ULONG status, ULONG mask); // returns the old one
    std::vector<Id> messages_in(Turn &turn, Id folder, bool associated) const;

    // Rows of the tables of a folder.
    Rows contents(Turn &turn, Id folder, bool associated) const;
    Rows hierarchy(Turn &turn, Id folder, bool deep, LONG depth = 0) const;

    // Where mail of a class arrives: NULL ends a setting.
    void set_receive_folder(Turn &turn, const std::wstring &message_class, Id folder);
    Id receive_folder(Turn &turn, const std::wstring &message_class, std::wstring &found) const;
    Rows receive_folders(Turn &turn) const;

    const Bytes record_key;
    const Bytes entry_id;
    SpecialFolders special = {};
    Announcer announcer;
    // Used within a turn.
    Names names;
    Properties store_properties; // those of the store that were set

private:
    struct ReceiveFolder {
        Id key;
        Id folder;
    };

    Id add_folder(Id parent, const WCHAR *name);
    bool is_special(Id id) const;
    bool is_within(Id id, Id other) const;
    Id child_named(Id parent, const std::wstring &name) const;
    std::vector<Id> children(Id parent) const;
    void drop_folder(Turn &turn, Id id);
    void modified(Turn &turn, Kind kind, Id id, Id parent);

    Lock lock; // of all that follows, the special folders excepted
    std::map<Id, Folder> folders;
    std::map<Id, Message> messages;
    std::map<std::wstring, ReceiveFolder> classes; // in capital letters
};

using Turn = Mailbox::Turn;

// STORE-04: what the store can do.
extern const ULONG SUPPORT_MASK;
