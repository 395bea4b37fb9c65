import tseslint from "typescript-eslint";

/** The house: which folder may import which. A folder may always import itself. */
const mayImport = {
  catalog: [],
  environment: ["catalog"],
  planning: ["catalog"],
  components: ["catalog", "planning"],
  stacks: ["catalog", "environment", "planning", "components"],
  policies: ["catalog", "environment"],
};
/** Of these folders only types may be imported, so nothing of them runs there. */
const mayImportTypes = { planning: ["environment"], components: ["environment"] };
const folders = [...Object.keys(mayImport), "tools", "test"];

/** Provider roots load everything; submodules load what is used. */
const providerRoots = ["@pulumi/aws", "@pulumi/kubernetes"].map((name) => ({
  name,
  message: "Import a submodule, such as @pulumi/kubernetes/apps/v1: the root loads and type-checks every service.",
}));

function importRule(folder) {
  const allowed = new Set([folder, ...mayImport[folder]]);
  const typesOnly = new Set(mayImportTypes[folder] ?? []);
  const patterns = folders
    .filter((other) => !allowed.has(other))
    .map((other) => ({
      regex: `^(\\.\\./)+${other}(/|$)`,
      allowTypeImports: typesOnly.has(other),
      message: `${folder}/ may not import ${other}/${typesOnly.has(other) ? " (its types may)" : ""}: see "The house" in CONTRIBUTING.md.`,
    }));
  return {
    files: [`${folder}/**/*.ts`],
    rules: { "@typescript-eslint/no-restricted-imports": ["error", { paths: providerRoots, patterns }] },
  };
}

/** Parts of the platform do not know each other; the stack wires them together. */
const componentParts = ["namespaces", "nodes", "priorities", "releases", "secrets", "weights"];
const partRules = componentParts.map((part) => ({
  files: [`components/${part}/**/*.ts`],
  rules: {
    "@typescript-eslint/no-restricted-imports": [
      "error",
      {
        paths: providerRoots,
        patterns: [
          ...componentParts
            .filter((other) => other !== part)
            .map((other) => ({
              regex: `^\\.\\./${other}(/|$)`,
              message: "Parts do not import each other: put what they share into components/base.",
            })),
          ...["stacks", "policies", "tools", "test"].map((other) => ({
            regex: `^(\\.\\./)+${other}(/|$)`,
            message: `components/ may not import ${other}/.`,
          })),
          {
            regex: "^(\\.\\./)+environment(/|$)",
            allowTypeImports: true,
            message: "components/ may import types of environment/ only.",
          },
        ],
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ["node_modules", ".modelyard", "coverage"] },
  {
    files: ["**/*.ts", "**/*.mts"],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // process.env.HOME is how everyone writes it.
      "@typescript-eslint/dot-notation": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-restricted-imports": ["error", { paths: providerRoots }],
      "max-lines": ["error", { max: 300, skipBlankLines: true, skipComments: true }],
      "no-console": "error",
    },
  },
  // A resource exists because it was constructed: many are never used again.
  { files: ["components/**/*.ts", "stacks/**/*.ts", "policies/index.ts"], rules: { "no-new": "off" } },
  // Tests read parsed JSON and recorded properties, whose shapes they assert.
  {
    files: ["test/**/*.ts"],
    rules: {
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-empty-function": "off",
      "@typescript-eslint/require-await": "off",
    },
  },
  ...Object.keys(mayImport).map(importRule),
  ...partRules,
);
