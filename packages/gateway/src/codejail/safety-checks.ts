import type { Executed } from './execution.ts';

/** Code whose end shows whether the fleet's jails hold: the same that codejail-service tries when it starts. */
export interface SafetyCheck {
  readonly id: 'functionality' | 'disk' | 'exec' | 'network';
  readonly title: string;
  readonly code: string;
  readonly globalsJson: string;
  hasPassed(executed: Executed): boolean;
}

const permissionDenied = 'PermissionError: [Errno 13] Permission denied';
const processRefused = 'BlockingIOError: [Errno 11] Resource temporarily unavailable';
const failsWith =
  (...errors: readonly string[]) =>
  (executed: Executed): boolean =>
    executed.kind === 'exception' && errors.some((error) => executed.message.includes(error));

export const safetyChecks: readonly SafetyCheck[] = [
  {
    id: 'functionality',
    title: 'code runs, and its globals come back',
    code: 'x = x + 1',
    globalsJson: '{"x": 16}',
    hasPassed: (executed) => executed.kind === 'globals' && /^\{\s*"x"\s*:\s*17\s*\}$/.test(executed.globalsJson),
  },
  {
    id: 'disk',
    title: 'code cannot list the root directory',
    code: "import os\nfound = os.listdir('/')",
    globalsJson: '{}',
    hasPassed: failsWith(permissionDenied),
  },
  {
    id: 'exec',
    title: 'code cannot start another program',
    code: "import subprocess\nfound = subprocess.check_output(['date'])",
    globalsJson: '{}',
    hasPassed: failsWith(permissionDenied, processRefused),
  },
  {
    id: 'network',
    title: 'code cannot make a socket',
    code: 'import socket\nsocket.socket(socket.AF_INET, socket.SOCK_STREAM).close()',
    globalsJson: '{}',
    hasPassed: failsWith(permissionDenied),
  },
];
