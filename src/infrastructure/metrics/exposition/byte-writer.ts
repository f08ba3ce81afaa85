/** Appends bytes to a buffer that grows. */
export class ByteWriter {
  bytes: Buffer;
  length = 0;

  /** `capacity` is the expected size in bytes. A good guess saves the copying when the buffer grows. */
  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
  }

  /** Makes room for this many more bytes. */
  reserve(sizeBytes: number): void {
    if (this.length + sizeBytes <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.length + sizeBytes));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }

  /** Appends the text as UTF-8. */
  writeText(text: string): void {
    this.reserve(text.length * 3);
    this.length += this.bytes.write(text, this.length);
  }

  copy(source: Buffer, start: number, end: number): void {
    this.reserve(end - start);
    source.copy(this.bytes, this.length, start, end);
    this.length += end - start;
  }

  written(): Buffer {
    return this.bytes.subarray(0, this.length);
  }
}
