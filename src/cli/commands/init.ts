import { relative } from 'node:path';
import { type Command, JSON_OPTION } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { createProject } from '../init/new-project.ts';

export const init: Command = {
  usage: 'FOLDER',
  description:
    'Makes a project in a new folder: a handler in TypeScript, its test, package.json, Dockerfile and compose.yml.',
  options: JSON_OPTION,
  arguments: { least: 1, most: 1 },
  run: async ({ arguments: [path = ''], isJson, terminal }) => {
    const project = createProject(path);
    if (isJson) {
      terminal.json(project);
      return EXIT.done;
    }
    const folder = relative('', project.folder);
    terminal.line(`${project.name} is in ${project.folder}: ${project.files.join(', ')}

${folder === '' ? '' : `  cd ${folder}\n`}  npm install
  npm test          tests the handler
  npx asdlc start   runs everything on this machine`);
    return EXIT.done;
  },
};
