/* The table's parser: an operator's or a confused worker's text. */
#include <stdlib.h>
#include <string.h>

#include "../src/table.h"
#include "fuzz.h"

static const char *const seeds[] = {
    "bullpen-table 1\nrun-dir /run/b\nmode root\nuid-locks /run/u\nslot 0 3000 3000\nslot 1 3001 3001\ncgroup memory /sys/fs/cgroup/memory/b\n"
    "profile 0 python\nallow write\nallow fork\nallow exec\nview execute /usr /usr\nlink usr/bin /bin\nceiling wall-ms 60000\nceiling cpu-ms 60000\n"
    "ceiling memory 1\nceiling address-space 0\nceiling processes 9\nceiling file-size 9\nceiling open-files 9\nceiling stack 9\n"
    "ceiling output 9\nceiling disk-bytes 9\nceiling disk-files 9\nend\n",
    "bullpen-table 1\nprofile 0 x\nwork /sandbox\nmask file /etc/passwd\nmask directory /root\nmask listing /\nallow unix-sockets\nallow execute-written\nview read /a /b\nend\n",
    "bullpen-table 1\nrun-dir /run/b\nmode classic\nboxes /dev/shm\nslot 0 3000 3000\nprofile 0 x\n",
    "bullpen-table 2\n",
};

size_t fuzz_seed(unsigned index, uint8_t *bytes, size_t capacity) {
    if (index >= sizeof seeds / sizeof *seeds || strlen(seeds[index]) > capacity) return 0;
    memcpy(bytes, seeds[index], strlen(seeds[index]));
    return strlen(seeds[index]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static struct table table;
    char problem[256];
    char *text = malloc(size + 1);
    if (!text) return 0;
    memcpy(text, bytes, size);
    text[size] = '\0';
    if (table_parse(text, &table, problem, sizeof problem) == 0 && (table.slot_count == 0 || table.profile_count == 0)) abort();
    free(text);
    return 0;
}
