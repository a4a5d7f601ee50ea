import { profileNames } from '@bullpen/profiles';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fleet, startFleet } from '../support/fleet.ts';

let fleet: Fleet;
beforeAll(async () => {
  fleet = await startFleet();
});
afterAll(() => fleet?.close());

interface Sample {
  readonly file: string;
  readonly source: string;
  readonly commands: readonly (readonly string[])[];
}

const python = 'import sys\nprint("hello")\nprint(sys.stdin.read().strip())';

/** Prints a greeting, then stdin in capitals or as it is. */
const samples: Readonly<Record<string, Sample>> = {
  python: {
    file: 'm.py',
    source: python,
    commands: [['python3', 'm.py']],
  },
  'pure-python': {
    file: 'm.py',
    source: 'import sys, json, math\nprint("hello")\nprint(sys.stdin.read().strip())',
    commands: [['python3', 'm.py']],
  },
  codejail: { file: 'm.py', source: python, commands: [['python3', '-E', '-B', 'm.py']] },
  codebox: { file: 'm.py', source: python, commands: [['/venv/bin/python', 'm.py']] },
  node: {
    file: 'm.js',
    source: 'console.log("hello"); process.stdin.pipe(process.stdout)',
    commands: [['node', 'm.js']],
  },
  bash: { file: 'm.sh', source: 'echo hello; cat', commands: [['bash', 'm.sh']] },
  c: {
    file: 'm.c',
    source: '#include <stdio.h>\nint main(void) { int c; puts("hello"); while ((c = getchar()) != EOF) putchar(c); }',
    commands: [['gcc', '-O2', '-o', 'm', 'm.c'], ['./m']],
  },
  cpp: {
    file: 'm.cpp',
    source: '#include <iostream>\nint main() { std::cout << "hello\\n" << std::cin.rdbuf(); }',
    commands: [['g++', '-O1', '-o', 'm', 'm.cpp'], ['./m']],
  },
  rust: {
    file: 'm.rs',
    source: 'fn main() { println!("hello"); std::io::copy(&mut std::io::stdin(), &mut std::io::stdout()).unwrap(); }',
    commands: [['rustc', '-o', 'm', 'm.rs'], ['./m']],
  },
  java: {
    file: 'M.java',
    source:
      'public class M { public static void main(String[] a) throws Exception { System.out.println("hello"); System.in.transferTo(System.out); System.out.flush(); } }',
    commands: [
      ['javac', 'M.java'],
      ['java', 'M'],
    ],
  },
  perl: { file: 'm.pl', source: 'print "hello\\n"; print while <STDIN>;', commands: [['perl', 'm.pl']] },
  ruby: { file: 'm.rb', source: 'puts "hello"; print STDIN.read', commands: [['ruby', 'm.rb']] },
  go: {
    file: 'm.go',
    source:
      'package main\nimport ("fmt"; "io"; "os")\nfunc main() { fmt.Println("hello"); io.Copy(os.Stdout, os.Stdin) }',
    commands: [['go', 'build', '-o', 'm', 'm.go'], ['./m']],
  },
};

test('every built-in profile has a sample here', () => {
  expect(Object.keys(samples).sort()).toEqual([...profileNames].sort());
});

test.for(Object.entries(samples))(
  '%s: says hello and echoes stdin, or says why it is unavailable',
  async ([profile, sample]) => {
    const stdin = 'from stdin\n';
    const commands = sample.commands.map((argv, index) => ({
      argv: [...argv],
      stdin: index === sample.commands.length - 1 ? stdin : '',
    }));
    const handle = await fleet.client.submit({
      profile,
      files: [{ path: sample.file, content: sample.source }],
      commands,
      // A greeting takes as long as the machine is busy.
      limits: { wallTimeMs: 10_000 },
      attempts: 1,
    });
    const result = await handle
      .result({ timeoutMs: 50_000 })
      .catch((error: unknown) => error as Error & { code: string });
    if (result instanceof Error) {
      // Only a toolchain that this machine lacks is an excuse, and then the code says so.
      expect(result.code).toBe('profile-unavailable');
      expect(result.message).toContain(profile);
      return;
    }
    expect(result.commands.map(({ outcome, stderr }) => [outcome, stderr.data])).toEqual(
      commands.map(() => [{ kind: 'exited', exitCode: 0 }, '']),
    );
    expect(result.commands.at(-1)?.stdout.data).toBe('hello\nfrom stdin\n');
    expect(result.receipt?.profile.name).toBe(profile);
  },
);
