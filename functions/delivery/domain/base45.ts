/**
 * Base45 (RFC 9285): two bytes become three characters of the QR code's alphanumeric mode, so a signed
 * ticket needs a quarter fewer modules than in base64.
 */
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';

/** `bytes` as base45 text. */
export function encodeBase45(bytes: Uint8Array): string {
  let text = '';
  for (let index = 0; index < bytes.length; index += 2) {
    const second = bytes[index + 1];
    let rest = second === undefined ? (bytes[index] ?? 0) : (bytes[index] ?? 0) * 256 + second;
    for (let digit = second === undefined ? 2 : 3; digit > 0; digit -= 1) {
      text += ALPHABET[rest % 45] ?? '';
      rest = Math.floor(rest / 45);
    }
  }
  return text;
}

/** The bytes that `text` stands for, or undefined where it is no base45 of anything (RFC 9285, section 6). */
export function decodeBase45(text: string): Uint8Array | undefined {
  if (text.length % 3 === 1) return undefined;
  const bytes: number[] = [];
  for (let index = 0; index < text.length; index += 3) {
    const digits = Array.from(text.slice(index, index + 3), (letter) => ALPHABET.indexOf(letter));
    if (digits.includes(-1)) return undefined;
    const value = digits.reduceRight((sum, digit) => sum * 45 + digit, 0);
    if (value >= (digits.length === 3 ? 65_536 : 256)) return undefined;
    if (digits.length === 3) bytes.push(value >> 8);
    bytes.push(value & 255);
  }
  return Uint8Array.from(bytes);
}
