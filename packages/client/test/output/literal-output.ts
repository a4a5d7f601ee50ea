import { type CommandReport, encodeBytes, type LiveOutput, type Result, type StreamName } from '@bullpen/protocol';
import type { OutputItem } from '../../src/output/output-item.ts';

/** A message as a worker sends it; text stands for its Latin-1 bytes. */
export function piece(
  text: string | Uint8Array,
  place: { attempt?: number; command?: number; stream?: StreamName; offset?: number } = {},
): LiveOutput {
  const data = (typeof text === 'string' ? Buffer.from(text, 'latin1') : Buffer.from(text)).toString('base64');
  return { kind: 'output', attempt: 1, command: 0, stream: 'stdout', offset: 0, ...place, data };
}

const output = (text: string) => {
  const bytes = Buffer.from(text, 'latin1');
  return { ...encodeBytes(bytes), bytesKept: bytes.length, bytesSeen: bytes.length, truncated: false };
};

/** The part of a result that followers read: what each command's streams hold. */
export function resultOf(commands: readonly { stdout?: string; stderr?: string }[], attempt = 1): Result {
  const reports = commands.map(
    ({ stdout = '', stderr = '' }) => ({ stdout: output(stdout), stderr: output(stderr) }) as CommandReport,
  );
  return { attempt, commands: reports } as Result;
}

/** Items as short texts: `0 stdout abc`, or `restarted 2`. */
export function show(items: Iterable<OutputItem>): string[] {
  return Array.from(items, (item) =>
    item.kind === 'restarted'
      ? `restarted ${item.attempt}`
      : `${item.command} ${item.stream} ${Buffer.from(item.bytes).toString('latin1')}`,
  );
}
