import type { SandboxSession } from '@teko/domain';

/** A file as it should be in a workspace. */
export interface WorkspaceFile {
  path: string;
  /** Null deletes it. */
  content: Buffer | string | null;
  /** Git mode: 100644, 100755, or 120000 for a link. */
  mode: string;
}

const TIMEOUT_MS = 120_000;

/** Reads lines of `<mode> <path> <content>`, the latter two in base64. Parents that are links or files are replaced by folders. */
const WRITE = `
set -e
cat > /tmp/.files
while read -r mode path content; do
  file=$(printf %s "$path" | base64 -d; printf x); file=./\${file%x}
  folder=$(dirname -- "$file"; printf x); folder=\${folder%?x}
  part=.
  IFS=/ read -r -d '' -a parts <<<"\${folder#./}/" || true
  for name in "\${parts[@]}"; do
    name=\${name%$'\\n'}
    [ -n "$name" ] || continue
    part="$part/$name"
    if [ -L "$part" ] || { [ -e "$part" ] && [ ! -d "$part" ]; }; then rm -f -- "$part"; fi
  done
  rm -rf -- "$file"
  [ "$mode" != delete ] || continue
  mkdir -p -- "$folder"
  if [ "$mode" = 120000 ]; then ln -s -- "$(printf %s "$content" | base64 -d)" "$file"; continue; fi
  printf %s "$content" | base64 -d > "$file"
  if [ "$mode" = 100755 ]; then chmod 755 -- "$file"; fi
done < /tmp/.files
rm /tmp/.files
`;

/** Puts a line before the content of each file, or replaces the content with it. Reads NUL-terminated paths. */
const BREAK = `
set -e
cat > /tmp/.files
while IFS= read -r -d '' file; do
  file="./$file"
  if [ ! -f "$file" ] || [ -L "$file" ]; then continue; fi
  if [ "$1" = replace ]; then printf '%s\\n' "$2" > "$file"; continue; fi
  { printf '%s\\n' "$2"; cat -- "$file"; } > /tmp/.broken && cat /tmp/.broken > "$file"
done < /tmp/.files
rm -f /tmp/.files /tmp/.broken
`;

/** Writes files of a fresh checkout, in which no code of the repository has run yet. Throws UnavailableError if that fails. */
export async function writeFiles(session: SandboxSession, files: WorkspaceFile[]): Promise<void> {
  if (files.length === 0) return;
  const encode = (content: Buffer | string) => Buffer.from(content).toString('base64');
  const lines = files.map(({ path, content, mode }) =>
    content === null ? `delete ${encode(path)}` : `${mode} ${encode(path)} ${encode(content)}`,
  );
  await session.output(['bash', '-c', WRITE], {
    stdin: `${lines.join('\n')}\n`,
    timeoutMs: TIMEOUT_MS,
    maxBytes: 64 * 1024,
  });
}

/** Makes files of a fresh checkout fail: with `line` before their content, or instead of it. */
export async function breakFiles(
  session: SandboxSession,
  paths: string[],
  { line, replace }: { line: string; replace: boolean },
): Promise<void> {
  if (paths.length === 0) return;
  await session.output(['bash', '-c', BREAK, 'break', replace ? 'replace' : 'prepend', line], {
    stdin: paths.map((path) => `${path}\0`).join(''),
    timeoutMs: TIMEOUT_MS,
    maxBytes: 64 * 1024,
  });
}
