/** `inference-gap serve`: both targets on loopback until Ctrl-C, for scenarios by hand. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { inCache, shown } from '../build/paths.ts'
import { forK6 } from '../targets/address/clients.ts'
import { withTargets } from './targets.ts'

export interface ServeOptions {
  postgresPort?: number
  pythonPort?: number
}

/** As a shell reads it. */
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

export async function serve(options: ServeOptions, signal: AbortSignal): Promise<number> {
  return withTargets(options, signal, async ({ addresses }) => {
    const { postgresUrl, pythonUrl } = addresses()
    // A terminal is looked at and recorded; the password of the database stays in a file of its user's own.
    const file = inCache('serve', 'addresses.sh')
    await mkdir(path.dirname(file), { recursive: true })
    await rm(file, { force: true })
    await writeFile(
      file,
      `export POSTGRES_URL=${quoted(forK6(postgresUrl))}\nexport PYTHON_URL=${quoted(forK6(pythonUrl))}\n`,
      { mode: 0o600 },
    )
    try {
      process.stdout.write(
        `\nBoth targets answer until Ctrl-C: ${postgresUrl} and ${pythonUrl}. In another terminal:\n
  . ${quoted(shown(file))}
  ./bin/k6 run --address '' dist/postgres-predict.js\n\n`,
      )
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
      throw signal.reason
    } finally {
      await rm(file, { force: true })
    }
  })
}
