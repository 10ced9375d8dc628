import { isById, type EntryKey } from './entry.ts'

const bitsPerKey = 10
const probes = 7
/** However long the log gets: what a run's filter may take of the memory. */
const maxBits = 32 * 1024 * 1024

/** Says of most streams and ids that aren't in a run that they aren't, without a look into the run's file. */
export class BloomFilter {
  readonly bytes: Buffer
  readonly #bits: number

  constructor(bytes: Buffer) {
    this.bytes = bytes
    this.#bits = bytes.length * 8
  }

  static forKeys(count: number): BloomFilter {
    const bits = Math.min(maxBits, Math.max(64, count * bitsPerKey))
    return new BloomFilter(Buffer.alloc(Math.ceil(bits / 8)))
  }

  /** Entries by revision count for their stream alone. */
  add(key: EntryKey): void {
    const [one, two] = hashesOf(key)
    for (let probe = 0; probe < probes; probe += 1) {
      const bit = ((one + Math.imul(probe, two)) >>> 0) % this.#bits
      this.bytes[bit >>> 3] = (this.bytes[bit >>> 3] ?? 0) | (1 << (bit & 7))
    }
  }

  mayHave(key: EntryKey): boolean {
    const [one, two] = hashesOf(key)
    for (let probe = 0; probe < probes; probe += 1) {
      const bit = ((one + Math.imul(probe, two)) >>> 0) % this.#bits
      if (((this.bytes[bit >>> 3] ?? 0) & (1 << (bit & 7))) === 0) return false
    }
    return true
  }
}

function hashesOf(key: EntryKey): [number, number] {
  const one = (key.high ^ Math.imul(key.low & 0xff, 0x9e3779b1)) >>> 0
  const two = Math.floor(key.low / 256) >>> 0
  if (!isById(key)) return [one, two | 1]
  return [(one ^ key.sub) >>> 0, ((two ^ Math.floor(key.sub / 0x1_0000)) | 1) >>> 0]
}
