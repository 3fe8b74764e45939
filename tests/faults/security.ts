/** Who may reach what is started, and what it gives away. */
import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import path from 'node:path'
import { execa } from 'execa'
import { createClient } from 'redis'
import { inCache, root } from '../../build/paths.ts'
import { family } from '../../build/processes.ts'
import { postgresAddress } from '../../targets/address/postgres.ts'
import { withClient } from '../../targets/postgres/client.ts'
import { Stack } from '../../targets/stack.ts'
import type { Group, Row } from './row.ts'

const stack = new Stack()
let before: number

const url = (of: keyof typeof parts) => new URL(parts[of]())
const parts = {
  postgres: () => String(stack.postgres?.url),
  service: () => String(stack.service?.url),
  store: () => String(stack.featureStore?.url),
}
const secrets = () => [url('postgres').password, url('store').password]
const pids = () =>
  [stack.postgres, stack.service, stack.featureStore].flatMap((server) => family(Number(server?.pid)))

const row = (what: string, expected: string, see: () => Promise<string>): Row => ({ what, expected, see })

/** Addresses on which any of them listens, as the kernel has them. */
function listening(): string[] {
  const inodes = new Set(
    pids().flatMap((pid) =>
      readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
        try {
          return /socket:\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? []
        } catch {
          return [] // closed meanwhile
        }
      }),
    ),
  )
  return ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === '0A' && inodes.has(String(fields[9])))
      .map((fields) => String(fields[1])),
  )
}

async function refusedBy(work: () => Promise<unknown>): Promise<string> {
  try {
    await work()
  } catch (error) {
    const { code, message } = error as { code?: string; message: string }
    return code ?? message
  }
  return 'nothing'
}

function expectOne(seen: string, expected: RegExp): string {
  if (!expected.test(seen)) throw new Error(`refused by ${seen}`)
  return `refused: ${seen}`
}

/** Every file below a folder. */
const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name))

/** What a raw request is answered. */
const answerTo = (request: string, { waitMs = 20_000 } = {}) =>
  new Promise<string>((resolve) => {
    let said = ''
    const socket = connect(Number(url('service').port), '127.0.0.1', () => socket.write(request))
    const timer = setTimeout(() => socket.destroy(), waitMs)
    socket.on('data', (part) => {
      said += part
      if (said.includes('\r\n\r\n')) socket.destroy()
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(said.split('\r\n')[0] ?? '')
    })
  })

const asRole = (query: string) => {
  const { port, pathname } = url('postgres')
  return withClient(
    postgresAddress(`postgres://nobody_much:n@127.0.0.1:${port}${pathname}?sslmode=disable`),
    (client) => client.query(query),
  )
}

const rows: Row[] = [
  row('where all servers listen', 'on loopback only', async () => {
    const all = listening()
    const elsewhere = all.filter(
      (address) => !/^(0100007F|0{24}01000000|0{16}FFFF00000100007F):/.test(address),
    )
    if (all.length < 3 || elsewhere.length > 0) throw new Error(`listens on ${all}`)
    return `${all.length} sockets, all on loopback`
  }),
  row('Postgres without a password', 'refused', async () => {
    const { port, pathname, username } = url('postgres')
    return expectOne(
      await refusedBy(() =>
        withClient(
          postgresAddress(`postgres://${username}:other@127.0.0.1:${port}${pathname}?sslmode=disable`),
          (client) => client.query('SELECT 1'),
        ),
      ),
      /28P01/,
    )
  }),
  row('the feature store without a password', 'refused', async () => {
    const { port } = url('store')
    const redis = createClient({ url: `redis://127.0.0.1:${port}/0`, socket: { reconnectStrategy: false } })
    redis.on('error', () => {})
    // Whichever comes first is refused: what the client says of itself as it connects, or the question.
    const seen = await refusedBy(async () => {
      await redis.connect()
      await redis.get('x')
    })
    if (redis.isOpen) redis.destroy()
    return expectOne(seen, /NOAUTH/)
  }),
  row('command lines of all processes', 'hold no password', async () => {
    const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
    const told = all.filter((pid) => {
      try {
        const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        return secrets().some((secret) => line.includes(secret))
      } catch {
        return false // ended meanwhile
      }
    })
    if (told.length > 0) throw new Error(`in the command lines of ${told}`)
    return 'none'
  }),
  row('logs of all servers', 'hold no password', async () => {
    const logs = ['postgres', 'redis', 'python-target']
      .flatMap((name) => filesBelow(inCache(name)))
      .filter((file) => file.endsWith('.log'))
    const told = logs.filter((file) =>
      secrets().some((secret) => readFileSync(file, 'utf8').includes(secret)),
    )
    if (logs.length < 3 || told.length > 0) throw new Error(`${logs.length} logs; told in ${told}`)
    return `${logs.length} logs, none`
  }),
  row('files that hold a password, with umask 0', '0600', async () => {
    const holding = ['postgres', 'redis', 'python-target']
      .flatMap((name) => filesBelow(inCache(name)))
      .filter(
        (file) =>
          statSync(file).size < 1e5 && secrets().some((secret) => readFileSync(file).includes(secret)),
      )
    const open = holding.filter((file) => (statSync(file).mode & 0o077) !== 0)
    if (holding.length < 3 || open.length > 0) throw new Error(`of ${holding.length} files open: ${open}`)
    return `${holding.length} files, all 0600`
  }),
  row('a body of 100 MB for the service', '413', async () => {
    const said = await answerTo(
      `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000000\r\n\r\n[1`,
    )
    return expectOne(said, /413/)
  }),
  row('a body in chunks that do not end', '413', async () => {
    const chunk = `10000\r\n${'1'.repeat(0x10000)}\r\n`
    return expectOne(
      await answerTo(
        `POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(40)}`,
      ),
      /413/,
    )
  }),
  row('a head of 1 MB for the service', 'refused', async () =>
    expectOne(
      await answerTo(`GET / HTTP/1.1\r\nHost: x\r\nX-Much: ${'x'.repeat(1_000_000)}\r\n\r\n`),
      / 4\d\d/,
    ),
  ),
  row(
    'a model of a table that the role may not read',
    'refused: pgml.train reads as who calls it',
    async () =>
      expectOne(
        await refusedBy(() =>
          asRole(`SELECT * FROM pgml.train('stolen', 'regression', 'flights', 'depdelayminutes')`),
        ),
        /42501/,
      ),
  ),
  row('a model of a server file', 'refused: there is no such way', async () =>
    expectOne(
      await refusedBy(() => asRole(`SELECT * FROM pgml.train('stolen', 'regression', '/etc/passwd', 'x')`)),
      /^(42\w{3}|22\w{3}|3F000|0A000)$/,
    ),
  ),
  row("another role's model put away", 'refused', async () =>
    expectOne(await refusedBy(() => asRole(`DELETE FROM pgml.models`)), /42501/),
  ),
  row("another role's project deployed anew", 'refused', async () =>
    expectOne(await refusedBy(() => asRole(`SELECT * FROM pgml.deploy('flights', 'rollback')`)), /42501/),
  ),
  row('dependencies, by npm audit', 'no finding, where its data can be had', async () => {
    const { stdout } = await execa('npm', ['audit', '--json'], { cwd: root, reject: false })
    const { metadata } = JSON.parse(stdout || '{}')
    if (!metadata) return 'not run: the registry here has no audits'
    const { total } = metadata.vulnerabilities
    if (total > 0) throw new Error(`${total} findings`)
    return 'no finding'
  }),
  row('what it all consists of, by npm sbom', 'CycloneDX, each package with its hash', async () => {
    const { stdout } = await execa('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], {
      cwd: root,
    })
    const { bomFormat, components } = JSON.parse(stdout)
    const without = components.filter(({ hashes }: { hashes?: unknown[] }) => !hashes?.length)
    if (bomFormat !== 'CycloneDX' || components.length < 100 || without.length > 0)
      throw new Error(`${bomFormat}: ${without.length} of ${components.length} without a hash`)
    return `${components.length} packages, each with its hash`
  }),
]

export const security: Group = {
  title: 'Who may what',
  before: async () => {
    before = process.umask(0)
    for (const { work } of stack.steps) await work(() => {})
    await withClient(postgresAddress(parts.postgres()), (client) =>
      client.query(`DO $$ BEGIN CREATE ROLE nobody_much LOGIN PASSWORD 'n'; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
        GRANT USAGE ON SCHEMA pgml TO nobody_much`),
    )
  },
  after: async () => {
    process.umask(before)
    await stack.stop()
  },
  rows,
}
