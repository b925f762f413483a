/* Waits until its standard input ends: xtask/src/windows/awake.rs says why. */
#include <stdio.h>

int main(void)
{
    puts("awake");
    fflush(stdout);
    while (getchar() != EOF) {
    }
    return 0;
}
