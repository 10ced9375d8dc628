import { Code, StatusError } from '../../grpc/status.ts'

/** A file that only grows. Positions in it are byte offsets. */
export interface StoreFile {
  /** As messages to people name it. */
  readonly path: string
  /** Bytes that are written, and so may be read. */
  readonly size: number
  /** Resolves when all of it is on disk, in one write if the system can. One append at a time. */
  append(parts: readonly Buffer[]): Promise<void>
  /** Fewer bytes than asked for at the end of the file. */
  read(offset: number, length: number): Buffer
  /** Forgets what comes after the first `size` bytes. */
  truncate(size: number): Promise<void>
  close(): Promise<void>
}

/** Where the store keeps its files: a directory, or memory. */
export interface Files {
  readonly path: string
  names(): Promise<string[]>
  create(name: string): Promise<StoreFile>
  open(name: string): Promise<StoreFile>
  rename(from: string, to: string): Promise<void>
  remove(name: string): Promise<void>
  /** Files of their own under this name. */
  folder(name: string): Promise<Files>
}

/** The store isn't what was written to it. Says where, so that a person can look. */
export class DamagedStore extends StatusError {
  override readonly name = 'DamagedStore'

  constructor(path: string, offset: number, what: string) {
    super({
      code: Code.dataLoss,
      message: `The database is damaged: ${path} at byte ${offset}: ${what}`,
    })
  }
}
