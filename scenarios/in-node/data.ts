/** One virtual user has nobody to share with. */
export class SharedArray {
  constructor(_name: string, read: () => object) {
    // biome-ignore lint/correctness/noConstructorReturn: k6's own is an array, too
    return read()
  }
}
