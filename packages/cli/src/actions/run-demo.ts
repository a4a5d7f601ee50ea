export async function runDemo(_options: object): Promise<number> {
  return 0;
}
