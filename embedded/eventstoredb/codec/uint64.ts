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

export const toSignedNumber = (value: Long): number => protobuf.util.LongBits.from(value).toNumber(false)

/** The 16 hexadecimal digits of a 64-bit number. */
export function toHex(value: Long): string {
  const { hi, lo } = protobuf.util.LongBits.from(value)
  return (hi >>> 0).toString(16).padStart(8, '0') + (lo >>> 0).toString(16).padStart(8, '0')
}
