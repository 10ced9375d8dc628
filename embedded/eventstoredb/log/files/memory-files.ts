import type { Files, StoreFile } from './store-file.ts'

/** Files that are gone with the process. */
export class MemoryFiles implements Files {
  readonly path: string
  readonly #files = new Map<string, MemoryFile>()
  readonly #folders = new Map<string, MemoryFiles>()

  constructor(path = 'memory') {
    this.path = path
  }

  names(): Promise<string[]> {
    return Promise.resolve([...this.#files.keys()])
  }

  create(name: string): Promise<StoreFile> {
    if (this.#files.has(name)) return Promise.reject(new Error(`${this.path}/${name} exists.`))
    const file = new MemoryFile(`${this.path}/${name}`)
    this.#files.set(name, file)
    return Promise.resolve(file)
  }

  open(name: string): Promise<StoreFile> {
    const file = this.#files.get(name)
    return file === undefined
      ? Promise.reject(new Error(`${this.path}/${name} does not exist.`))
      : Promise.resolve(file)
  }

  rename(from: string, to: string): Promise<void> {
    const file = this.#files.get(from)
    if (file === undefined) return Promise.reject(new Error(`${this.path}/${from} does not exist.`))
    this.#files.delete(from)
    file.path = `${this.path}/${to}`
    this.#files.set(to, file)
    return Promise.resolve()
  }

  remove(name: string): Promise<void> {
    this.#files.delete(name)
    return Promise.resolve()
  }

  folder(name: string): Promise<Files> {
    const folder = this.#folders.get(name) ?? new MemoryFiles(`${this.path}/${name}`)
    this.#folders.set(name, folder)
    return Promise.resolve(folder)
  }
}

const smallest = 64 * 1024

class MemoryFile implements StoreFile {
  path: string
  #bytes = Buffer.alloc(0)
  #size = 0

  constructor(path: string) {
    this.path = path
  }

  get size(): number {
    return this.#size
  }

  append(parts: readonly Buffer[]): Promise<void> {
    for (const part of parts) {
      this.#makeRoom(part.length)
      part.copy(this.#bytes, this.#size)
      this.#size += part.length
    }
    return Promise.resolve()
  }

  read(offset: number, length: number): Buffer {
    return this.#bytes.subarray(offset, Math.min(offset + length, this.#size))
  }

  truncate(size: number): Promise<void> {
    this.#size = size
    return Promise.resolve()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #makeRoom(length: number): void {
    const size = this.#size + length
    if (size <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(smallest, size, this.#bytes.length * 2))
    this.#bytes.copy(larger, 0, 0, this.#size)
    this.#bytes = larger
  }
}
