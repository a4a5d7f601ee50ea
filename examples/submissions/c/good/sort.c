/* Sorts the numbers of standard input. */
#include <stdio.h>
#include <stdlib.h>

static int compare(const void *left, const void *right) {
    return *(const int *)left - *(const int *)right;
}

int main(void) {
    int numbers[100];
    int count = 0;
    while (count < 100 && scanf("%d", &numbers[count]) == 1) count++;
    qsort(numbers, (size_t)count, sizeof numbers[0], compare);
    for (int index = 0; index < count; index++) printf("%d\n", numbers[index]);
    return 0;
}
