/**
 * The text of a user's file as it is meant: without the mark that some editors put before it (U+FEFF, "BOM").
 * k6 and Node both hand over what they took for UTF-8; text in another coding shows by what that made of it.
 */

/** @throws {Error} saying what the text is instead */
export function plainText(text: string): string {
  const start = text.slice(0, 4)
  // The mark of UTF-16 is no UTF-8, and every second byte of plain letters in it is zero.
  if (start.startsWith('\ufffd\ufffd') || start.includes('\0'))
    throw new Error('is UTF-16, or no text at all; expected UTF-8')
  const plain = text.startsWith('\ufeff') ? text.slice(1) : text
  if (plain.trim() === '') throw new Error('is empty')
  return plain
}
