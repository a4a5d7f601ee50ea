/* Aborts itself. */
#include <stdlib.h>

int main(void) {
    abort();
}
