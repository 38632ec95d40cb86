import { run } from './run';

const REMOVE = `rm -rf -- "$1" 2>/dev/null && exit
chmod -R u+rwX -- "$1" 2>/dev/null
exec rm -rf -- "$1" 2>/dev/null`;

/** Deletes a folder with paths of any length, which the file functions of Node.js cannot, and with closed permissions. */
export async function removeFolder(folder: string): Promise<void> {
  await run('sh', ['-c', REMOVE, 'remove', folder]);
}
