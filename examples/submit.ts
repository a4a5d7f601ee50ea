import { createClient } from '@bullpen/client';

const client = createClient({ connection: process.argv[2] ?? 'redis://127.0.0.1:6379' });
const job = await client.submit({
  profile: 'python',
  files: [{ path: 'main.py', content: 'print(sum(map(int, input().split())))' }],
  commands: [{ argv: ['python3', 'main.py'], stdin: '1 2 39' }],
  limits: { wallTimeMs: 2000, memoryBytes: 64 * 2 ** 20 },
});
const { commands } = await job.result({ timeoutMs: 30_000 });
console.log(commands[0]?.outcome, commands[0]?.stdout.data);
await client.close();
