import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Names compiled files in the declarations below a folder: the compiler leaves `.ts` in their imports, which older
 * compilers do not read.
 */
export function nameCompiledFiles(folder: string): void {
  for (const path of globSync('**/*.d.ts', { cwd: folder })) {
    const text = readFileSync(join(folder, path), 'utf8');
    const named = text.replace(/((?:from|import|module) ?\(?['"]\.[^'"]*)\.ts(['"])/g, '$1.js$2');
    if (named !== text) writeFileSync(join(folder, path), named);
  }
}
