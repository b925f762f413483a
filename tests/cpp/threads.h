// Locks and threads on Windows' own functions: mingw-w64's C++ library has none in its win32 flavour.
#pragma once

#include <windows.h>

#include <functional>

namespace threads {

class Lock {
public:
    void acquire() { AcquireSRWLockExclusive(&lock); }
    void release() { ReleaseSRWLockExclusive(&lock); }

private:
    SRWLOCK lock = SRWLOCK_INIT;
};

class Guard {
public:
    explicit Guard(Lock &lock) : lock(lock) { lock.acquire(); }
    ~Guard() { lock.release(); }
    Guard(const Guard &) = delete;

private:
    Lock &lock;
};

// A gate that many can wait at, closed at first.
class Gate {
public:
    Gate() : event(CreateEventW(nullptr, TRUE, FALSE, nullptr)) {}
    ~Gate() { CloseHandle(event); }
    Gate(const Gate &) = delete;
    void open() { SetEvent(event); }
    bool wait(DWORD milliseconds = 20000) const { return WaitForSingleObject(event, milliseconds) == WAIT_OBJECT_0; }

private:
    HANDLE event;
};

// A thread that is joined when this dies.
class Thread {
public:
    explicit Thread(std::function<void()> body) : body(std::move(body)) {
        handle = CreateThread(nullptr, 0, run, this, 0, nullptr);
    }
    ~Thread() {
        WaitForSingleObject(handle, INFINITE);
        CloseHandle(handle);
    }
    Thread(const Thread &) = delete;

private:
    static DWORD WINAPI run(void *self) {
        static_cast<Thread *>(self)->body();
        return 0;
    }
    std::function<void()> body;
    HANDLE handle;
};

} // namespace threads
