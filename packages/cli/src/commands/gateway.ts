import type { Command } from 'commander';
import type { Finish } from '../finish.ts';

export function addGateway(program: Command, finish: Finish): Command {
  return program
    .command('gateway')
    .summary('the HTTP doors of a fleet, in the foreground')
    .description(
      'Serves the HTTP API of a fleet until Ctrl-C or SIGTERM, to those who have an API key (`bullpen keys add NAME`). Needs no privileges. Its other settings are BULLPEN_HTTP_... variables of the environment.',
    )
    .option('--listen <host:port>', 'where to listen (default: 127.0.0.1:8580)')
    .option('--redis <url>', "the fleet's Redis (default: BULLPEN_REDIS, REDIS_URL, else what `up` started)")
    .option('--profiles <file>', 'file with more profiles: JSON, or TypeScript that exports them')
    .option('--keys <file>', 'the file of API keys (default: ~/.config/bullpen/http-keys.json)')
    .action(async (options) => {
      const { runGateway } = await import('../actions/run-gateway.ts');
      finish(await runGateway(options));
    });
}
