// npm run schema: writes the JSON Schema of the config, which gives editors completion.
import { writeFileSync } from 'node:fs';
import { schemaText } from '../src/config/index.ts';

writeFileSync('schema/config.schema.json', schemaText());
