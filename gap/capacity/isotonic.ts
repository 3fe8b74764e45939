/** The nearest values that never fall, by weighted least squares: pool adjacent violators (Barlow et al., 1972). */
export function isotonic(values: readonly number[], weights: readonly number[]): number[] {
  const blocks: { value: number; weight: number; size: number }[] = []
  for (const [index, value] of values.entries()) {
    let block = { value, weight: weights[index] as number, size: 1 }
    for (let last = blocks.at(-1); last && last.value >= block.value; last = blocks.at(-1)) {
      blocks.pop()
      const weight = last.weight + block.weight
      block = {
        value: (last.value * last.weight + block.value * block.weight) / weight,
        weight,
        size: last.size + block.size,
      }
    }
    blocks.push(block)
  }
  return blocks.flatMap(({ value, size }) => Array<number>(size).fill(value))
}
