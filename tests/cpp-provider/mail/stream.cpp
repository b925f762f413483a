#include "stream.h"

#include <algorithm>
#include <cstring>

namespace {

const ULONGLONG LARGEST_STREAM = 0x7FFFFFFF;

// The bytes of a value in a stream: text in the width of the tag, without an end.
Bytes stream_bytes(const Value &value, ULONG type) {
    if (type == PT_BINARY)
        return value.bytes;
    const std::string narrowed = type == PT_STRING8 ? narrow(value.text) : std::string();
    const void *const first = type == PT_STRING8 ? narrowed.data() : static_cast<const void *>(value.text.data());
    const size_t size = type == PT_STRING8 ? narrowed.size() : value.text.size() * sizeof(WCHAR);
    const auto *const bytes = static_cast<const BYTE *>(first);
    return {bytes, bytes + size};
}

Value stream_value(const Bytes &bytes, ULONG type) {
    if (type == PT_BINARY)
        return bytes_value(bytes);
    if (type == PT_STRING8)
        return text_value(widen(std::string(bytes.begin(), bytes.end()).c_str()));
    std::wstring text(bytes.size() / sizeof(WCHAR), L'\0');
    std::memcpy(&text[0], bytes.data(), text.size() * sizeof(WCHAR));
    return text_value(text);
}

class Stream : public Object<IStream> {
public:
    Stream(Bag &bag, ULONG tag, const Bytes &bytes, bool writable, bool transacted)
        : owner(Ref<IUnknown>::share(bag.unknown())), bag(bag), tag(tag), writable(writable), transacted(transacted),
          bytes(bytes), committed(bytes) {}

    HRESULT STDMETHODCALLTYPE Read(void *out, ULONG most, ULONG *count) override {
        clear(count);
        return guarded([&]() -> HRESULT {
            require(out, STG_E_INVALIDPOINTER);
            Turn turn(*bag.mailbox);
            const size_t left = bytes.size() - std::min(place, bytes.size());
            const size_t size = std::min<size_t>(left, most);
            if (size)
                std::memcpy(out, bytes.data() + place, size);
            place += size;
            if (count)
                *count = static_cast<ULONG>(size);
            return S_OK;
        });
    }
    HRESULT STDMETHODCALLTYPE Write(const void *given, ULONG size, ULONG *count) override {
        clear(count);
        return guarded([&]() -> HRESULT {
            require(given || !size, STG_E_INVALIDPOINTER);
            require(writable, STG_E_ACCESSDENIED);
            Turn turn(*bag.mailbox);
            require(place + ULONGLONG(size) <= LARGEST_STREAM, STG_E_MEDIUMFULL);
            bytes.resize(std::max<size_t>(bytes.size(), place + size));
            if (size)
                std::memcpy(bytes.data() + place, given, size);
            place += size;
            if (count)
                *count = size;
            return changed(turn);
        });
    }
    HRESULT STDMETHODCALLTYPE Seek(LARGE_INTEGER by, DWORD origin, ULARGE_INTEGER *position) override {
        return guarded([&]() -> HRESULT {
            require(origin <= STREAM_SEEK_END, STG_E_INVALIDFUNCTION);
            Turn turn(*bag.mailbox);
            const size_t from = origin == STREAM_SEEK_SET ? 0 : origin == STREAM_SEEK_CUR ? place : bytes.size();
            const LONGLONG least = -LONGLONG(from), most = LONGLONG(LARGEST_STREAM - from);
            require(by.QuadPart >= least && by.QuadPart <= most, STG_E_INVALIDFUNCTION);
            place = static_cast<size_t>(LONGLONG(from) + by.QuadPart);
            if (position)
                position->QuadPart = place;
            return S_OK;
        });
    }
    HRESULT STDMETHODCALLTYPE SetSize(ULARGE_INTEGER size) override {
        return guarded([&]() -> HRESULT {
            require(writable, STG_E_ACCESSDENIED);
            require(size.QuadPart <= LARGEST_STREAM, STG_E_MEDIUMFULL);
            Turn turn(*bag.mailbox);
            bytes.resize(static_cast<size_t>(size.QuadPart));
            return changed(turn);
        });
    }
    HRESULT STDMETHODCALLTYPE CopyTo(IStream *to, ULARGE_INTEGER size, ULARGE_INTEGER *read,
                                     ULARGE_INTEGER *written) override {
        clear(read, written);
        return guarded([&]() -> HRESULT {
            require(to, STG_E_INVALIDPOINTER);
            Bytes part;
            {
                Turn turn(*bag.mailbox);
                const size_t left = bytes.size() - std::min(place, bytes.size());
                const auto first = bytes.begin() + std::min(place, bytes.size());
                part.assign(first, first + static_cast<size_t>(std::min<ULONGLONG>(left, size.QuadPart)));
                place += part.size();
            }
            ULONG count = 0;
            const HRESULT result = to->Write(part.data(), static_cast<ULONG>(part.size()), &count);
            if (read)
                read->QuadPart = part.size();
            if (written)
                written->QuadPart = count;
            return result;
        });
    }
    HRESULT STDMETHODCALLTYPE Commit(DWORD) override {
        return guarded([&]() -> HRESULT {
            Turn turn(*bag.mailbox);
            committed = bytes;
            return writable ? bag.set(turn, tag, stream_value(bytes, PROP_TYPE(tag))) : S_OK;
        });
    }
    HRESULT STDMETHODCALLTYPE Revert() override {
        return guarded([&]() -> HRESULT {
            Turn turn(*bag.mailbox);
            if (transacted)
                bytes = committed;
            place = std::min(place, bytes.size());
            return S_OK;
        });
    }
    HRESULT STDMETHODCALLTYPE LockRegion(ULARGE_INTEGER, ULARGE_INTEGER, DWORD) override { return STG_E_INVALIDFUNCTION; }
    HRESULT STDMETHODCALLTYPE UnlockRegion(ULARGE_INTEGER, ULARGE_INTEGER, DWORD) override {
        return STG_E_INVALIDFUNCTION;
    }
    HRESULT STDMETHODCALLTYPE Stat(STATSTG *out, DWORD) override {
        return guarded([&]() -> HRESULT {
            require(out, STG_E_INVALIDPOINTER);
            Turn turn(*bag.mailbox);
            *out = {};
            out->type = STGTY_STREAM;
            out->cbSize.QuadPart = bytes.size();
            out->grfMode = (writable ? STGM_READWRITE : STGM_READ) | (transacted ? STGM_TRANSACTED : STGM_DIRECT);
            return S_OK;
        });
    }
    HRESULT STDMETHODCALLTYPE Clone(IStream **clone) override { return unsupported(clone); }

protected:
    void *find(REFIID iid) override {
        const bool known = iid == IID_IUnknown || iid == IID_ISequentialStream || iid == IID_IStream;
        return known ? static_cast<IStream *>(this) : nullptr;
    }

private:
    // What is written to a direct stream is the object's at once, and saved with it.
    HRESULT changed(Turn &turn) {
        return transacted ? S_OK : bag.set(turn, tag, stream_value(bytes, PROP_TYPE(tag)));
    }

    const Ref<IUnknown> owner;
    Bag &bag;
    const ULONG tag;
    const bool writable, transacted;
    Bytes bytes, committed;
    size_t place = 0;
};

} // namespace

IStream *open_stream(Bag &bag, ULONG tag, ULONG options, ULONG flags) {
    const ULONG type = PROP_TYPE(tag);
    require(is_text(type) || type == PT_BINARY, MAPI_E_NO_SUPPORT);
    Turn turn(*bag.mailbox);
    const Properties all = bag.all(turn);
    const Value *const there = value_of(all, tag);
    const bool fits = there && there->type == kept_type(type);
    require(fits || (flags & MAPI_CREATE), MAPI_E_NOT_FOUND);
    const bool keeps = fits && (!(flags & MAPI_CREATE) || makes(Mistake::create_keeps_value));
    const Bytes bytes = keeps ? stream_bytes(*there, type) : Bytes();
    const bool writable = flags & (MAPI_CREATE | MAPI_MODIFY);
    const bool transacted = options & STGM_TRANSACTED;
    if (writable && !transacted) {
        // A property that can't be set is refused at once.
        const HRESULT result = bag.set(turn, tag, stream_value(bytes, type));
        require(SUCCEEDED(result), result);
    }
    return new Stream(bag, tag, bytes, writable, transacted);
}
