/** On the command line: the commands that judge what was measured before. */
import type { Command } from 'commander'
import { aboutExit } from './exit-codes.ts'
import type { GateOptions } from './gate.ts'
import type { MergeOptions } from './merge.ts'
import { file, files, objective } from './options.ts'

/** @param command repeats the run */
export function afterwards(
  cli: Command,
  run: (work: () => Promise<number>) => Promise<void>,
  command: string,
): void {
  cli
    .command('gate')
    .description(
      'judge what was measured again without measuring, by other thresholds or against an earlier run',
    )
    .argument(
      '[file]',
      'run.json, capacity.json or training.json, or the folder that it lies in; default: the latest one',
      file,
    )
    .option('--thresholds <file>', 'the expected gaps; default: those that it was judged by', file)
    .option(
      '--baseline <run.json>',
      'an earlier run: a gap that shrank beyond both intervals has regressed',
      file,
    )
    .addHelpText(
      'after',
      `${aboutExit}\n\nExample:\n  npx inference-gap gate results/new/run.json --baseline results/old/run.json\n  npx inference-gap gate results/new/capacity.json --thresholds thresholds.json`,
    )
    .action((of: string | undefined, given: GateOptions) =>
      run(async () => (await import('./gate.ts')).gate(of, given)),
    )

  cli
    .command('merge')
    .description(
      'put parts of one comparison together, each measured by a k6 of its own, and judge the whole',
    )
    .argument('<parts...>', 'what each k6 left at SUMMARY_FILE', files)
    .option('--workload <file>', 'what was asked, and of whom; absent: the flights', file)
    .option('--thresholds <file>', "the expected gaps; default: the workload's", file)
    .option(
      '--baseline <run.json>',
      'an earlier run: a gap that shrank beyond both intervals has regressed',
      file,
    )
    .option('--json', 'the run as JSON instead of the report')
    .option(
      '--objective <terms>',
      'of parts that were asked at RATES: what is to hold, as p99<10ms; up to which rate each side does',
      objective,
    )
    .addHelpText('after', `${aboutExit}\n\nExample:\n  npx inference-gap merge part-1.json part-2.json`)
    .action((parts: string[], given: Omit<MergeOptions, 'command'>) =>
      run(async () => (await import('./merge.ts')).merge(parts, { ...given, command })),
    )
}
