/*
 * Mutates a target's seeds with a fixed sequence, so that a failure repeats: `driver [RUNS [SEED]]`. The sanitizers end the process
 * at the first wrong access. Built with clang -fsanitize=fuzzer instead, the same targets are guided by coverage.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

enum { INPUT_MAX = 1 << 17 };

static uint64_t state;

static uint32_t pick(uint32_t below) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32) % below;
}

static size_t mutate(uint8_t *bytes, size_t size) {
    static const uint8_t telling[] = {0, 1, 2, 4, 8, 16, 255, 127, 128, ' ', '\n', '/', '.'};
    for (unsigned changes = 1 + pick(6); changes > 0 && size > 0; changes--) {
        size_t at = pick((uint32_t)size);
        switch (pick(6)) {
            case 0: bytes[at] = (uint8_t)pick(256); break;
            case 1: bytes[at] ^= (uint8_t)(1u << pick(8)); break;
            case 2: bytes[at] = telling[pick(sizeof telling)]; break;
            case 3: size = at; break;
            case 4: {
                size_t length = 1 + pick((uint32_t)(size - at));
                if (size + length <= INPUT_MAX) {
                    memmove(bytes + at + length, bytes + at, size - at);
                    size += length;
                }
                break;
            }
            default: {
                size_t length = 1 + pick((uint32_t)(size - at));
                memmove(bytes + at, bytes + at + length, size - at - length);
                size -= length;
            }
        }
    }
    return size;
}

int main(int argc, char **argv) {
    static uint8_t input[INPUT_MAX];
    uint64_t runs = argc > 1 ? strtoull(argv[1], NULL, 10) : 100000;
    state = argc > 2 ? strtoull(argv[2], NULL, 10) | 1 : 88172645463325252ull;
    unsigned seeds = 0;
    while (fuzz_seed(seeds, input, sizeof input) > 0) seeds++;
    for (uint64_t run = 0; run < runs; run++) {
        size_t size = fuzz_seed(pick(seeds), input, sizeof input / 2);
        if (run >= seeds) size = mutate(input, size);
        /* A copy of exactly this size: reading one byte past it is seen. */
        uint8_t *exact = malloc(size ? size : 1);
        if (!exact) return 1;
        memcpy(exact, input, size);
        (void)LLVMFuzzerTestOneInput(exact, size);
        free(exact);
    }
    return printf("%s: %" PRIu64 " inputs from %u seeds\n", argv[0], runs, seeds) < 0;
}
