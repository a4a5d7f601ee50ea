import { spawn } from 'node:child_process';
import { buffer } from 'node:stream/consumers';

/** Runs a script with this host's Python, where nobody is jailed, and returns what it prints. */
export async function runPython(script: string, input: string | Uint8Array = ''): Promise<Buffer> {
  const child = spawn('/usr/bin/python3', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  // A script that reads nothing may have ended before this is written.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return buffer(child.stdout);
}

/** The bytes of a zip file as Python's zipfile writes it; `script` writes to the open archive `z`. */
export function makeZip(script: string): Promise<Buffer> {
  return runPython(`
import io, sys, warnings, zipfile
warnings.simplefilter('ignore')
memory = io.BytesIO()
with zipfile.ZipFile(memory, 'w', zipfile.ZIP_DEFLATED) as z:
${script.replaceAll(/^/gm, '    ')}
sys.stdout.buffer.write(memory.getvalue())
`);
}
