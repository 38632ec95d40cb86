/** Keeps the beginning and the end of an output in bounded memory. */
export class OutputBuffer {
  private readonly half: number;
  private readonly head: Buffer[] = [];
  private headBytes = 0;
  private tail: Buffer[] = [];
  private tailBytes = 0;
  private totalBytes = 0;

  constructor(maxBytes: number) {
    this.half = Math.floor(maxBytes / 2);
  }

  add(chunk: Buffer): void {
    this.totalBytes += chunk.length;
    const room = Math.min(this.half - this.headBytes, chunk.length);
    if (room > 0) {
      this.head.push(Buffer.from(chunk.subarray(0, room)));
      this.headBytes += room;
    }
    if (room < chunk.length) this.addToTail(chunk.subarray(Math.max(room, 0)));
  }

  text(): { head: string; tail: string; omittedBytes: number } {
    const all = Buffer.concat(this.tail);
    const tail = all.subarray(Math.max(0, all.length - this.half));
    return {
      head: Buffer.concat(this.head).toString('utf8'),
      tail: tail.toString('utf8'),
      omittedBytes: this.totalBytes - this.headBytes - tail.length,
    };
  }

  private addToTail(chunk: Buffer): void {
    this.tail.push(Buffer.from(chunk.subarray(Math.max(0, chunk.length - this.half))));
    this.tailBytes += this.tail.at(-1)!.length;
    // Dropped in batches, so that each byte is copied a bounded number of times.
    if (this.tailBytes <= 2 * this.half + 65_536) return;
    const joined = Buffer.concat(this.tail);
    this.tail = [Buffer.from(joined.subarray(joined.length - this.half))];
    this.tailBytes = this.half;
  }
}
