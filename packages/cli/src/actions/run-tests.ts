export async function runTests(_options: object): Promise<number> {
  return 0;
}
