/** Returns the tarball's name and files from what `npm pack --json` prints, after the output of its scripts. */
export function readPacked(stdout: string): { filename: string; paths: string[] } {
  const text = stdout.slice(stdout.indexOf('[\n'));
  const [{ filename, files }] = JSON.parse(text) as [{ filename: string; files: { path: string }[] }]; // as npm prints it
  return { filename, paths: files.map(({ path }) => path) };
}
