/** What the browser scripts may not do. Their types are checked by jsconfig.json, two floors up. */

import js from "@eslint/js";
import globals from "globals";

const MARKUP = "text goes in by textContent or make() of dom.js, so that no name of a place can become markup";
const INLINE = "the page's policy refuses it; set element.style.<property>, a class, or addEventListener";

export default [
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    languageOptions: {
      // what Chromium 80 reads: no ||=, no class fields, no top-level await
      ecmaVersion: 2020,
      sourceType: "module",
      globals: globals.browser,
    },
    rules: {
      "array-callback-return": "error",
      "consistent-return": "off", // an early bare return is the house's way out
      "default-case-last": "error",
      eqeqeq: ["error", "always"],
      "no-alert": "error",
      "no-console": "error",
      "no-duplicate-imports": "error",
      "no-eval": "error",
      "no-implicit-globals": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-promise-executor-return": "error",
      "no-script-url": "error",
      "no-self-compare": "error",
      "no-shadow": "error",
      "no-throw-literal": "error",
      "no-unmodified-loop-condition": "error",
      "no-unreachable-loop": "error",
      "no-unused-expressions": ["error", { allowShortCircuit: true }],
      "no-unused-vars": ["error", { args: "after-used", argsIgnorePattern: "^_", caughtErrors: "all" }],
      "no-use-before-define": ["error", { functions: false, classes: false, variables: false }],
      "no-useless-return": "error",
      "no-var": "error",
      "prefer-const": ["error", { destructuring: "all" }],
      "no-restricted-globals": ["error", { name: "event", message: "the listener's own argument is meant" }],
      "no-restricted-properties": [
        "error",
        { property: "innerHTML", message: MARKUP },
        { property: "outerHTML", message: MARKUP },
        { property: "insertAdjacentHTML", message: MARKUP },
        { property: "createContextualFragment", message: MARKUP },
        { property: "setHTMLUnsafe", message: MARKUP },
        { property: "srcdoc", message: MARKUP },
        { object: "document", property: "write", message: MARKUP },
        { object: "document", property: "writeln", message: MARKUP },
        { property: "bindPopup", message: MARKUP },
        { property: "bindTooltip", message: MARKUP },
        { property: "divIcon", message: MARKUP },
        { property: "cssText", message: INLINE },
      ],
      "no-restricted-syntax": [
        "error",
        { selector: "NewExpression[callee.name='DOMParser']", message: MARKUP },
        { selector: "CallExpression[callee.property.name='setAttribute'][arguments.0.value=/^(style|on)/i]", message: INLINE },
        { selector: "CallExpression[callee.name='make'] > ObjectExpression > Property[key.name=/^(style|on[a-z]+)$/]", message: INLINE },
        { selector: "AssignmentExpression[left.property.name=/^on[a-z]+$/]", message: "use addEventListener" },
        { selector: "Literal[value=/^(https?:)?\\u002f\\u002f(?!www\\.w3\\.org)/]", message: "every address is this server's; it comes with the page's configuration" },
        { selector: "Literal[value=/^#[0-9a-f]{3,8}$/i]", message: "colours are tokens of css/tokens.css" },
      ],
    },
  },
];
