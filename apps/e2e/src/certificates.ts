import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './resources';

export interface Certificates {
  cert: string;
  key: string;
  ca: string;
}

/** Makes an authority and a certificate of it for localhost and 127.0.0.1; returns their files. */
export function makeCertificates(): Certificates {
  const folder = temporaryFolder('certificates');
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  writeFileSync(file('names'), 'subjectAltName=IP:127.0.0.1,DNS:localhost');
  const newKey = ['req', '-newkey', 'rsa:2048', '-nodes', '-keyout'];
  openssl(...newKey, 'ca.key', '-x509', '-out', 'ca.crt', '-days', '2', '-subj', '/CN=Test authority');
  openssl(...newKey, 'server.key', '-out', 'server.csr', '-subj', '/CN=Test server');
  const sign = ['x509', '-req', '-in', 'server.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial'];
  openssl(...sign, '-days', '2', '-extfile', 'names', '-out', 'server.crt');
  return { cert: file('server.crt'), key: file('server.key'), ca: file('ca.crt') };
}
