/**
 * One question after the other until k6 is told to end, asked as the scenarios ask it: what `bench:driver` sets beside others. All
 * virtual users connect, ask a few times and wait for START (milliseconds since 1970). SIDE is a side of the workload.
 */
import exec from 'k6/execution'
import clock from 'k6/x/clock'
import recorder, { type RecordedSeries } from 'k6/x/recorder'
import rendezvous from 'k6/x/rendezvous'
import { draw } from '../../scenarios/lib/keys.ts'
import { askerOf } from '../../scenarios/lib/request.ts'
import { queryMode, seed, text, wholeNumber } from '../../scenarios/lib/settings.ts'
import { checkSide, connectSide, metricOf } from '../../scenarios/lib/sides.ts'
import { asked } from '../../scenarios/lib/workload.ts'
import { type ResolvedSide, selected } from '../../workload/resolve.ts'

const start = Number(text('START', '0'))
const [side] = selected([text('SIDE', '')], asked, queryMode()) as [ResolvedSide]
checkSide(side)

export const options = {
  scenarios: {
    ask: {
      executor: 'per-vu-iterations',
      vus: wholeNumber('CLIENTS', 1),
      maxDuration: '24h',
      gracefulStop: '1s',
    },
  },
  systemTags: ['scenario'],
}

export default function () {
  const ask = connectSide(side)
  const next = draw(seed(), exec.vu.idInTest, 0)
  for (let turn = 0; turn < 10; turn++) ask(next())
  const series = recorder.series({ side: side.key, block: 'all', ...metricOf(side) })
  const left = start - Date.now()
  if (left < 0) console.error(`late by ${-left} ms`)
  rendezvous.waitUntil(clock.now() + Math.max(0, left))
  const askOnce = askerOf(ask, series)
  // The end of the test cuts a request off, which is a failure.
  let now = clock.now()
  while (now > 0) now = askOnce(next(), now)
}

/** Not a summary: for that k6 would collect samples, which a comparison's own runs do without. */
export function teardown() {
  const [{ ok, failed }] = recorder.export().series.slice(0, 1) as [RecordedSeries]
  recorder.save(text('SUMMARY_FILE', ''), JSON.stringify({ queries: ok.count, failed: failed.count }))
}
