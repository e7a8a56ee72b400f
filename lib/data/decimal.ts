/**
 * Decimal numbers straight from the bytes of a table, without a string for each cell. Up to 15 digits the mantissa and the
 * power of ten are both exact in float64, so that one division gives the correctly rounded value (Clinger, "How to Read
 * Floating Point Numbers Accurately", 1990, section 3); what is longer or has an exponent goes through `Number`.
 */

const ZERO = 0x30;
const EXACT_DIGITS = 15;

/**
 * The value of the ASCII decimal number in `bytes[start…end)`: sign, digits with or without a point, exponent. NaN when the
 * bytes are anything else, hexadecimal, "NaN" and "Infinity" included; infinite when it is too large for float64.
 */
export function parseDecimal(bytes: Uint8Array, start: number, end: number): number {
  let position = start;
  const negative = bytes[position] === 0x2d && position < end;
  if (position < end && (negative || bytes[position] === 0x2b)) position++;
  let mantissa = 0;
  let digits = 0;
  let scale = 1;
  let digit = 0;
  while (position < end && (digit = bytes[position] - ZERO) >= 0 && digit <= 9) {
    mantissa = mantissa * 10 + digit;
    digits++;
    position++;
  }
  if (position < end && bytes[position] === 0x2e) {
    position++;
    while (position < end && (digit = bytes[position] - ZERO) >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit;
      scale *= 10;
      digits++;
      position++;
    }
  }
  if (digits === 0) return NaN;
  if (position === end && digits <= EXACT_DIGITS) return (negative ? -mantissa : mantissa) / scale;
  if (position < end && !isExponent(bytes, position, end)) return NaN;
  let text = "";
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]);
  return Number(text);
}

function isExponent(bytes: Uint8Array, start: number, end: number): boolean {
  let position = start;
  if ((bytes[position++] | 0x20) !== 0x65) return false;
  if (position < end && (bytes[position] === 0x2b || bytes[position] === 0x2d)) position++;
  const first = position;
  while (position < end && bytes[position] >= ZERO && bytes[position] <= ZERO + 9) position++;
  return position === end && position > first;
}
