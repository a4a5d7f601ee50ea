import type { CollectAnswer, Jail, JailCommand, JailReport, JailSlot } from '@bullpen/jailer';

const empty = { bytes: new Uint8Array(), bytesSeen: 0 };

/** What a jailer measures of a program that exits with 0 at once and says nothing. */
export const quietReport: JailReport = {
  endedBy: 'itself',
  exitCode: 0,
  signal: null,
  startErrno: 0,
  wallTimeUs: 1500,
  userTimeUs: 600,
  systemTimeUs: 400,
  peakMemoryBytes: 4096,
  oomKills: 0,
  processesRefused: 0,
  diskBytes: 0,
  diskFiles: 0,
  diskFull: false,
  stdout: empty,
  stderr: empty,
};

export const says = (text: string, bytesSeen = Buffer.byteLength(text)) => ({ bytes: Buffer.from(text), bytesSeen });

export interface LiteralSlotOptions {
  readonly index?: number;
  /** Names of the layers; `identity` alone unless said. */
  readonly layers?: readonly string[];
  run?(command: JailCommand, signal: AbortSignal | undefined): JailReport | Promise<JailReport>;
  collect?(path: string, maxBytes: number): CollectAnswer;
  close?(): Promise<void>;
}

/** A slot that only answers as it is told: what code that speaks to a slot sees of one. `log` tells what was asked, in order. */
export function makeLiteralSlot(options: LiteralSlotOptions = {}): JailSlot & { readonly log: string[] } {
  const log: string[] = [];
  const jail: Jail = {
    layers: (options.layers ?? ['identity']).map((name) => ({ name, detail: 'as measured' })),
    async run(command, { signal } = {}) {
      log.push(`run ${command.argv.join(' ')}`);
      return (await options.run?.(command, signal)) ?? quietReport;
    },
    async collect(path, maxBytes) {
      log.push(`collect ${path}`);
      return options.collect?.(path, maxBytes) ?? { state: 'refused', path, reason: 'missing' };
    },
    async close() {
      log.push('close');
      await options.close?.();
    },
  };
  return {
    log,
    index: options.index ?? 0,
    uid: 5000,
    async open(request) {
      log.push(`open ${request.files.map(({ path }) => path).join(' ')}`.trim());
      return jail;
    },
    async replace() {
      log.push('replace');
    },
  };
}

/** The report of a command that the jailer killed once `signal` was aborted. */
export async function killedReport(signal: AbortSignal | undefined): Promise<JailReport> {
  await new Promise<void>((resolve) => {
    if (signal?.aborted === true) resolve();
    signal?.addEventListener('abort', () => resolve(), { once: true });
  });
  return { ...quietReport, endedBy: 'kill', exitCode: null, signal: 9 };
}
