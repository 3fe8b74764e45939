/** All that have the same name, together; groups in the order in which they are first met. @param name is compared by its JSON */
export function grouped<Of>(items: readonly Of[], name: (item: Of) => unknown): Of[][] {
  const groups = new Map<string, Of[]>()
  for (const item of items) {
    const id = JSON.stringify(name(item))
    const known = groups.get(id)
    if (known) known.push(item)
    else groups.set(id, [item])
  }
  return [...groups.values()]
}
