/* Every process makes more of them. */
#include <unistd.h>

int main(void) {
    for (;;) fork();
}
