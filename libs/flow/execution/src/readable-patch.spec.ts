import { expect, it } from 'vitest';
import { readablePatch } from './readable-patch';

it.each([
  ['diff --git "a/tab\\tname.txt" "b/tab\\tname.txt"', 'diff --git a/tab\tname.txt b/tab\tname.txt'],
  ['--- "a/quo\\"te\\\\x.txt"', '--- a/quo"te\\x.txt'],
  ['+++ "b/\\346\\227\\245 x"', '+++ b/日 x'],
  ['rename from "new\\nline"', 'rename from "new\\nline"'],
  ['index d55ec0e..a303cee 100644', 'index d55ec0e..a303cee 100644'],
])('shows %j as %j', (line, shown) => {
  expect(readablePatch(line)).toBe(shown);
});

it('does not change the lines of files', () => {
  const hunk = '@@ -1,2 +1,3 @@ "x"\n--- "a\\tb"\n+++ "a\\tb"\n+diff --git "a\\tb"\n "a\\tb"\n\\ No newline';
  expect(readablePatch(`${hunk}\n--- "a/b\\tc"`)).toBe(`${hunk}\n--- a/b\tc`);
});
