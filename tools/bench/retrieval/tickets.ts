import type { CodeBase } from './code-base';
import type { Asked } from './questions';
import { randomOf } from './sample';

const TITLE_WORDS = 12;
/** So many of the tickets have a stack trace that passes through the right file; as many one that does not. */
const TRACED = 0.3;
const FRAMES = 3;
const FORMS = [
  (scenario: string, trace: string) =>
    `### Prerequisites\n\n- [x] I have searched the existing issues\n- [x] I use the latest version\n\n### Describe the bug\n\n${scenario}\n\n### To reproduce\n\n1. Install the latest release\n2. Run the code\n3. See the error\n\n${trace}\n\n### Expected behavior\n\nIt works as described in the documentation.\n\n### Environment\n\n- OS: Ubuntu 22.04\n- Version: 4.2.1\n- Browser: Chrome 118\n`,
  (scenario: string, trace: string) =>
    `<!-- Thank you for reporting a problem! Please fill in as much of the template below as you can. -->\n**Version**: v18.16.0\n**Platform**: Linux 5.15.0-76-generic x86_64\n\n**Description**\n\n${scenario}\n\n${trace}\n\n**Possible Solution**\n\n_No response_\n\n**Additional context**\n\nIt worked before the last upgrade. Happy to open a pull request.\n`,
  (scenario: string, trace: string) =>
    `Hi, thanks for the great work on this project!\n\n${scenario}\n\n${trace}\n\nIs this intended, or am I doing something wrong? I would expect no error here.\n`,
];

/** The same questions as people ask them in trackers: below a title, within a template, with stack traces and notes about versions. */
export function ticketsOf(asked: Asked[], files: CodeBase, seed: number): Asked[] {
  const random = randomOf(seed);
  const code = [...files.keys()].filter((path) => /\.(py|php|go|ts|js)$/.test(path));
  const pick = <T>(list: T[]) => list[Math.floor(random() * list.length)]!;
  return asked.map((one) => {
    const [title = '', ...rest] = one.text.split('\n');
    const chance = random();
    const through = chance < TRACED ? [pick(one.paths)] : [];
    const trace =
      chance < 2 * TRACED
        ? traceOf([...Array.from({ length: FRAMES }, () => pick(code)), ...through], files, pick)
        : '';
    const short = title.split(' ').slice(0, TITLE_WORDS).join(' ');
    return { ...one, text: `${short}\n\n${pick(FORMS)(rest.length > 0 ? rest.join('\n').trim() : title, trace)}` };
  });
}

function traceOf(paths: string[], files: CodeBase, pick: <T>(list: T[]) => T): string {
  const frames = paths
    .filter((path) => /\.(py|php|go|ts|js)$/.test(path))
    .map((path) => {
      const lines = files.get(path)!.split('\n');
      const at = pick([...lines.keys()].filter((line) => lines[line]!.trim().length > 8).concat(0));
      if (path.endsWith('.py'))
        return `  File "/usr/lib/python3.10/site-packages/${path}", line ${at + 1}, in run\n    ${lines[at]!.trim()}`;
      if (path.endsWith('.php')) return `#${at % 9} /var/www/vendor/acme/${path}(${at + 1}): run()`;
      if (path.endsWith('.go')) return `main.run(0xc000${at})\n\t/go/pkg/mod/${path}:${at + 1} +0x1d`;
      return `    at run (/app/node_modules/${path}:${at + 1}:12)`;
    });
  return `\`\`\`\n${frames.join('\n')}\n\`\`\``;
}
