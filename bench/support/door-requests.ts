import type { DoorRequest } from './http-clients.ts';

const hello = 'print("hello")';

/** The same small program through each door: Python that says hello, in the words of the door's own clients. */
export const doorRequests: Readonly<Record<'native' | 'codebox' | 'codejail', DoorRequest>> = {
  native: {
    path: '/v1/jobs?wait=30',
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(
      JSON.stringify({ profile: 'python', commands: [{ argv: ['python3', '-c', hello] }], priority: 'interactive' }),
    ),
    check(status, body) {
      if (status !== 200 || !body.includes('"data":"hello\\n"')) throw wrongAnswer('/v1/jobs', status, body);
    },
  },
  codebox: {
    path: '/execute',
    headers: { 'content-type': 'application/json' },
    // Ten times the door's own default, since sixteen clients share the processors.
    body: Buffer.from(
      JSON.stringify({
        sources: { 'hello.py': hello },
        commands: [{ command: '/venv/bin/python hello.py', timeout: 2 }],
      }),
    ),
    check(status, body) {
      if (status !== 200 || !body.includes('"stdout":"hello\\n"')) throw wrongAnswer('/execute', status, body);
    },
  },
  codejail: {
    path: '/api/v0/code-exec',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(
      new URLSearchParams({
        payload: JSON.stringify({ code: 'said = "hello"', globals_dict: {}, python_path: null, slug: 'hello' }),
      }).toString(),
    ),
    check(status, body) {
      if (status !== 200 || !/"said":\s*"hello"/.test(body)) throw wrongAnswer('/api/v0/code-exec', status, body);
    },
  },
};

export type DoorName = keyof typeof doorRequests;

function wrongAnswer(path: string, status: number, body: string): Error {
  return new Error(`${path} answered ${status} instead of a hello: ${body.slice(0, 500)}`);
}
