import { Agent, type IncomingMessage, request } from 'node:http';

/** One request that a door is asked again and again, and what shows that its answer is right. */
export interface DoorRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Throws when the answer is not the one of a program that ran and said hello. */
  check(status: number, body: string): void;
}

/** Some clients of one gateway, each with a connection of its own that it keeps. */
export interface HttpClients {
  /** Sends `count` requests, each client its next one when it has its answer; returns milliseconds per request, and for all together. */
  run(what: DoorRequest, count: number): Promise<{ readonly eachMs: readonly number[]; readonly allMs: number }>;
  close(): void;
}

export interface Server {
  readonly port: number;
  readonly authorization: string;
}

export function openHttpClients(server: Server, clients: number): HttpClients {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  return {
    async run(what, count) {
      const eachMs: number[] = [];
      let left = count;
      const beginMs = performance.now();
      const oneClient = async (): Promise<void> => {
        while (left > 0) {
          left -= 1;
          const startMs = performance.now();
          const { status, body } = await post(agent, server, what);
          eachMs.push(performance.now() - startMs);
          what.check(status, body);
        }
      };
      await Promise.all(Array.from({ length: clients }, oneClient));
      return { eachMs, allMs: performance.now() - beginMs };
    },
    close: () => agent.destroy(),
  };
}

function post(
  agent: Agent,
  { port, authorization }: Server,
  { path, headers, body }: DoorRequest,
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        agent,
        host: '127.0.0.1',
        port,
        path,
        method: 'POST',
        headers: { ...headers, authorization, 'content-length': body.length },
      },
      (answer) => {
        readBody(answer).then((text) => resolve({ status: answer.statusCode ?? 0, body: text }), reject);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

async function readBody(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
