import { InvalidError } from '@teko/domain';

const MAX_HEADER_BYTES = 4_096;
const MAX_OBJECTS = 400_000;
const FIRST_LINE = /^# v([23]) git bundle$/;
const COMMIT = /^[0-9a-f]{40}$/;

/**
 * Throws InvalidError unless the header of a git bundle names only `ref` and needs only the commit `base`, and its pack has a
 * plausible number of objects. Returns the pack.
 */
export function requireBundle(bundle: Buffer, { ref, base }: { ref: string; base: string }): Buffer {
  const end = bundle.subarray(0, MAX_HEADER_BYTES).indexOf('\n\n');
  if (end < 0) throw invalid('it has no header');
  const [first = '', ...lines] = bundle.toString('latin1', 0, end).split('\n');
  const version = FIRST_LINE.exec(first)?.[1];
  if (!version) throw invalid('its version is unknown');
  let refs = 0;
  for (const line of lines) {
    const needed = /^-([0-9a-f]+)( .*)?$/.exec(line)?.[1];
    const [commit = '', name] = line.split(' ');
    if (line === '@object-format=sha1' && version === '3') continue;
    if (needed === base) continue;
    if (needed) throw invalid('it needs another commit than the one that the run started from');
    if (!COMMIT.test(commit) || name !== ref || ++refs > 1) throw invalid('it has other refs or capabilities');
  }
  if (refs !== 1) throw invalid('it has no ref');
  const pack = bundle.subarray(end + 2, end + 14);
  if (pack.length < 12 || pack.toString('latin1', 0, 4) !== 'PACK' || pack.readUInt32BE(4) !== 2)
    throw invalid('it has no pack');
  const objects = pack.readUInt32BE(8);
  if (objects > MAX_OBJECTS) throw invalid(`it has ${objects} objects`);
  return bundle.subarray(end + 2);
}

function invalid(reason: string): InvalidError {
  return new InvalidError({ change: `is not a valid bundle: ${reason}` });
}
