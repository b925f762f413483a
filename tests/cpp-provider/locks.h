// A lock, and waiting under it.
#pragma once

#include <windows.h>

// Not recursive, and never held while anything outside this DLL is called.
class Lock {
public:
    void enter() { AcquireSRWLockExclusive(&lock); }
    void leave() { ReleaseSRWLockExclusive(&lock); }
    // Waits, with the lock released meanwhile, until it is woken or the milliseconds have
    // passed.
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
