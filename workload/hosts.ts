/** Addresses of sides that are several hosts, replicas of each other: virtual users are spread evenly over them. */

/** One of them. */
export interface Host {
  /** The same address with this host alone. */
  address: string
  /** As it may be shown: host and port. */
  name: string
}

/** Scheme, user and password, hosts, and all that is behind: of several @ the last one ends the password. */
const form = /^([a-z][a-z0-9+.-]*:\/\/)((?:[^/?]*@)?)([^/?@]*)(.*)$/is

const parameter = (rest: string, name: string) => new RegExp(`([?&]${name}=)([^&]*)`).exec(rest)?.[2]

const withParameter = (rest: string, name: string, value: string | undefined) =>
  value === undefined
    ? rest
    : rest.replace(new RegExp(`([?&]${name}=)[^&]*`), `$1${encodeURIComponent(value)}`)

/** The first that takes writes, or the like, is a choice of the database's; nothing is to be spread then. */
const isChosen = (rest: string) => parameter(rest, 'target_session_attrs') !== undefined

/** All hosts of an address; the address as it is where there is one. */
export function hostsIn(address: string): readonly Host[] {
  const [, scheme = '', user = '', hosts = '', rest = ''] = form.exec(address) ?? []
  if (isChosen(rest)) return [{ address, name: hosts }]
  const inFront = hosts.split(',')
  if (inFront.length > 1)
    return inFront.map((host) => ({ address: `${scheme}${user}${host}${rest}`, name: host }))
  const named = decodeURIComponent(parameter(rest, 'host') ?? '').split(',')
  if (named.length < 2) return [{ address, name: hosts }]
  const ports = decodeURIComponent(parameter(rest, 'port') ?? '').split(',')
  return named.map((host, index) => {
    const port = ports.length > 1 ? ports[index] : ports[0]
    return {
      address: `${scheme}${user}${hosts}${withParameter(withParameter(rest, 'host', host), 'port', port || undefined)}`,
      name: port ? `${host}:${port}` : host,
    }
  })
}

/**
 * Whose turn it is: users by their numbers, and each user another one with each connection, so that a few reach all of them.
 * @param user from 1 @param opened how often it has connected before
 */
export const hostFor = (hosts: readonly Host[], user: number, opened: number): Host =>
  hosts[(user - 1 + opened) % hosts.length] as Host
