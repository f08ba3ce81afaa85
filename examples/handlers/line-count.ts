import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

const MAX_FILE_BYTES = 5 * 1_048_576;
const CHUNK_BYTES = 65_536;
const NEWLINE = 10;

/**
 * Returns the number of lines of a text file. Returns undefined for a file that is missing, binary or over 5 MiB, for a
 * symlink, and for anything else that is not a regular file.
 */
export async function countLines(path: string): Promise<number | undefined> {
  // Without O_NONBLOCK, opening a named pipe would wait for its writer.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat().then((stat) => (stat.isFile() ? stat : { size: Infinity }));
    return size > MAX_FILE_BYTES ? undefined : await countIn(file);
  } finally {
    await file.close();
  }
}

async function countIn(file: FileHandle): Promise<number | undefined> {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  let lines = 0;
  let last = NEWLINE;
  let read = 0;
  while (read <= MAX_FILE_BYTES) {
    const { bytesRead } = await file.read(buffer, 0, CHUNK_BYTES);
    if (bytesRead === 0) return last === NEWLINE ? lines : lines + 1;
    const chunk = buffer.subarray(0, bytesRead);
    if (chunk.includes(0)) return undefined;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) lines++;
    last = chunk[bytesRead - 1] ?? NEWLINE;
    read += bytesRead;
  }
  return undefined; // it has grown since the check
}
