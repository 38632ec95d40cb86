/** The complete environment of commands in the sandbox. Nothing is inherited from the host. */
export const SANDBOX_ENV: Record<string, string> & { PATH: string } = {
  PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
  HOME: '/tmp/home',
  LANG: 'C.UTF-8',
  TMPDIR: '/tmp',
  CI: '1',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'safe.directory',
  GIT_CONFIG_VALUE_0: '*',
};

/**
 * The program that runs inside a sandbox. It reads requests as JSON lines from standard input, and writes responses as JSON lines
 * to standard output. It is a string because the sandbox has no access to Teko's files.
 */
export const SANDBOX_PROGRAM = String.raw`
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const config = JSON.parse(process.env.TEKO_SANDBOX_CONFIG);
const root = process.cwd();
const groups = new Map();
const respond = (message) => process.stdout.write(JSON.stringify(message) + '\n');
const killGroup = (pid) => { try { process.kill(-pid, 'SIGKILL'); } catch {} };

function inWorkspace(name) {
  const full = path.resolve(root, name);
  let probe = full;
  while (!fs.existsSync(probe)) probe = path.dirname(probe);
  const real = path.join(fs.realpathSync(probe), path.relative(probe, full));
  if (real !== root && !real.startsWith(root + '/')) throw new Error(name + ' is outside the workspace');
  return real;
}

function exec(id, { argv, cwd, env, stdin, timeoutMs, outputBytes, killBytes, binary }) {
  const started = Date.now();
  const half = Math.floor(outputBytes / 2);
  let head = Buffer.alloc(0), tail = Buffer.alloc(0), total = 0, timedOut = false, exceededOutput = false, all = [];
  const child = spawn(argv[0], argv.slice(1), { cwd: inWorkspace(cwd || '.'), env: { ...config.env, ...env }, detached: true, stdio: ['pipe', 'pipe', binary ? 'ignore' : 'pipe'] });
  groups.set(id, child.pid);
  const timer = setTimeout(() => { timedOut = true; killGroup(child.pid); }, timeoutMs);
  const collect = (chunk) => {
    total += chunk.length;
    if (total > killBytes) { exceededOutput = true; killGroup(child.pid); return; }
    if (binary) return void all.push(chunk);
    if (head.length < half) { const room = half - head.length; head = Buffer.concat([head, chunk.subarray(0, room)]); chunk = chunk.subarray(room); }
    if (chunk.length) tail = Buffer.concat([tail, chunk]).subarray(-half);
  };
  child.stdout.on('data', collect);
  if (child.stderr) child.stderr.on('data', collect);
  child.stdin.on('error', () => {});
  child.stdin.end(stdin || '');
  let ended = false;
  const done = (code, signal, error) => {
    if (ended) return;
    ended = true;
    clearTimeout(timer);
    killGroup(child.pid);
    groups.delete(id);
    if (error) tail = Buffer.from(error.message);
    respond({ id, result: { code, signal, timedOut, limit: exceededOutput ? 'output' : null, head: head.toString(), tail: tail.toString(), totalBytes: total, durationMs: Date.now() - started }, bytes: binary ? Buffer.concat(all).toString('base64') : undefined });
  };
  child.on('error', (error) => done(127, null, error));
  child.on('exit', (code, signal) => {
    // Remaining child processes keep the pipes open. They are killed with their group.
    const grace = setTimeout(() => { killGroup(child.pid); done(code, signal); }, 500);
    child.on('close', () => { clearTimeout(grace); done(code, signal); });
  });
}

const files = {
  readFile({ name, maxBytes }) {
    const fd = fs.openSync(inWorkspace(name), fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK);
    try {
      const stat = fs.fstatSync(fd);
      if (!stat.isFile()) throw new Error(name + ' is not a file');
      const buffer = Buffer.alloc(Math.min(stat.size, maxBytes));
      const content = buffer.subarray(0, fs.readSync(fd, buffer, 0, buffer.length, 0)).toString('base64');
      return { content, truncated: stat.size > maxBytes };
    } finally { fs.closeSync(fd); }
  },
  writeFile({ name, content, mode }) {
    const full = inWorkspace(name);
    fs.mkdirSync(path.dirname(full), { recursive: true });
    fs.writeFileSync(full, Buffer.from(content, 'base64'));
    if (mode) fs.chmodSync(full, mode);
  },
  list({ name, depth, limit }) {
    const found = [];
    const visit = (folder, level) => {
      for (const entry of fs.readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
        if (found.length >= limit) return;
        const full = path.join(folder, entry.name);
        if (entry.name === '.git' && folder === root) continue;
        const type = entry.isSymbolicLink() ? 'link' : entry.isDirectory() ? 'dir' : entry.isFile() ? 'file' : 'other';
        found.push({ path: path.relative(root, full), type, bytes: type === 'file' ? fs.lstatSync(full).size : 0 });
        if (type === 'dir' && level < depth) visit(full, level + 1);
      }
    };
    visit(inWorkspace(name), 1);
    return found;
  },
};

function usage() {
  let memory = 0, processes = 0;
  for (const pid of fs.readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try { memory += Number(fs.readFileSync('/proc/' + pid + '/statm', 'latin1').split(' ')[1]) * 4096; processes++; } catch {}
  }
  return { memory, processes };
}

function stopAll(reason) {
  respond({ warning: reason });
  for (const pid of groups.values()) killGroup(pid);
}

if (config.watch) setInterval(() => {
  const { memory, processes } = usage();
  if (memory > config.memoryBytes) stopAll('memory');
  else if (processes > config.processes) stopAll('processes');
}, 100).unref();

let rest = '';
process.stdin.on('data', (chunk) => {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop();
  for (const line of lines) {
    const { id, op, ...args } = JSON.parse(line);
    try {
      if (op === 'exec') exec(id, args);
      else if (op === 'kill') groups.has(args.target) && killGroup(groups.get(args.target));
      else respond({ id, value: files[op](args) ?? null });
    } catch (error) { respond({ id, error: error.message }); }
  }
});
process.stdin.on('end', () => process.exit(0));
respond({ ready: true });
`;
