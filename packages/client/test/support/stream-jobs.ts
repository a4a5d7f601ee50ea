/** Streams jobs into a fleet's queue: arguments are the socket, how many jobs, and how many bytes each has. */
import { createClient } from '../../src/index.ts';

const [socket = '', count = '0', bytes = '0'] = process.argv.slice(2);
const client = createClient({ connection: socket });

async function* makeJobs() {
  for (let number = 0; number < Number(count); number += 1) {
    const content = `${number} `.padEnd(Number(bytes), 'x');
    yield { id: `many-${number}`, profile: 'bash', files: [{ path: 'a', content }], commands: [{ argv: ['true'] }] };
  }
}

let submitted = 0;
let inOrder = true;
for await (const { id } of client.submitMany(makeJobs())) {
  inOrder &&= id === `many-${submitted}`;
  submitted += 1;
}
await client.close();
process.stdout.write(JSON.stringify({ submitted, inOrder }));
