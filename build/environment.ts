/**
 * What children see of the environment. It is composed: what each needs, what we give it, and of the user's variables
 * those that docs/variables.md names. All else stays outside. k6, Gunicorn, libpq, Python, Go and allocators take options
 * from variables. One that nobody thought of would change a figure, or hang a run, without a word.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { inCache } from './paths.ts'

/** Names of variables; a star at the end stands for any rest. */
type Names = readonly string[]

/**
 * Where programs are found, who we are, and where libraries lie that programs of the user do not start without (a Python
 * outside the system's folders). No LD_PRELOAD: another allocator is another figure.
 */
const everyChild: Names = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TERM', 'NO_COLOR'],
  ...['LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'DYLD_FALLBACK_LIBRARY_PATH'],
]

const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY']

const network: Names = [
  ...proxies,
  ...proxies.map((name) => name.toLowerCase()),
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE', 'NETRC'],
]

/** What a compiler is told of the machine. */
const compiler: Names = [
  ...['CC', 'CXX', 'CPATH', 'C_INCLUDE_PATH', 'LIBRARY_PATH', 'PKG_CONFIG_PATH'],
  ...['SDKROOT', 'DEVELOPER_DIR', 'MACOSX_DEPLOYMENT_TARGET'],
]

/** Of the user's variables, what each kind of child is given besides what all are given. */
const passedOn = {
  /** k6's outputs and dashboard, and what their samples are tagged with. */
  outputs: [
    ...network,
    ...['K6_OUT', 'K6_TAGS', 'K6_WEB_DASHBOARD', 'K6_WEB_DASHBOARD_*', 'K6_CSV_*', 'K6_INFLUXDB_*'],
    ...['K6_PROMETHEUS_RW_*', 'K6_OTEL_*', 'OTEL_*', 'K6_CLOUD_*'],
  ],
  /** Where pip finds packages, and how it gets there. */
  pip: [
    ...network,
    ...['PIP_INDEX_URL', 'PIP_EXTRA_INDEX_URL', 'PIP_FIND_LINKS', 'PIP_NO_INDEX', 'PIP_TRUSTED_HOST'],
    ...[
      'PIP_CERT',
      'PIP_CLIENT_CERT',
      'PIP_PROXY',
      'PIP_CONFIG_FILE',
      'PIP_CACHE_DIR',
      'PIP_KEYRING_PROVIDER',
    ],
    ...['PIP_TIMEOUT', 'PIP_DEFAULT_TIMEOUT', 'PIP_RETRIES', 'XDG_CONFIG_HOME', 'XDG_CONFIG_DIRS'],
  ],
  /** Where Go finds modules and itself. */
  go: [
    ...network,
    ...compiler,
    ...['GOPROXY', 'GOPRIVATE', 'GONOPROXY', 'GOSUMDB', 'GONOSUMDB', 'GOINSECURE', 'GOAUTH', 'GOVCS'],
    ...[
      'GOROOT',
      'GOPATH',
      'GOENV',
      'GOTOOLCHAIN',
      'GOCACHE',
      'GOMODCACHE',
      'XDG_CONFIG_HOME',
      'XDG_CACHE_HOME',
    ],
  ],
  compiler,
  /** What the tests of this project look at. */
  tests: ['CI', 'CHROMIUM', 'PGML_*', 'DISPLAY', 'npm_config_*', 'NPM_CONFIG_*', 'TMPDIR'],
} as const

export type Passed = keyof typeof passedOn

const matches = (name: string, names: Names) =>
  names.some((one) => (one.endsWith('*') ? name.startsWith(one.slice(0, -1)) : name === one))

let temporary: string | undefined

/** A folder for what children put aside; it goes when we do. */
function temporaryFolder(): string {
  if (temporary === undefined) {
    temporary = inCache('tmp', String(process.pid))
    const made = temporary
    mkdirSync(made, { recursive: true })
    process.once('exit', () => {
      temporary = undefined
      rmSync(made, { recursive: true, force: true, maxRetries: 3 })
    })
  }
  return temporary
}

/**
 * All of a child's environment.
 * @param given to this child
 * @param passed kinds of the user's variables that it is given, too
 */
export function environment(
  given: Record<string, string> = {},
  passed: readonly Passed[] = [],
): Record<string, string> {
  const names = [...everyChild, ...passed.flatMap((kind): Names => passedOn[kind])]
  const users = Object.entries(process.env).filter(
    (one): one is [string, string] => one[1] !== undefined && matches(one[0], names),
  )
  return {
    // One language for what we read of a program's words, one folder for what it puts aside.
    LC_ALL: 'C',
    TMPDIR: temporaryFolder(),
    ...Object.fromEntries(users),
    ...given,
  }
}
