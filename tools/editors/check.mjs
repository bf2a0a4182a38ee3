// Validates what editors complete by schemas/ with ajv, as draft-07: every
// declaration and config.yml are accepted, every file of broken/ is refused at
// the place that it is named after.
import { createRequire } from "node:module";
import { readFileSync, readdirSync } from "node:fs";
import { dirname, resolve } from "node:path";

const load = createRequire(resolve(process.argv[2], "package.json"));
const Ajv = load("ajv").default;
const yaml = load("yaml");

const ajv = new Ajv({ strict: false, allErrors: true });
const text = (file) => readFileSync(file, "utf8");
const validators = {
  source: ajv.compile(JSON.parse(text("schemas/source.schema.json"))),
  config: ajv.compile(JSON.parse(text("schemas/config.schema.json"))),
};

// problems of a file: empty when its schema accepts it.
function problems(file) {
  const isYAML = file.endsWith(".yml");
  const validate = isYAML ? validators.config : validators.source;
  if (validate(isYAML ? yaml.parse(text(file)) : JSON.parse(text(file)))) return [];
  return validate.errors.map((e) => `${file}: ${e.instancePath || "/"} ${e.message} ${JSON.stringify(e.params)}`);
}

const broken = "tools/editors/broken";
const declarations = readdirSync("sources").map((name) => `sources/${name}/schema.json`).filter((file) => {
  try { return text(file) !== ""; } catch { return false; }
});
let failed = declarations.length === 0;

for (const file of [...declarations, "config.yml"]) {
  const found = problems(file);
  console.log(`${found.length ? "REFUSED " : "accepted"} ${file}`);
  found.forEach((line) => console.log(`         ${line}`));
  failed ||= found.length > 0;
}
for (const file of declarations) {
  const schema = JSON.parse(text(file)).$schema;
  if (resolve(dirname(file), schema) !== resolve("schemas/source.schema.json")) {
    console.log(`${file}: $schema is ${schema}, not ../../schemas/source.schema.json`);
    failed = true;
  }
}
for (const name of readdirSync(broken)) {
  const found = problems(`${broken}/${name}`);
  const named = found.filter((line) => line.includes(name.split(".")[0] === "key" ? "additionalProp" : ""));
  console.log(`${named.length ? "refused " : "ACCEPTED"} ${named[0] ?? `${broken}/${name}`}`);
  failed ||= named.length === 0;
}
process.exit(failed ? 1 : 0);
