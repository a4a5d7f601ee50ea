/** One server-sent event, its data parsed. */
export interface ReadEvent {
  readonly event: string;
  readonly id: string | null;
  readonly data: unknown;
}

/** The events of a stream as they come; ends with it. */
export async function* readEvents(response: Response): AsyncGenerator<ReadEvent, void, undefined> {
  if (response.body === null) throw new Error(`An answer with status ${response.status} has no events.`);
  let text = '';
  for await (const bytes of response.body.pipeThrough(new TextDecoderStream())) {
    text += bytes;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = parseBlock(block);
      if (event !== null) yield event;
    }
  }
}

/** All events until the end of the stream. */
export async function readAllEvents(response: Response): Promise<readonly ReadEvent[]> {
  const events = [];
  for await (const event of readEvents(response)) events.push(event);
  return events;
}

/** What was written to one stream of a command. */
export function textOf(events: readonly ReadEvent[], stream: 'stdout' | 'stderr', command = 0): string {
  return events
    .filter(({ event }) => event === stream)
    .map(({ data }) => data as { readonly command: number; readonly encoding: BufferEncoding; readonly data: string })
    .filter((piece) => piece.command === command)
    .map(({ encoding, data }) => Buffer.from(data, encoding).toString('latin1'))
    .join('');
}

function parseBlock(block: string): ReadEvent | null {
  const fields = new Map(
    block
      .split('\n')
      .filter((line) => !line.startsWith(':'))
      .map((line) => {
        const colon = line.indexOf(': ');
        return [line.slice(0, colon), line.slice(colon + 2)] as const;
      }),
  );
  const event = fields.get('event');
  if (event === undefined) return null; // a heartbeat
  return { event, id: fields.get('id') ?? null, data: JSON.parse(fields.get('data') ?? 'null') };
}
