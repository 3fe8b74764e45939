/**
 * The command line: reads flags, calls a command, turns what it throws into a message and an exit code.
 * A command's own sources are read when it is called, so that none waits for those of the others.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Command, CommanderError, Option } from 'commander'
import { isConnectionLost, nextStepFor } from '../build/causes.ts'
import { CouldNotMeasure, Failure, messageOf, refusalOf } from '../build/failure.ts'
import { root } from '../build/paths.ts'
import { shownArgument, withShownArguments } from '../targets/address/shown.ts'
import { afterwards } from './afterwards.ts'
import type { CapacityOptions } from './capacity/steps.ts'
import type { CheckOptions } from './check.ts'
import type { CompareOptions } from './compare.ts'
import { refuseContradictions, refuseDescribedAsJson, refuseHalfAPlan } from './contradictions.ts'
import type { CrosscheckOptions } from './crosscheck.ts'
import { aboutExit, codeOfError, exitCode } from './exit-codes.ts'
import { type DescribedTable, scaleRead, tableRead, type WrittenTable } from './given.ts'
import type { InitOptions } from './init.ts'
import { allHasEnded, Interrupted, interruptible } from './interrupt.ts'
import type { ModesOptions } from './modes.ts'
import {
  batchOption,
  clientsOption,
  demand,
  elsewhere,
  file,
  headroom,
  inSessions,
  inSizes,
  inTurns,
  length,
  lengths,
  listOf,
  minutes,
  objective,
  ofTables,
  port,
  precision,
  price,
  protocolList,
  queryMode,
  rate,
  seconds,
  seed,
  serializer,
  usualObjective,
  wholeNumber,
} from './options.ts'
import { beQuiet } from './progress.ts'
import type { ReproduceOptions } from './reproduce.ts'
import { quoted } from './shell.ts'
import { surviveItsEnd } from './standard-output.ts'
import type { TrainOptions } from './train.ts'
import { unsteady } from './unsteady.ts'
import type { WorkersOptions } from './workers.ts'
import { type AsWritten, goTogether } from './written.ts'

/** Of `train`, which takes several numbers of rows. */
type WrittenTraining = Omit<TrainOptions, 'command' | 'table' | 'scales'> &
  Omit<WrittenTable, 'rows'> & { rows?: number[] }

const version = (): string => JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).version

/** What repeats the run, without what is secret in it. */
const commandOf = (argv: string[]) =>
  `npx inference-gap ${argv.map((each) => quoted(shownArgument(each))).join(' ')}`

export function program(
  run: (work: (signal: AbortSignal) => Promise<number>) => Promise<void>,
  argv: string[],
): Command {
  const unlessDescribed = (
    { table }: { table?: DescribedTable },
    work: (signal: AbortSignal) => Promise<number>,
  ) => run(async (signal) => (table?.describe ? (await import('./data.ts')).describe(table) : work(signal)))
  const asked = <Options extends { table?: DescribedTable }>(
    given: Options,
    command: () => Promise<(given: Options, signal: AbortSignal) => Promise<number>>,
  ) =>
    unlessDescribed(given, async (signal) => {
      const work = async () => (await command())(given, signal)
      // From reading it on: another command may make a table of the same name ready, whose rows would be loaded.
      return given.table ? (await import('../build/lock.ts')).locked(work) : work()
    })
  const given = [...argv, process.env.CA_FILE ?? '']
  const cli = new Command('inference-gap')
    .description(
      'By how much one way to serve a model beats another: a database, a service, or any two of them',
    )
    .version(version())
    .exitOverride()
    // A mistyped flag is repeated with its value, which may be an address.
    .configureOutput({ outputError: (text, write) => write(withShownArguments(text, given)) })
    .showHelpAfterError('(add --help for what there is)')

  inSessions(elsewhere(inTurns(cli.command('compare'), [1, 5, 20, 100], 4, 6)))
    .description('measure the gap and judge it by thresholds.json')
    .option(
      '--looks <number>',
      'measure again up to so often while a threshold is undecided',
      wholeNumber(1),
      3,
    )
    .addOption(queryMode())
    .addOption(serializer())
    .addOption(batchOption())
    .option('--thresholds <file>', "the expected gaps; default: the workload's", file)
    .option(
      '--baseline <run.json>',
      'an earlier run: a gap that shrank beyond both intervals has regressed',
      file,
    )
    .option('--aa <side>', 'a side against itself: what the method itself gets wrong')
    .option('--repeat <number>', 'runs of --aa, one after the other', wholeNumber(1), 1)
    .option('--quiet', 'only the report, no progress')
    .option('--json', 'the run as JSON instead of the report; no progress')
    .option(
      '--pgbouncer',
      'a row more, by PgBouncer before the embedded Postgres: transaction mode, a pool of 10',
    )
    .option(
      '--replicas <number>',
      'streaming replicas of the embedded Postgres, asked in its place',
      wholeNumber(1),
    )
    .option('--pool <number>', 'connections to a database that all clients share', wholeNumber(1))
    .option(
      '--rate <number>',
      'open model: so many requests a second are due, of at most the given number of clients; 50%: half of what the slowest side serves to so many, which is measured first',
      rate,
    )
    .option(
      '--distance <list>',
      'with a round trip more on each link, as 0,0.1ms,0.5ms: latency and gap by that',
      lengths,
    )
    .option('--jitter <time>', 'of --distance: by how much round trips differ, as 0.05ms', length)
    .option(
      '--links <names>',
      "of --distance: sides that it is put before, and store, the embedded service's; default: all",
      listOf('links'),
    )
    .addHelpText('after', `${aboutExit}\n\nExample:\n  npx inference-gap compare --clients 1,5 --seed 7`)
    .action(async (written: AsWritten<CompareOptions, 'command'>, command: Command) => {
      const given = goTogether(written, command)
      refuseContradictions(given, command)
      if (given.pgbouncer) (await import('../targets/postgres/pgbouncer.ts')).findPgBouncer()
      if (given.quiet || given.json) beQuiet()
      // In the open model as many clients as are needed at a moment work, up to the largest number that was given.
      const clients = given.rate ? [Math.max(...given.clients)] : given.clients
      return asked({ ...given, clients, command: commandOf(argv) }, () =>
        import('./compare.ts').then(({ compare }) => compare),
      )
    })

  elsewhere(cli.command('capacity'))
    .description(
      'the highest arrival rate at which each side holds an objective, and how many hosts a demand takes',
    )
    .option(
      '--objective <terms>',
      `what is to hold; of one side alone as 'database: p99<5ms', given once more; default: ${usualObjective}`,
      objective,
    )
    .addOption(clientsOption([1, 5, 20, 100]))
    .addOption(
      new Option(
        '--arrivals <kind>',
        'when requests are due: as those of independent users, or at even distances',
      )
        .choices(['poisson', 'even'])
        .default('poisson'),
    )
    .option(
      '--block <seconds>',
      'how long each side is asked in a round; default: 4, and up to 16 where the objective has a long limit',
      seconds,
    )
    .option('--rounds <number>', 'rounds of the search, at most', wholeNumber(5), 60)
    .option(
      '--time-limit <minutes>',
      'that closed model, search and confirmation may take together; default: 10, and 5 for each side more than one',
      minutes,
    )
    .option('--precision <share>', "half of an interval's width that is narrow enough", precision, 0.04)
    .option('--warmup <seconds>', 'most that a warm-up may take until the rates are steady', seconds, 2)
    .option('--seed <number>', 'seed of arrivals, keys and order', seed, 1)
    .option('--demand <number>', 'predictions a second to plan hosts for, as 50000 or 50k', demand)
    .option('--headroom <share>', "of each host's capacity, kept free in the plan; default: 30%", headroom)
    .option('--spare <number>', 'hosts on top of those that the plan needs; default: 1', wholeNumber(0))
    .option('--price <number>', 'of a host like this one, an hour', price)
    .option('--fleet <file>', 'what a host of each side is made of, and the prices', file)
    .addOption(batchOption())
    .addOption(queryMode())
    .addOption(serializer())
    .option('--pool <number>', 'connections to a database that all clients share', wholeNumber(1))
    .option('--thresholds <file>', "the expected capacities; default: the workload's", file)
    .option('--quiet', 'only the report, no progress')
    .option('--json', 'what was found as JSON instead of the report; no progress')
    .addHelpText(
      'after',
      `${aboutExit}\n\nExample:\n  npx inference-gap capacity --objective 'p99<10ms,failures<0.1%'`,
    )
    .action((written: AsWritten<CapacityOptions, 'command' | 'objective'>, command: Command) => {
      const given = goTogether(written, command)
      refuseHalfAPlan(given, command)
      if (given.quiet || given.json) beQuiet()
      return asked(
        { objective: objective(usualObjective, undefined), ...given, command: commandOf(argv) },
        () => import('./capacity.ts').then(({ capacity }) => capacity),
      )
    })

  inSessions(elsewhere(inTurns(cli.command('modes'), [1], 4)))
    .description('the three query modes in one run, beside all other sides')
    .addOption(serializer())
    .addHelpText('after', '\nExample:\n  npx inference-gap modes --clients 1,20')
    .action((written: AsWritten<ModesOptions>, command: Command) =>
      asked(goTogether(written, command), () => import('./modes.ts').then(({ modes }) => modes)),
    )

  unsteady(cli, asked, commandOf(argv))

  cli
    .command('init')
    .description('write a workload to begin with, its keys, its thresholds and a job for CI into this folder')
    .option(
      '--sides <list>',
      'how each side is spoken to, sql or http; the last one is what the others are compared with; absent: asked',
      protocolList,
    )
    .option('--name <name>', "of the workload; default: the folder's")
    .addHelpText('after', '\nExample:\n  npx inference-gap init --sides sql,http --name churn')
    .action((given: InitOptions) => run(async (signal) => (await import('./init.ts')).init(given, signal)))

  elsewhere(cli.command('check'))
    .description('ask each side ten keys: question, answer, latency, what stays, and how the answers compare')
    .addHelpText('after', '\nExample:\n  npx inference-gap check --workload workload.ts')
    .action((written: AsWritten<CheckOptions>, command: Command) =>
      asked(goTogether(written, command), () => import('./check.ts').then(({ check }) => check)),
    )

  elsewhere(cli.command('crosscheck'))
    .description("k6's figures beside those of pgbench and ApacheBench (or autocannon)")
    .addOption(clientsOption([1, 5, 20, 100]))
    .option('--rounds <number>', 'rounds at each number of clients', wholeNumber(1), 6)
    .option('--block <seconds>', 'how long each client asks in a round', seconds, 2)
    .option('--seed <number>', 'seed of keys', seed, 1)
    .addOption(queryMode())
    .addHelpText('after', '\nExample:\n  npx inference-gap crosscheck --clients 1,5,20,100')
    .action((written: AsWritten<CrosscheckOptions>, command: Command) =>
      asked(goTogether(written, command), () =>
        import('./crosscheck.ts').then(({ crosscheck }) => crosscheck),
      ),
    )

  afterwards(cli, run, commandOf(argv))

  cli
    .command('reproduce')
    .description('the published experiment, call for call, beside connections that are truly kept')
    .option('--calls <number>', 'calls of a round', wholeNumber(1), 10_000)
    .option('--rounds <number>', 'rounds of each way, in turn', wholeNumber(1), 3)
    .addHelpText('after', '\nExample:\n  npx inference-gap reproduce')
    .action((given: ReproduceOptions) =>
      run(async (signal) => (await import('./reproduce.ts')).reproduce(given, signal)),
    )

  inTurns(cli.command('workers'), [1, 5, 20, 100], 8)
    .description("several settings of the service's workers and threads, in turn")
    .addHelpText('after', '\nExample:\n  npx inference-gap workers --clients 5,20')
    .action((given: WorkersOptions) =>
      run(async (signal) => (await import('./workers.ts')).workers(given, signal)),
    )

  inSizes(ofTables(cli.command('train')))
    .description(
      'what training takes of memory and time: in Postgres, in Python as published and as lean as it gets',
    )
    .option('--threads <number>', 'of each way; default: one a core', wholeNumber(1, 1024))
    .option('--thresholds <file>', "the expected ratios; default: the flights'", file)
    .option('--quiet', 'only the report, no progress')
    .option('--json', 'what was measured as JSON instead of the report; no progress')
    .addHelpText('after', `${aboutExit}\n\nExample:\n  npx inference-gap train --rows 328521,3000000`)
    .action(({ rows, ...written }: WrittenTraining, command: Command) => {
      const refuse = (message: string) => command.error(`error: ${message}`)
      const [table, first] = [
        tableRead(written, refuse),
        scaleRead({ ...written, ...(rows && { rows: rows[0] as number }) }, refuse),
      ]
      refuseDescribedAsJson({ ...written, ...(table && { table }) }, command)
      if (written.quiet || written.json) beQuiet()
      const scales = first && rows?.map((count) => ({ ...first, rows: count }))
      const given = {
        ...written,
        ...(table && { table }),
        ...(scales && { scales }),
        command: commandOf(argv),
      }
      return asked(given, () => import('./train.ts').then(({ train }) => train))
    })

  cli
    .command('serve')
    .description('start both targets and keep them until Ctrl-C, for scenarios by hand')
    .option('--postgres-port <port>', 'default: a free one', port)
    .option('--python-port <port>', 'default: a free one', port)
    .addHelpText('after', '\nExample:\n  npx inference-gap serve --python-port 8000')
    .action((given) => run(async (signal) => (await import('./serve.ts')).serve(given, signal)))

  cli
    .command('setup')
    .description('build everything and prepare the flights, without measuring')
    .addHelpText('after', '\nExample:\n  npx inference-gap setup')
    .action(() => run(async (signal) => (await import('./build.ts')).setup(signal)))

  cli
    .command('build')
    .description('build bundles, bin/k6, the Python environment and the Postgres extension')
    .option(
      '--workload <file>',
      'build the scenarios of this workload, and what plain k6 needs for them',
      file,
    )
    .addHelpText('after', '\nExample:\n  npm run build')
    .action(({ workload }: { workload?: string }) =>
      run(async (signal) => (await import('./build.ts')).build(workload, signal)),
    )

  return cli
}

/** A server that goes is no defect of ours, wherever in a command it is missed. */
const lossOf = (error: unknown): Failure | undefined =>
  error instanceof Failure || !isConnectionLost(error)
    ? undefined
    : new CouldNotMeasure(
        `A connection was lost: ${messageOf(error)}`,
        nextStepFor(error, 'See whether all targets still run, and their logs'),
        { cause: error },
      )

/** Asked for help of a command that is not there, commander shows that of all without a word; of the command itself it says so. */
const isHelpOfNone = ([first, name]: string[], { commands }: Command) =>
  first === 'help' && name !== undefined && !['help', ...commands.map((each) => each.name())].includes(name)

/** @returns the exit code */
export async function main(argv: string[]): Promise<number> {
  surviveItsEnd()
  let code: number = exitCode.pass
  const run = async (work: (signal: AbortSignal) => Promise<number>) => {
    code = await interruptible(work)
  }
  try {
    const cli = program(run, argv)
    if (argv.length === 0) {
      cli.outputHelp()
      return exitCode.badInput
    }
    await cli.parseAsync(isHelpOfNone(argv, cli) ? argv.slice(1) : argv, { from: 'user' })
    return code
  } catch (thrown) {
    const error = refusalOf(thrown) ?? lossOf(thrown) ?? thrown
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.pass : exitCode.badInput
    if (error instanceof Failure) process.stderr.write(`\n${error.text}\n`)
    else if (error instanceof Interrupted) process.stderr.write(allHasEnded)
    else process.stderr.write(`\n${error instanceof Error ? error.stack : String(error)}\n`)
    return codeOfError(error)
  }
}
