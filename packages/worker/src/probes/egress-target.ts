import { z } from 'zod';

/** Where a probe of the worker's own network tries to connect to. */
export interface EgressTarget {
  readonly host: string;
  readonly port: number;
}

/** What a worker in a Kubernetes pod is probed with unless told otherwise: the address at which clouds tell their machines' credentials. */
export const podEgressTargets = '169.254.169.254:80';

const targetsMax = 16;
const form = 'must be "none", or targets such as 169.254.169.254:80,[fd00:ec2::254]:80 with commas between them';

/** Reads `host:port,host:port` or `none`; takes what it made of it, too. */
export const egressTargetsSchema = z
  .union([z.string().transform(splitTargets), z.array(z.unknown())], { error: form })
  .pipe(
    z
      .array(
        z.strictObject(
          {
            host: z.string().regex(/^[A-Za-z0-9.:_-]{1,255}$/, form),
            port: z.int(form).min(1, form).max(65_535, form),
          },
          form,
        ),
      )
      .max(targetsMax, `must have at most ${targetsMax} targets`),
  );

function splitTargets(text: string): unknown[] {
  if (text === 'none') return [];
  return text.split(',').map((part) => {
    const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(part.trim()) ?? [];
    return { host: bracketed ?? plain, port: Number(port) };
  });
}

/** Writes a target as `egressTargetsSchema` reads it. */
export function renderTarget({ host, port }: EgressTarget): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
