// The rules of this house that no shipped lint rule expresses. Plain JavaScript: the linter loads it under whatever Node runs it.
import { posix, relative, sep } from "node:path";

/** The folder of src that a path (relative to the repository, with slashes) belongs to, or undefined outside of src's folders. */
function folderOf(path) {
  const parts = path.split("/");
  return parts[0] === "src" && parts.length > 2 ? parts[1] : undefined;
}

/** The name of the package that an import specifier asks for: "@octokit/core" of "@octokit/core/types". */
function packageOf(specifier) {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/** Whether an entry of the table covers a package: itself, "node:*" for all of Node's own, "*" for any package. */
function covers(entry, specifier) {
  if (entry === "node:*") return specifier.startsWith("node:");
  if (entry === "*") return !specifier.startsWith("node:");
  return entry === specifier || entry === packageOf(specifier);
}

function refusal(table, file, specifier) {
  const folder = folderOf(file);
  if (folder === undefined) return undefined;
  const allowed = table[folder];
  if (allowed === undefined) return `src/${folder} is missing from the table of directions in .oxlintrc.json`;
  if (!specifier.startsWith("."))
    return allowed.some((entry) => covers(entry, specifier))
      ? undefined
      : `src/${folder} may not import "${specifier}"`;
  const target = posix.join(posix.dirname(file), specifier);
  const to = folderOf(target);
  if (to === folder || allowed.includes(to === undefined ? target : `src/${to}`)) return undefined;
  return `src/${folder} may not import ${target}`;
}

/** Imports between the folders of src, and of packages by them, follow one table. Types count as well. */
const direction = {
  meta: { type: "problem", schema: [{ type: "object" }] },
  create(context) {
    const file = relative(context.cwd, context.filename).split(sep).join("/");
    const check = (node) => {
      const specifier = node.source?.value;
      if (typeof specifier !== "string") return;
      const message = refusal(context.options[0], file, specifier);
      if (message !== undefined) context.report({ node: node.source, message });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
      TSImportType: check,
    };
  },
};

/** Classes are for errors only; everything else is data and functions. */
const onlyErrorClasses = {
  meta: { type: "problem" },
  create(context) {
    const check = (node) => {
      if (node.superClass?.type === "Identifier" && node.superClass.name.endsWith("Error")) return;
      context.report({ node, message: "Only errors are classes: write a type and functions." });
    };
    return { ClassDeclaration: check, ClassExpression: check };
  },
};

/** Time is a parameter: neither `new Date()` nor `Date()` without the instant. (`Date.now` is a restricted property.) */
const noCurrentDate = {
  meta: { type: "problem" },
  create(context) {
    const message = "Time is a parameter here: take the instant as an argument.";
    return {
      NewExpression(node) {
        if (node.callee.name === "Date" && node.arguments.length === 0) context.report({ node, message });
      },
      CallExpression(node) {
        if (node.callee.name === "Date") context.report({ node, message });
      },
    };
  },
};

/** No state at module level: what changes is passed in. */
const noModuleState = {
  meta: { type: "problem" },
  create(context) {
    return {
      VariableDeclaration(node) {
        const parent = node.parent.type === "ExportNamedDeclaration" ? node.parent.parent : node.parent;
        if (parent.type === "Program" && node.kind !== "const")
          context.report({ node, message: "No state at module level: pass it in." });
      },
    };
  },
};

// The linter reads its plugins from the default export, the one place where the house has one.
export default {
  meta: { name: "house" },
  rules: {
    direction,
    "only-error-classes": onlyErrorClasses,
    "no-current-date": noCurrentDate,
    "no-module-state": noModuleState,
  },
};
