/** One virtual user has nobody to share with. */
export class SharedArray {
  constructor(name: string, read: () => object) {
    if (name === '') throw new TypeError("empty name provided to SharedArray's constructor")
    // biome-ignore lint/correctness/noConstructorReturn: k6's own is an array, too
    return read()
  }
}
