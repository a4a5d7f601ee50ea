/* Clears its parent-death signal, leaves its session, ignores what can be ignored, and stays. */
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(void) {
    for (int number = 1; number < 64; number++) signal(number, SIG_IGN);
    for (int generation = 0; generation < 4; generation++) {
        prctl(PR_SET_PDEATHSIG, 0);
        setsid();
        fork();
    }
    for (;;) pause();
}
