/* Does not compile: the second command of the job is skipped. */
int main(void) {
    return missing;
}
