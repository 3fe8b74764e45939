/** Markdown for a pull request's summary: the verdict, the gap, the thresholds; everything else folded away. */
import type { Comparison, Moved } from '../gap/baseline.ts'
import { isOpenModel } from '../gap/measurement.ts'
import { movedInWords } from './baseline.ts'
import { batchesMarkdown } from './batches.ts'
import { failuresOf, whatFailuresAre } from './failures.ts'
import { brokenInMarkdown, failuresTable, mark, markdownTable, plain } from './markup.ts'
import type { Run } from './run.ts'
import { figure, times, withInterval } from './table.ts'
import { sentence } from './terminal.ts'
import {
  boundInWords,
  machineInWords,
  mainGap,
  measuredInWords,
  notJudgedInWords,
  versionsInWords,
} from './words.ts'

export function markdown(run: Run, compared: Comparison[] = [], moved: Moved[] = []): string {
  const { verdict, machine, versions, premises, measurement } = run
  const published = isOpenModel(measurement) ? undefined : run.published
  const last = measurement.settings.sides.at(-1) ?? ''
  const failures = failuresOf(run)
  const first = (clients: number, key: string) =>
    clients === published?.clients && key === measurement.workload.sides[0]
  return [
    '## Inference gap',
    `**${plain(sentence(run))}**`,
    ...brokenInMarkdown(premises),
    ...(verdict.gaps.length > 0
      ? [
          markdownTable(
            [
              ...[
                'gap',
                'clients',
                isOpenModel(measurement) ? 'mean latency' : 'TPS',
                'p50 latency',
                'p95 latency',
              ],
              ...(published ? ['published TPS'] : []),
            ],
            verdict.gaps.map(({ key, clients, p50, p95, ...gap }) => [
              plain(`${key} against ${last}`),
              String(clients),
              ...[mainGap(measurement, gap)[1], p50, p95].map((each) => plain(withInterval(each))),
              ...(published
                ? [first(clients, key) && published.gap?.tps ? times(published.gap.tps) : '']
                : []),
            ]),
          ),
        ]
      : []),
    ...(verdict.shares?.length
      ? [
          markdownTable(
            ['whose the gap is, TPS', 'clients', "the architecture's", "the implementation's"],
            verdict.shares.map(({ key, by, clients, architecture, implementation }) => [
              plain(`${key} ÷ ${by}, ${by} ÷ ${last}`),
              String(clients),
              ...[architecture, implementation].map((each) => plain(withInterval(each))),
            ]),
          ),
        ]
      : []),
    markdownTable(
      ['side', 'clients', 'TPS', 'p50 ms', 'p95 ms', 'p99 ms', 'failed'],
      verdict.figures.map(({ key, clients, tps, latencyMs, failures }) => [
        plain(key),
        String(clients),
        ...[tps, latencyMs.p50, latencyMs.p95, latencyMs.p99].map(figure),
        String(failures),
      ]),
    ),
    ...(run.batches ? [batchesMarkdown(run.batches)] : []),
    ...(failures.length > 0 ? [`What failed (${whatFailuresAre}):`, failuresTable(failures)] : []),
    '<details><summary>Thresholds</summary>\n',
    markdownTable(
      ['threshold', 'clients', 'measured', 'bound', ''],
      [
        ...verdict.checks.map((check) => [
          `\`${check.threshold}\``,
          check.clients === undefined ? '' : String(check.clients),
          plain(measuredInWords(check)),
          boundInWords(check),
          mark[check.outcome],
        ]),
        ...verdict.notJudged.map((bound) => [
          ...[`\`${bound.threshold}\``, bound.clients === undefined ? '' : String(bound.clients)],
          ...[notJudgedInWords(bound), '', '➖ not judged'],
        ]),
      ],
    ),
    '\n</details>',
    ...(compared.length > 0
      ? [
          '<details><summary>Against the baseline</summary>\n',
          markdownTable(
            ['gap', 'clients', 'before', 'now', ''],
            compared.map(({ key, figure: name, clients, before, now, change }) => [
              `${plain(key)} ${name}`,
              String(clients),
              plain(withInterval(before)),
              plain(withInterval(now)),
              change === 'regressed' ? '❌ regressed' : change,
            ]),
          ),
          ...movedInWords(moved),
          '\n</details>',
        ]
      : []),
    '<details><summary>Run</summary>\n',
    markdownTable(
      ['', ''],
      [
        ['machine', machineInWords(machine)],
        ['versions', versionsInWords(versions)],
        ...Object.entries(run.targets),
        ['repeat', run.command],
      ].map((row) => row.map((cell) => plain(cell as string))),
    ),
    '\n</details>\n',
  ].join('\n\n')
}
