#include "stack.h"

#ifdef __i386__

// EBX is the callee's to save, so it holds the stack pointer across the call; ESP itself is restored from
// EBP, whatever the callee did.
extern "C" __attribute__((naked)) uint32_t stack::stack_call(void *, const uint32_t *, uint32_t, int32_t *) {
    asm("push %ebp\n\t"
        "mov %esp, %ebp\n\t"
        "push %ebx\n\t"
        "push %esi\n\t"
        "push %edi\n\t"
        "mov 12(%ebp), %esi\n\t"
        "mov 16(%ebp), %ecx\n\t"
        "1:\n\t"
        "test %ecx, %ecx\n\t"
        "jz 2f\n\t"
        "dec %ecx\n\t"
        "pushl (%esi,%ecx,4)\n\t"
        "jmp 1b\n\t"
        "2:\n\t"
        "mov %esp, %ebx\n\t"
        "call *8(%ebp)\n\t"
        "mov %esp, %edx\n\t"
        "sub %ebx, %edx\n\t"
        "mov 20(%ebp), %ecx\n\t"
        "mov %edx, (%ecx)\n\t"
        "lea -12(%ebp), %esp\n\t"
        "pop %edi\n\t"
        "pop %esi\n\t"
        "pop %ebx\n\t"
        "pop %ebp\n\t"
        "ret");
}

#endif
