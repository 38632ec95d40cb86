import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { settingsTable } from './settings';
import { TEKO_SETTINGS } from './teko-settings';

const root = new URL('../../../', import.meta.url);
const documents = {
  'docs/configuration.md': `# Configuration\n\nGenerated from \`libs/platform/src/teko-settings.ts\` by \`npm run generate\`.\n\n${settingsTable(TEKO_SETTINGS)}\n`,
  '.env.example': `${Object.entries(TEKO_SETTINGS)
    .map(([key, setting]) => `# ${setting.description.replaceAll('`', '')}\n#${key}=`)
    .join('\n\n')}\n`,
};

it.each(Object.entries(documents))('%s matches the settings', (path, text) => {
  const file = new URL(path, root);
  if (process.env.UPDATE_DOCS) writeFileSync(file, text);
  expect(readFileSync(file, 'utf8')).toBe(text);
});
