/** The address of an HTTP service. Its user, its path and its query may be a token, so that only scheme, host and port are shown. */
import { inspect } from 'node:util'
import { BadInput } from '../../build/failure.ts'
import { decoded, refusal, type Source, split } from './split.ts'

export const httpSchemes = ['http', 'https'] as const

const expected =
  'http://host:port/path, or https:// with user:password@ before the host where the service asks for them'

/** Of fewer characters nothing would be left of a text without them. */
const shortestSecret = 4

export interface HttpContext {
  /** The flag or variable that it comes from. */
  name?: string
  /** A file with certificates of the user's own. */
  ca?: string | undefined
}

/** Shown (as text, JSON, by inspect) it has no secret. */
export class HttpAddress {
  readonly protocol = 'http'
  readonly #url: URL
  readonly #credentials: { user: string; password: string } | undefined
  readonly ca: string | undefined

  readonly #sent: readonly string[]
  /** Further hosts of the same service, with their ports. */
  readonly #others: readonly string[]

  /** @param sent what else is sent to it and is secret @param others further hosts that answer the same, with their ports */
  constructor(
    url: URL,
    credentials: { user: string; password: string } | undefined,
    ca: string | undefined,
    sent: readonly string[] = [],
    others: readonly string[] = [],
  ) {
    this.#url = url
    this.#credentials = credentials
    this.ca = ca
    this.#sent = sent
    this.#others = others
  }

  /** Each host by itself. */
  each(): HttpAddress[] {
    return [this.#url.host, ...this.#others].map((host) => {
      const url = new URL(this.#url)
      // A host without a port would keep that of the first.
      url.port = ''
      url.host = host
      return new HttpAddress(url, this.#credentials, this.ca, this.#sent)
    })
  }

  /** The same, for whoever sends it secrets in headers, which it may repeat. */
  hiding(sent: readonly string[]): HttpAddress {
    return new HttpAddress(this.#url, this.#credentials, this.ca, sent, this.#others)
  }

  /** Scheme, host and port: nothing secret. */
  get origin(): string {
    return this.#url.origin
  }

  /** With brackets around an IPv6 address, and the port where it is not the scheme's own. */
  get host(): string {
    return this.#url.host
  }

  get isSecured(): boolean {
    return this.#url.protocol === 'https:'
  }

  /** What is asked for: path and query. */
  get target(): string {
    return this.#url.pathname + this.#url.search
  }

  /** The header by which the user of the address is told; undefined where there is none. */
  get authorization(): string | undefined {
    if (!this.#credentials) return undefined
    const { user, password } = this.#credentials
    return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
  }

  /** Nothing but scheme, host and port is in it: it may stand in a process list. */
  get isPlain(): boolean {
    return !this.#credentials && this.target === '/'
  }

  /** Whole, with its secrets: for the environment of a child. */
  whole(): string {
    const { user, password } = this.#credentials ?? {}
    const url = new URL(this.#url)
    const before = this.#credentials
      ? `${encodeURIComponent(user ?? '')}${password ? `:${encodeURIComponent(password)}` : ''}@`
      : ''
    return `${url.protocol}//${before}${[url.host, ...this.#others].join()}${this.target}`
  }

  /** Another place of the same service, as a link in it would be read. */
  at(reference: string): HttpAddress {
    const url = new URL(reference, this.#url)
    return new HttpAddress(
      url,
      url.origin === this.origin ? this.#credentials : undefined,
      this.ca,
      this.#sent,
    )
  }

  /** The same question to another server, without TLS: path, query and user stay. @param host with its port */
  onHost(host: string): HttpAddress {
    return new HttpAddress(new URL(`http://${host}${this.target}`), this.#credentials, undefined)
  }

  /** A text of the service's own, which may repeat what it was asked. */
  withoutSecrets(text: string): string {
    const { user, password } = this.#credentials ?? {}
    const { pathname, search, searchParams } = this.#url
    const parts = [
      this.target,
      search,
      user,
      password,
      this.authorization?.slice('Basic '.length),
      ...this.#sent,
    ]
    return [...parts, ...pathname.split('/'), ...searchParams.values(), ...search.slice(1).split(/[&=]/)]
      .flatMap((part) => (part ? [part, decoded(part) ?? part] : []))
      .filter((part) => part.length >= shortestSecret)
      .sort((a, b) => b.length - a.length)
      .reduce((all, part) => all.replaceAll(part, '***'), text)
  }

  /** As it may be shown everywhere. */
  toString(): string {
    return `${this.#url.protocol}//${this.#credentials ? '***@' : ''}${[this.host, ...this.#others].join()}/${this.target === '/' ? '' : '…'}`
  }

  toJSON(): string {
    return this.toString()
  }

  [inspect.custom](): string {
    return this.toString()
  }
}

/** @throws {BadInput} that names where it comes from and shows nothing secret */
export function httpAddress(text: string, { name, ca }: HttpContext = {}): HttpAddress {
  const source: Source = { name: name ?? 'The address of a service', expected }
  const { scheme, user, password, hosts, path, query } = split(text, httpSchemes, source)
  if (query?.includes('@')) throw refusal(text, source, 'has an @ after its question mark')
  const urls = hosts.split(',').map((host) => {
    const written = `${scheme}://${host}${path}${query === undefined ? '' : `?${query}`}`
    if (host === '' || !URL.canParse(written))
      throw refusal(text, source, 'has a host or port that cannot be read', ipv6Hint(host))
    return new URL(written)
  })
  if (urls.some(({ port }) => port === '0'))
    throw refusal(text, source, 'has a port that is not a number from 1 to 65535')
  const [url, ...others] = urls as [URL, ...URL[]]
  const credentials =
    user === undefined && password === undefined ? undefined : { user: user ?? '', password: password ?? '' }
  if (credentials?.user.includes(':'))
    throw new BadInput(`${source.name}: a user with a colon cannot be sent by Basic authentication`)
  return new HttpAddress(
    url,
    credentials,
    ca,
    [],
    others.map(({ host }) => host),
  )
}

const ipv6Hint = (hosts: string) =>
  hosts.split(':').length > 2 && !hosts.includes('[')
    ? 'An IPv6 address stands in brackets, as [::1]'
    : undefined
