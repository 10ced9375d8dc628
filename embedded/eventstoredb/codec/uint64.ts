import protobuf from 'protobufjs/minimal.js'

export type Long = ReturnType<protobuf.Reader['uint64']>

/**
 * An unsigned 64-bit number as a double. What no log can hold, such as the "end" that is written as 2^64 - 1,
 * becomes infinite.
 */
export function toNumber(value: Long): number {
  const number = protobuf.util.LongBits.from(value).toNumber(true)
  return Number.isSafeInteger(number) ? number : Number.POSITIVE_INFINITY
}

/** For what `toNumber` made of a revision: where the digits are lost, it is written as the largest there is. */
export const toWire = (value: number): number | string =>
  Number.isFinite(value) ? value : '9223372036854775807'

/** 2^64 - 1, which is how "end" and "no stream" look where a revision or a position is expected. */
export function isEnd(value: Long): boolean {
  const { hi, lo } = protobuf.util.LongBits.from(value)
  return hi >>> 0 === 0xffff_ffff && lo >>> 0 === 0xffff_ffff
}

export const toSignedNumber = (value: Long): number => protobuf.util.LongBits.from(value).toNumber(false)

/** The 16 hexadecimal digits of a 64-bit number. */
export function toHex(value: Long): string {
  const { hi, lo } = protobuf.util.LongBits.from(value)
  return (hi >>> 0).toString(16).padStart(8, '0') + (lo >>> 0).toString(16).padStart(8, '0')
}
