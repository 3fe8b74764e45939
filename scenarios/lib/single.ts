/** A scenario of one side: a closed model of CLIENTS virtual users for DURATION seconds, one request an iteration. */
import exec from 'k6/execution'
import type { Options } from 'k6/options'
import clock from 'k6/x/clock'
import recorder from 'k6/x/recorder'
import { type ResolvedSide, selected } from '../../workload/resolve.ts'
import { draw } from './keys.ts'
import { type AskOnce, askerOf } from './request.ts'
import { queryMode, seconds, seed, wholeNumber } from './settings.ts'
import { checkSide, connectSide, metricOf } from './sides.ts'
import { noWrongAnswers, rateThreshold, readThresholds, sideThresholds } from './thresholds.ts'
import { asked } from './workload.ts'

/** Here and not when a scenario asks: as it is written, k6 opens files relative to the module that is being run. */
const expected = readThresholds()

export interface Single {
  options: Options
  /** The iteration: connects when a virtual user runs for the first time, then asks for one answer after the other. */
  iteration: () => void
}

/** @param name of a side of the workload @throws {NoSuchSide} */
export function single(name: string): Single {
  const [side] = selected([name], asked, queryMode()) as [ResolvedSide]
  checkSide(side)
  const clients = wholeNumber('CLIENTS', 1)
  let client: { askOnce: AskOnce; next: () => number } | undefined
  return {
    options: {
      scenarios: {
        [`${name}-predict`]: {
          executor: 'constant-vus',
          vus: clients,
          duration: `${seconds('DURATION', 10)}s`,
          gracefulStop: '5s',
        },
      },
      thresholds: {
        ...(expected && {
          ...sideThresholds(side, expected, [clients]),
          ...rateThreshold(side, expected, clients),
        }),
        ...noWrongAnswers,
      },
      summaryTrendStats: ['avg', 'min', 'med', 'p(95)', 'p(99)', 'max'],
    },
    iteration: () => {
      client ??= {
        askOnce: askerOf(
          connectSide(side),
          recorder.series({ side: side.key, block: 'all', ...metricOf(side) }),
        ),
        next: draw(seed(), exec.vu.idInTest, 0),
      }
      client.askOnce(client.next(), clock.now())
    },
  }
}
