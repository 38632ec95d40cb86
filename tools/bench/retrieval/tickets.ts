import type { CodeBase } from './code-base';
import type { Question } from './questions';
import { randomOf } from './sample';

const TITLE_WORDS = 12;
/** Share of tickets with a stack trace through the correct file; the same share has a trace without it. */
const TRACE_SHARE = 0.3;
const FRAMES = 3;
const FORMS = [
  (body: string, trace: string) =>
    `### Prerequisites\n\n- [x] I have searched the existing issues\n- [x] I use the latest version\n\n### Describe the bug\n\n${body}\n\n### To reproduce\n\n1. Install the latest release\n2. Run the code\n3. See the error\n\n${trace}\n\n### Expected behavior\n\nIt works as described in the documentation.\n\n### Environment\n\n- OS: Ubuntu 22.04\n- Version: 4.2.1\n- Browser: Chrome 118\n`,
  (body: string, trace: string) =>
    `<!-- Thank you for reporting a problem! Please fill in as much of the template below as you can. -->\n**Version**: v18.16.0\n**Platform**: Linux 5.15.0-76-generic x86_64\n\n**Description**\n\n${body}\n\n${trace}\n\n**Possible Solution**\n\n_No response_\n\n**Additional context**\n\nIt worked before the last upgrade. Happy to open a pull request.\n`,
  (body: string, trace: string) =>
    `Hi, thanks for the great work on this project!\n\n${body}\n\n${trace}\n\nIs this intended, or am I doing something wrong? I would expect no error here.\n`,
];

/** Rewrites questions as tickets: with a title, a form, stack traces and version details. */
export function ticketsOf(asked: Question[], files: CodeBase, seed: number): Question[] {
  const random = randomOf(seed);
  const code = [...files.keys()].filter((path) => /\.(py|php|go|ts|js)$/.test(path));
  const pick = <T>(list: T[]) => list[Math.floor(random() * list.length)]!;
  return asked.map((one) => {
    const [title = '', ...rest] = one.text.split('\n');
    const draw = random();
    const correct = draw < TRACE_SHARE ? [pick(one.paths)] : [];
    const trace =
      draw < 2 * TRACE_SHARE
        ? traceOf([...Array.from({ length: FRAMES }, () => pick(code)), ...correct], files, pick)
        : '';
    const heading = title.split(' ').slice(0, TITLE_WORDS).join(' ');
    return { ...one, text: `${heading}\n\n${pick(FORMS)(rest.length > 0 ? rest.join('\n').trim() : title, trace)}` };
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
