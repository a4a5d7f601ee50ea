/* What a fuzz target offers: the entry that libFuzzer expects, and inputs to start from. */
#ifndef BULLPEN_FUZZ_H
#define BULLPEN_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Fills in seed number `index`; returns its length, 0 when there is none. */
size_t fuzz_seed(unsigned index, uint8_t *bytes, size_t capacity);

#endif
