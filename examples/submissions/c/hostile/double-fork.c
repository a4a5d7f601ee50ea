/* Leaves a grandchild behind that spins, ignores signals and holds standard output. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    puts("parent leaves");
    fflush(stdout);
    if (fork() == 0) {
        setsid();
        if (fork() == 0) {
            for (int number = 1; number < 64; number++) signal(number, SIG_IGN);
            for (;;) {
            }
        }
        _exit(0);
    }
    return 0;
}
