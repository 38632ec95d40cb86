/**
 * Reads and writes files inside the sandbox, in a process of its own that runs no command. It reads one request per line from
 * standard input, and answers each with one line on standard output. It is a string because the sandbox has no access to Teko's files.
 */
export const FILE_PROGRAM = String.raw`
const fs = require('node:fs');
const path = require('node:path');
const root = fs.realpathSync(process.cwd());
const { O_RDONLY, O_WRONLY, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
const MAX_NAMES = 200000;

function outside(name) { throw new Error(name + ' is outside the workspace'); }

function inWorkspace(name) {
  const full = path.resolve(root, name);
  let probe = full;
  while (!fs.existsSync(probe)) probe = path.dirname(probe);
  const real = path.join(fs.realpathSync(probe), path.relative(probe, full));
  if (real !== root && !real.startsWith(root + '/')) outside(name);
  return real;
}

/** Opens a regular file. A command can replace a folder by a link at any time, so the opened file itself is checked. */
function openFile(name, full, flags, mode) {
  const fd = fs.openSync(full, flags | O_NOFOLLOW | O_NONBLOCK, mode);
  try {
    if (!fs.readlinkSync('/proc/self/fd/' + fd).startsWith(root + '/')) outside(name);
    if (!fs.fstatSync(fd).isFile()) throw new Error(name + ' is not a file');
    return fd;
  } catch (error) { fs.closeSync(fd); throw error; }
}

function openForWriting(name, full) {
  const open = () => openFile(name, full, O_WRONLY | O_CREAT, 0o644);
  try { return open(); } catch (error) {
    if (error.code !== 'EACCES' || !fs.lstatSync(full).isFile()) throw error;
    const mode = fs.statSync(full).mode & 0o7777;
    fs.chmodSync(full, mode | 0o200);
    try { const fd = open(); fs.fchmodSync(fd, mode); return fd; } catch (last) { try { fs.chmodSync(full, mode); } catch {} throw last; }
  }
}

const operations = {
  readFile({ path: name, maxBytes }) {
    const fd = openFile(name, inWorkspace(name), O_RDONLY);
    try {
      const buffer = Buffer.alloc(Math.min(fs.fstatSync(fd).size, maxBytes));
      let length = 0;
      for (let read; length < buffer.length && (read = fs.readSync(fd, buffer, length, buffer.length - length, length)) > 0; ) length += read;
      return { content: buffer.subarray(0, length).toString('base64'), truncated: fs.fstatSync(fd).size > maxBytes };
    } finally { fs.closeSync(fd); }
  },
  writeFile({ path: name, content, mode }) {
    const full = inWorkspace(name);
    fs.mkdirSync(path.dirname(full), { recursive: true });
    const fd = openForWriting(name, full);
    try {
      const bytes = Buffer.from(content, 'base64');
      fs.ftruncateSync(fd, 0);
      for (let done = 0; done < bytes.length; ) done += fs.writeSync(fd, bytes, done, bytes.length - done, done);
      if (mode !== null) fs.fchmodSync(fd, mode);
    } finally { fs.closeSync(fd); }
    return {};
  },
  list({ path: name, depth, limit }) {
    const entries = [];
    const visit = (folder, level) => {
      const names = [];
      const dir = fs.opendirSync(folder);
      try { for (let entry; names.length < MAX_NAMES && (entry = dir.readSync()); ) names.push(entry); } finally { dir.closeSync(); }
      for (const entry of names.sort((a, b) => (a.name < b.name ? -1 : 1))) {
        if (entries.length >= limit) return;
        const full = path.join(folder, entry.name);
        if (entry.name === '.git' && folder === root) continue;
        const type = entry.isSymbolicLink() ? 'link' : entry.isDirectory() ? 'dir' : entry.isFile() ? 'file' : 'other';
        let bytes = 0;
        try { if (type === 'file') bytes = fs.lstatSync(full).size; } catch {}
        entries.push({ path: path.relative(root, full), type, bytes });
        if (type === 'dir' && level < depth) try { visit(full, level + 1); } catch {}
      }
    };
    visit(inWorkspace(name), 1);
    return { entries };
  },
};

function respond(message) {
  const line = Buffer.from(JSON.stringify(message) + '\n');
  for (let done = 0; done < line.length; ) {
    try { done += fs.writeSync(1, line, done); } catch (error) {
      if (error.code !== 'EAGAIN') process.exit(1);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

let chunks = [];
process.stdin.on('data', (chunk) => {
  for (let end; (end = chunk.indexOf(10)) !== -1; chunk = chunk.subarray(end + 1)) {
    const { id, op, ...args } = JSON.parse(Buffer.concat([...chunks, chunk.subarray(0, end)]).toString());
    chunks = [];
    let answer;
    try { answer = { id, value: operations[op](args) }; }
    catch (error) { answer = { id, error: String(error.message).slice(0, 2000) }; }
    respond(answer);
  }
  chunks.push(chunk);
});
process.stdin.on('end', () => process.exit(0));
`;
