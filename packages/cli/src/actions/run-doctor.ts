export async function runDoctor(_options: object): Promise<number> {
  return 0;
}
