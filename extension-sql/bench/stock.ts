/** k6 with xk6-sql and lib/pq, as a user has it without us: built into .cache, never into bin. */
import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { run } from '../../build/command.ts'
import { CouldNotMeasure } from '../../build/failure.ts'
import { goProgram } from '../../build/go.ts'
import { inCache, root } from '../../build/paths.ts'
import type { Addresses } from '../../cli/targets.ts'
import { predictQuery } from '../../targets/postgres/training.ts'

const module = path.join(root, 'extension-sql', 'bench', 'stock')
const binary = inCache('bench', 'k6-stock')

export const stockK6 = goProgram({
  title: 'Build k6 with xk6-sql and lib/pq, for comparison',
  name: 'k6-stock',
  module,
  flags: ['-pgo=off'],
  binary,
})

/** One block of so many seconds. @throws {CouldNotMeasure} when a query failed */
export async function stockTps(
  { clients, block }: { clients: number; block: number },
  { postgresUrl, keysFile }: Addresses,
  folder: string,
  signal: AbortSignal,
): Promise<number> {
  const summary = path.join(folder, 'stock.json')
  await rm(summary, { force: true })
  const address = new URL(postgresUrl)
  // lib/pq wants TLS unless it is told otherwise.
  if (!address.searchParams.has('sslmode')) address.searchParams.set('sslmode', 'disable')
  const output = await run(
    binary,
    ['run', '--quiet', '--no-color', '--address', '', path.join(module, 'predict.js')],
    {
      env: {
        POSTGRES_URL: address.href,
        KEYS_FILE: path.resolve(keysFile),
        CLIENTS: String(clients),
        BLOCK_SECONDS: String(block),
        QUERY: predictQuery,
        SUMMARY_FILE: summary,
        K6_NO_USAGE_REPORT: 'true',
        K6_AUTO_EXTENSION_RESOLUTION: 'false',
      },
      signal,
    },
  )
  const { tps } = JSON.parse(await readFile(summary, 'utf8')) as { tps: number }
  if (/level=error/.test(output) || !(tps > 0)) throw new CouldNotMeasure(`stock k6 failed:\n${output}`)
  return tps
}
