/** On the command line: the commands that measure what a steady state hides. */
import { Argument, type Command } from 'commander'
import type { ChangesOptions, What } from './changes.ts'
import type { ConnectionsOptions } from './connections.ts'
import type { DescribedTable } from './given.ts'
import { clientsOption, elsewhere, queryMode, seconds, seed, wholeNumber, writesOption } from './options.ts'
import { type AsWritten, goTogether } from './written.ts'

/** Reads a command's sources and calls it, unless only the table is to be described. */
type Asked = <Options extends { table?: DescribedTable }>(
  given: Options,
  command: () => Promise<(given: Options, signal: AbortSignal) => Promise<number>>,
) => Promise<void>

const whatChanges: readonly What[] = ['model', 'features']

/** @param command repeats the run */
export function unsteady(cli: Command, asked: Asked, command: string): void {
  elsewhere(cli.command('connections'))
    .description('first answers of new connections beside second ones: connect, authenticate, load the model')
    .addOption(clientsOption([1, 100]))
    .option('--rounds <number>', 'how often each side is opened anew', wholeNumber(1), 10)
    .option('--seed <number>', 'seed of keys and order', seed, 1)
    .addOption(queryMode())
    .option(
      '--pgbouncer',
      'a row more, by PgBouncer before the embedded Postgres: transaction mode, a pool of 10',
    )
    .addHelpText('after', '\nExample:\n  npx inference-gap connections --clients 1,100')
    .action(async (written: AsWritten<ConnectionsOptions, 'command'>, own: Command) => {
      const given = goTogether(written, own)
      if (given.pgbouncer) (await import('../targets/postgres/pgbouncer.ts')).findPgBouncer()
      return asked({ ...given, command }, () =>
        import('./connections.ts').then(({ connections }) => connections),
      )
    })

  elsewhere(cli.command('changes'))
    .description(
      'what clients notice while the embedded targets change: a new model goes live, or rows of features are written',
    )
    .addArgument(new Argument('<what>', 'what changes').choices(whatChanges))
    .addOption(clientsOption([1, 20]))
    .option('--rounds <number>', 'how often each side changes', wholeNumber(1), 5)
    .option('--block <seconds>', 'how long each side is asked in a round', seconds, 3)
    .option('--seed <number>', 'seed of keys and order', seed, 1)
    .addOption(writesOption())
    .addOption(queryMode())
    .addHelpText(
      'after',
      '\nExample:\n  npx inference-gap changes model --clients 1,20\n  npx inference-gap changes features --writes 0,100,1000',
    )
    .action((what: What, written: AsWritten<ChangesOptions, 'command'>, own: Command) =>
      asked({ ...goTogether(written, own), command }, async () => {
        const { changes } = await import('./changes.ts')
        return (given, signal) => changes(what, given, signal)
      }),
    )
}
