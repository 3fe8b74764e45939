/** What a CPU profile of bin/k6 says about its layers. */

/** From the inside out: a sample belongs to the first layer that its stack names, counted from where it was taken. */
const layers: [name: string, frames: RegExp][] = [
  ['kernel: write', /^(syscall\.(write|Write)|inference-gap\/extension-sql\/line\.sendNow)$/],
  ['kernel: read', /^(syscall\.(read|Read)|inference-gap\/extension-sql\/line\.receiveNow)$/],
  [
    'kernel: wait (epoll, futex)',
    /^(internal\/runtime\/syscall\/linux\.EpollWait|runtime\.(futex|netpoll|epollwait|usleep))$/,
  ],
  ['Go: garbage collection', /^runtime\.(gcBgMarkWorker|gcAssist|bgsweep|bgscavenge|gcStart)/],
  ['our driver', /^inference-gap\/extension-sql\/(pgxdriver|line)\./],
  ['k6/x/request', /^(inference-gap\/extension-sql\/request|encoding\/json)\./],
  ['driver: pgconn, pgproto3', /^github\.com\/jackc\/pgx\//],
  ['database/sql', /^database\/sql\./],
  ['xk6-sql', /^github\.com\/grafana\/xk6-sql\//],
  ['k6/x/sql adapter', /^inference-gap\/extension-sql\/sqlmodule\./],
  ['recorder, clock, rendezvous', /^inference-gap\/extension-sql\/(recorder|clock|rendezvous)\./],
  ['net/http', /^(net\/http|net\/textproto|net\/url|bufio|mime|golang\.org\/x\/net)/],
  ['k6', /^go\.k6\.io\/k6\//],
  [
    'sobek: calls by reflection',
    /^(reflect\.|github\.com\/grafana\/sobek\.\(\*(Runtime\)\.(wrapReflect|toReflect)|objectGo\w*Reflect))/,
  ],
  ['sobek: the script itself', /^github\.com\/grafana\/sobek\./],
  ['Go: scheduler', /^runtime\.(schedule|findRunnable|park_m|goexit0|mstart|mcall|sysmon|goready|ready)/],
]

export const layerNames = [...layers.map(([name]) => name), 'rest']

/** @param traces what `go tool pprof -traces` prints @returns seconds by layer */
export function secondsByLayer(traces: string): Map<string, number> {
  const found = new Map(layerNames.map((name) => [name, 0]))
  // Blocks are divided by a line of dashes and pluses; a block's first line has the time before its innermost frame.
  for (const block of traces.split(/^-+\+-+$/m).slice(1)) {
    const lines = block.trim().split('\n')
    const first = /^\s*([\d.]+)(ns|us|µs|ms|s|mins)\s+(.*)$/.exec(lines[0] ?? '')
    if (!first) continue
    const unit = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, mins: 60 }[first[2] as string] as number
    const frames = [first[3], ...lines.slice(1)].map((line) =>
      (line ?? '').trim().replace(/ \(inline\)$/, ''),
    )
    const layer =
      frames
        .map((frame) => layers.find(([, pattern]) => pattern.test(frame))?.[0])
        .find((name) => name !== undefined) ?? 'rest'
    found.set(layer, (found.get(layer) as number) + Number(first[1]) * unit)
  }
  return found
}
