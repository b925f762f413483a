// A lock and what waits under it.
#pragma once

#include <windows.h>

// Not recursive, and never held while anything outside of this DLL is called.
class Lock {
public:
    void enter() { AcquireSRWLockExclusive(&lock); }
    void leave() { ReleaseSRWLockExclusive(&lock); }
    // Waits, with the lock open meanwhile, to be woken or for so many milliseconds.
    void sleep(DWORD milliseconds) { SleepConditionVariableSRW(&changed, &lock, milliseconds, 0); }
    void wake_all() { WakeAllConditionVariable(&changed); }

private:
    SRWLOCK lock = SRWLOCK_INIT;
    CONDITION_VARIABLE changed = CONDITION_VARIABLE_INIT;
};

// Holds a lock as long as it lives.
class Guard {
public:
    explicit Guard(Lock &lock) : lock(lock) { lock.enter(); }
    ~Guard() { lock.leave(); }
    Guard(const Guard &) = delete;

private:
    Lock &lock;
};
